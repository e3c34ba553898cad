import type pg from "pg";
import { assert } from "#server/domain/assert.ts";
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
  const { rows } = await client.query<Row>({ name: statement.name, text: statement.text, values: [...values] });
  return rows;
}

/** A `Tx` over a connection that is inside a transaction. Statements started together run one after another. */
export function createTx(client: pg.ClientBase): Tx & { end(): Promise<void> } {
  let last: Promise<unknown> = Promise.resolve();
  let isOver = false;
  return {
    query(statement, values) {
      assert(!isOver, `statement ${statement.name} came after its transaction`);
      const run = last.then(() => runStatement<never>(client, statement, values));
      last = run.catch(() => undefined);
      return run;
    },
    /** No statement starts from now on; resolves when those that have, are done. */
    async end() {
      isOver = true;
      await last;
    },
  };
}
