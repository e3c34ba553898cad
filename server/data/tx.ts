/**
 * Runs statements. Values are strings, numbers, booleans, Dates, null, arrays of those, or plain objects for jsonb.
 * Rows come back with `numeric` and `bigint` as strings and `timestamptz` as Date.
 */
export interface Statements {
  query<Row extends object>(statement: Statement, values?: readonly unknown[]): Promise<Row[]>;
}

/** One open transaction. Statements reach the server in the order in which they are started, and none waits for the answer to another. */
export interface Tx extends Statements {
  /**
   * Starts a write whose rows nobody needs, and does not wait for it. If it fails, the transaction fails with its error, whatever else
   * is said: it is for writes that either happen or raise, never for one that may quietly meet no row.
   */
  send(statement: Statement, values?: readonly unknown[]): void;
}

/** SQL with a name: the driver prepares it once per connection. One verb per file holds one or few of these. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

export function statement(name: string, text: string): Statement {
  return { name, text };
}
