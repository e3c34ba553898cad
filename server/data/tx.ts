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
   * To be called before rows are locked or written that are not the workspace's own. A transaction that is shared ends there and its work runs
   * apart, since members do not wait for each other's locks and do not see each other's writes.
   */
  apart(): void;
  /**
   * Starts a write whose rows nobody needs, and does not wait for it. If it fails, the transaction fails with its error, whatever else
   * is said: it is for writes that either happen or raise, never for one that may quietly meet no row.
   */
  send(statement: Statement, values?: readonly unknown[]): void;
  /** The same for any number of rows at once; none is nothing. */
  sendRows(statement: SetStatement, rows: readonly (readonly unknown[])[]): void;
}

/** SQL with a name: the driver prepares it once per connection. One verb per file holds one or few of these. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

export function statement(name: string, text: string): Statement {
  return { name, text };
}

/** A statement over any number of rows, so that transactions that run together share one. A plain `query` or `send` of it gives one row. */
export interface SetStatement extends Statement {
  readonly columns: number;
}

/**
 * `columns` are the names and PostgreSQL types of what a row holds, none of them an array. `text` is given a from-item called `item`
 * with these columns and `n`, the row's number from 1. A statement that answers rows answers `item.n::int as n` in each, and one row
 * of `item` must never depend on another, since they can be of different transactions' orders and workspaces.
 */
export function setStatement(
  name: string,
  columns: Readonly<Record<string, string>>,
  text: (items: string) => string,
): SetStatement {
  const types = Object.values(columns);
  const arrays = types.map((type, index) => `$${index + 1}::${type}[]`).join(", ");
  const items = `unnest(${arrays}) with ordinality as item (${[...Object.keys(columns), "n"].join(", ")})`;
  return { name, text: text(items), columns: types.length };
}

export function isSet(statement: Statement): statement is SetStatement {
  return "columns" in statement;
}
