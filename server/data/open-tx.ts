import type pg from "pg";
import { assert } from "#server/domain/assert.ts";
import { gatherWrites } from "./gather-writes.ts";
import { isSet, type Statement, type Tx } from "./tx.ts";

/** What a statement is given: one row of values, or any number for a set statement. */
export type Rows = readonly (readonly unknown[])[];

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

/** A set statement's rows as the arrays it takes, one for each column. */
function toColumns(columns: number, rows: Rows): unknown[][] {
  return Array.from({ length: columns }, (_, column) => rows.map((row) => row[column] ?? null));
}

/** Runs a statement, prepared by its name once per connection. Only a set statement takes other than one row of values. */
export async function runStatement<Row extends object>(
  client: pg.ClientBase,
  statement: Statement,
  rows: Rows = [[]],
): Promise<Row[]> {
  assertOneText(statement);
  gatherWrites(client);
  const { name, text } = statement;
  const values = isSet(statement) ? toColumns(statement.columns, rows) : [...(rows[0] ?? [])];
  return (await client.query<Row>({ name, text, values })).rows;
}

/** A `Tx` over a connection that is inside a transaction. */
export interface OpenTx extends Tx {
  /** Starts a statement; its failure fails the transaction, whether anybody waits for its rows or not. */
  run<Row extends object>(statement: Statement, rows: Rows): Promise<Row[]>;
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
  const start = <Row extends object>(statement: Statement, rows?: Rows): Promise<Row[]> => {
    assert(!isOver, `statement ${statement.name} came after its transaction`);
    const run = runStatement<Row>(client, statement, rows);
    // Whoever started it may have been told of an earlier failure and be gone.
    run.catch(() => undefined);
    return run;
  };
  const send = <Row extends object>(statement: Statement, rows?: Rows): Promise<Row[]> => {
    const run = start<Row>(statement, rows);
    // Answers come in the order of the statements, so the last one's end is the end of all.
    lastSent = run.then(
      () => undefined,
      (error: unknown) => {
        failure ??= error instanceof Error ? error : new Error(String(error));
      },
    );
    return run;
  };
  return {
    query: (statement, values) => start(statement, values && [values]),
    send: (statement, values) => void send(statement, values && [values]),
    sendRows(statement, rows) {
      if (rows.length > 0) void send(statement, rows);
    },
    run: send,
    apart: () => undefined,
    end() {
      isOver = true;
    },
    sent: () => lastSent,
    get failure() {
      return failure;
    },
  };
}
