import type pg from "pg";
import { assert } from "#server/domain/assert.ts";
import { gatherWrites } from "./gather-writes.ts";
import type { Statement, Tx } from "./tx.ts";

/** PostgreSQL cuts longer names short, and two of them could become one. */
const NAME_LENGTH_MAX = 63;
const textByName = new Map<string, string>();

// INVARIANT: one name is one text. With two, a connection that prepared the first would answer for the second.
function assertOneText({ name, text }: Statement): void {
  const known = textByName.get(name);
  if (known === text) return;
  assert(known === undefined, `statement ${name} has two texts`);
  assert(name.length > 0 && name.length <= NAME_LENGTH_MAX, `statement name ${name} is empty or too long`);
  textByName.set(name, text);
}

/** Runs a statement, prepared by its name once per connection. */
export async function runStatement<Row extends object>(
  client: pg.ClientBase,
  statement: Statement,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  assertOneText(statement);
  gatherWrites(client);
  const { rows } = await client.query<Row>({ name: statement.name, text: statement.text, values: [...values] });
  return rows;
}

/** A `Tx` over a connection that is inside a transaction. */
interface OpenTx extends Tx {
  /** No statement starts from now on. */
  end(): void;
  /** Resolves when all that was sent is done, well or not. */
  sent(): Promise<void>;
  /** The first failure of a sent statement so far: whatever failed after it failed because of it. */
  readonly failure: Error | null;
}

/** The connection must pipeline: statements go out at once, and the server runs them one after another. */
export function createTx(client: pg.ClientBase): OpenTx {
  let isOver = false;
  let failure: Error | null = null;
  let lastSent: Promise<void> = Promise.resolve();
  const start = <Row extends object>(statement: Statement, values?: readonly unknown[]): Promise<Row[]> => {
    assert(!isOver, `statement ${statement.name} came after its transaction`);
    const run = runStatement<Row>(client, statement, values);
    // Whoever started it may have been told of an earlier failure and be gone.
    run.catch(() => undefined);
    return run;
  };
  return {
    query: start,
    send(statement, values) {
      const run = start(statement, values);
      // Answers come in the order of the statements, so the last one's end is the end of all.
      lastSent = run.then(
        () => undefined,
        (error: unknown) => {
          failure ??= error instanceof Error ? error : new Error(String(error));
        },
      );
    },
    end() {
      isOver = true;
    },
    sent: () => lastSent,
    get failure() {
      return failure;
    },
  };
}
