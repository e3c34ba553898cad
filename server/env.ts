import { z } from "zod";

/** The environment is wrong. The message has one sentence per problem and is meant for the person who starts the process. */
export class EnvironmentError extends Error {
  override readonly name = "EnvironmentError";
}

const flagOr = (fallback: "0" | "1") =>
  z
    .enum(["0", "1", "true", "false"], "must be 1, 0, true or false")
    .default(fallback)
    .transform((text) => text === "1" || text === "true");
const flag = flagOr("0");

const port = z
  .string()
  .regex(/^\d{1,5}$/, "must be a port number")
  .transform(Number)
  .refine((value) => value >= 1 && value <= 65_535, "must be a port between 1 and 65535");

const count = (fallback: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,4}$/, "must be a whole number")
    .transform(Number)
    .refine((value) => value <= most, `must be at most ${most}`)
    .default(fallback);

const milliseconds = (fallback: number, least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,7}$/, "must be a whole number of milliseconds")
    .transform(Number)
    .refine((value) => value >= least && value <= most, `must be from ${least} to ${most} milliseconds`)
    .default(fallback);

const postgresUrl = z
  .string("must be set")
  .refine((text) => /^postgres(ql)?:\/\/\S+$/.test(text), "must be a postgresql:// address");

const required = z.string("must be set").min(1, "must be set");

const origin = z.string("must be set").refine((text) => {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return (url.protocol === "http:" || url.protocol === "https:") && url.origin === text.replace(/\/$/, "");
}, "must be the address people type, such as https://nija.example, without a path");

const shared = {
  PUSHER_APP_ID: required,
  PUSHER_KEY: required,
  PUSHER_SECRET: required,
  PUSHER_HOST: required,
  PUSHER_PORT: port,
  PUSHER_USE_TLS: flag,
  NIJA_DEMO: flag,
  NIJA_LOG_LEVEL: z.enum(["debug", "info", "warn", "error"], "must be debug, info, warn or error").default("info"),
  NIJA_DATABASE_CONNECTIONS_MAX: count(10, 200).refine((value) => value >= 2, "must be at least 2"),
  NIJA_VAULT_PUBLIC_KEY_FILE: required,
};

const webSchema = z.object({
  ...shared,
  WEB_DATABASE_URL: postgresUrl,
  NEXTAUTH_SECRET: z.string("must be set").min(32, "must have at least 32 characters"),
  NIJA_ORIGIN: origin.transform((text) => new URL(text).origin),
  /** Where browsers reach the realtime server, when that differs from how the server does. */
  PUSHER_PUBLIC_HOST: required.optional(),
  PUSHER_PUBLIC_PORT: port.optional(),
  /** Proxies in front that append to X-Forwarded-For; with 0 the header is what the nearest peer says. */
  NIJA_PROXY_HOPS: count(0, 10),
  // INVARIANT: the web process seals and cannot open; being handed the key is a mistake of the set-up, and it says so.
  NIJA_VAULT_PRIVATE_KEY_FILE: z.never("must not be given to the web process, which seals and never opens").optional(),
});

const workerSchema = z.object({
  ...shared,
  WORKER_DATABASE_URL: postgresUrl,
  NIJA_VAULT_PRIVATE_KEY_FILE: required,
  /** The control API of the paper venues; each venue takes one of the next three ports. */
  NIJA_SIM_PORT_BASE: port.default(4010),
  /** How long a venue may keep saying "not found" about an order that is live; calls are given up well before. */
  NIJA_SETTLE_MS: milliseconds(90_000, 8_000, 600_000),
  /** How old a book may be for an entry to be sent on it. Slow machines that only try things out may allow more. */
  NIJA_BOOK_AGE_MS: milliseconds(2_000, 500, 60_000),
  /** How far a market may fall below its day's first price before it is not bought until the next day; 100 never stops anything. */
  NIJA_MARKET_FALL_PERCENT: count(25, 100).refine((value) => value >= 1, "must be at least 1"),
  /** Stops and targets rest at the venue where they can; off, the worker holds all of them. */
  NIJA_RESTING_STOPS: flagOr("1"),
});

export type WebEnv = z.infer<typeof webSchema>;
export type WorkerEnv = z.infer<typeof workerSchema>;
type Source = Readonly<Record<string, string | undefined>>;

function parse<T>(schema: z.ZodType<T>, source: Source, processName: string): T {
  // An empty variable is one that is not set: shells and compose files leave such behind.
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== undefined && value !== ""));
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const sentences = result.error.issues.map((issue) => `${issue.path.join(".")} ${issue.message}.`);
  throw new EnvironmentError(`The ${processName} cannot start: ${sentences.join(" ")}`);
}

/** Throws `EnvironmentError`. */
export function parseWebEnv(source: Source): WebEnv {
  return parse(webSchema, source, "web process");
}

/** Throws `EnvironmentError`. */
export function parseWorkerEnv(source: Source): WorkerEnv {
  return parse(workerSchema, source, "worker");
}

let web: WebEnv | undefined;

/** Parsed at the first use and not at import: `next build` loads the routes without a database or secrets. */
export function webEnv(): WebEnv {
  web ??= parseWebEnv(process.env);
  return web;
}
