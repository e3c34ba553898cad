import { type DestinationStream, type Logger, pino } from "pino";

export type Log = Logger;

/** Names under which a secret could ever be handed to the log. Matched at the top and up to three levels down. */
const SECRET_NAMES = [
  "apiKey",
  "secret",
  "password",
  "passwordHash",
  "password_hash",
  "jwe",
  "token",
  "credential",
  "privateKey",
  "authorization",
  "cookie",
  '["set-cookie"]',
];

const REDACTED_PATHS = SECRET_NAMES.flatMap((name) => {
  const under = name.startsWith("[") ? name : `.${name}`;
  return [name, `*${under}`, `*.*${under}`, `*.*.*${under}`];
});

interface LoggedError {
  readonly type: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
  readonly cause?: LoggedError;
}

/**
 * What of an error is logged. A database error also carries the refused row and the parameters, a venue error the signed
 * request: none of that is copied, so a field is listed here or it is not logged.
 */
export function describeError(error: unknown, depth = 0): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error, message: "a value that is not an error was thrown" };
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  return {
    type: error.name,
    message: error.message,
    ...(code === undefined ? {} : { code }),
    ...(error.stack === undefined ? {} : { stack: error.stack }),
    ...(error.cause === undefined || depth >= 4 ? {} : { cause: describeError(error.cause, depth + 1) }),
  };
}

/** JSON lines on standard output, or on `destination`. Errors go under `err`. */
export function createLog(options: { readonly name: string; readonly level: string }, destination?: DestinationStream): Log {
  const settings = {
    name: options.name,
    level: options.level,
    redact: { paths: REDACTED_PATHS, censor: "[redacted]" },
    serializers: { err: describeError },
  };
  return destination === undefined ? pino(settings) : pino(settings, destination);
}
