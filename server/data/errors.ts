import pg from "pg";

/**
 * The database did not answer, or the connection broke. `outcome` says what became of the transaction: `not-committed` is certain, `unknown`
 * means that the connection broke while COMMIT was under way, so the caller must look before it acts again.
 */
export class DatabaseUnavailable extends Error {
  override readonly name = "DatabaseUnavailable";
  readonly outcome: "not-committed" | "unknown";

  constructor(outcome: "not-committed" | "unknown", cause: unknown) {
    super(outcome === "unknown" ? "the database was lost during COMMIT" : "the database does not answer", { cause });
    this.outcome = outcome;
  }
}

const SERIALIZATION_FAILURE = "40001";
const DEADLOCK = "40P01";
const UNIQUE_VIOLATION = "23505";
/** Class 08: connection; 57P01..57P03: shutting down, crashed, starting; 53300: too many connections. */
const CONNECTION_STATES = /^(08...|57P0[123]|53300)$/;

/** True when running the same transaction again can succeed. */
export function isRetryable(error: unknown): boolean {
  return error instanceof pg.DatabaseError && (error.code === SERIALIZATION_FAILURE || error.code === DEADLOCK);
}

/** True when the row is there already; with `constraint`, only when it is that constraint or unique index that said so. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  return (
    error instanceof pg.DatabaseError &&
    error.code === UNIQUE_VIOLATION &&
    (constraint === undefined || error.constraint === constraint)
  );
}

/** True for what the server says when it ends a connection. */
export function isConnectionState(code: string): boolean {
  return CONNECTION_STATES.test(code);
}

/** True when the connection and not the statement is at fault. Everything that the server did not say itself counts as that. */
export function isConnectionError(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return isConnectionState(error.code ?? "");
  if (!(error instanceof Error)) return false;
  const { code } = error as NodeJS.ErrnoException;
  if (code !== undefined) return /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOST|ENET)/.test(code);
  return /Connection terminated|connection timeout|timeout exceeded when trying to connect|Query read timeout|not queryable|Client has encountered a connection error/i.test(
    error.message,
  );
}
