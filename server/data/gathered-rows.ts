import type { Rows } from "./open-tx.ts";
import type { SetStatement } from "./tx.ts";

/** Who asked with some of a set statement's rows, and waits for what the statement answers to them. */
export interface Asker {
  readonly rows: Rows;
  readonly resolve: (answer: object[]) => void;
  readonly reject: (error: unknown) => void;
}

/** Gives everybody the answers to their own rows; `answered` counts the rows of all askers on, in their order. */
export function distribute(askers: readonly Asker[], answered: readonly { readonly n?: number }[]): void {
  let before = 0;
  for (const { rows, resolve } of askers) {
    const [from, to] = [before, before + rows.length];
    resolve(answered.filter(({ n = 0 }) => n > from && n <= to));
    before = to;
  }
}

type Run = (statement: SetStatement, rows: Rows) => Promise<object[]>;

/**
 * Runs set statements that are transactions of their own: rows that are asked for while the same statement is under way wait for the next,
 * together. If one with several rows fails, each asker's runs again by itself. The rows must be of different things.
 */
export function createGatheredRows(run: Run): (statement: SetStatement, values: readonly unknown[]) => Promise<object[]> {
  const gatherings = new Map<string, { waiting: Asker[] }>();

  async function runTogether(statement: SetStatement, askers: readonly Asker[]): Promise<void> {
    const runAlone = ({ rows, resolve, reject }: Asker): Promise<void> => run(statement, rows).then(resolve, reject);
    const [only] = askers;
    if (only !== undefined && askers.length === 1) return runAlone(only);
    try {
      distribute(
        askers,
        await run(
          statement,
          askers.flatMap(({ rows }) => rows),
        ),
      );
    } catch {
      await Promise.all(askers.map(runAlone));
    }
  }

  async function runAll(statement: SetStatement, gathering: { waiting: Asker[] }): Promise<void> {
    while (gathering.waiting.length > 0) {
      const askers = gathering.waiting;
      gathering.waiting = [];
      await runTogether(statement, askers);
    }
    gatherings.delete(statement.name);
  }

  return (statement, values) =>
    new Promise((resolve, reject) => {
      const asker: Asker = { rows: [values], resolve, reject };
      const known = gatherings.get(statement.name);
      if (known !== undefined) {
        known.waiting.push(asker);
        return;
      }
      const gathering = { waiting: [asker] };
      gatherings.set(statement.name, gathering);
      // Jobs often end together: whoever asks in this turn of the loop is among the first.
      setImmediate(() => void runAll(statement, gathering));
    });
}
