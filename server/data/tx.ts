/**
 * One open transaction. Values are strings, numbers, booleans, Dates, null, arrays of those, or plain objects for jsonb.
 * Rows come back with `numeric` and `bigint` as strings and `timestamptz` as Date.
 */
export interface Tx {
  query<Row extends object>(statement: Statement, values?: readonly unknown[]): Promise<Row[]>;
}

/** SQL with a name: the driver prepares it once per connection. One verb per file holds one or few of these. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

export function statement(name: string, text: string): Statement {
  return { name, text };
}
