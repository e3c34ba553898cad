import type { Import } from "./read-imports.ts";

/** One row of the import rule in docs/architecture.md. A room is a folder or a file; the longest match owns a file. */
export interface Room {
  readonly path: string;
  /** Folders and files of ours. Its own are always allowed. */
  readonly own: readonly string[];
  /** Those of which only types may be taken: nothing of them runs here. */
  readonly typesOf?: readonly string[];
  /** Packages, or "any". "node:" stands for Node's own modules. */
  readonly packages: readonly string[] | "any";
}

const FOUNDATION = ["server/clock.ts", "server/log.ts", "server/errors.ts"];

export const ROOMS: readonly Room[] = [
  { path: "server/domain", own: [], packages: ["decimal.js"] },
  {
    path: "lib",
    own: ["server/domain"],
    typesOf: ["server/routers/_app.ts", "server/errors.ts"],
    packages: ["zod", "clsx", "tailwind-merge", "uuid", "pusher-js", "@trpc/client"],
  },
  { path: "components", own: ["lib"], packages: "any" },
  { path: "app", own: ["components", "lib"], packages: "any" },
  // Route handlers are the web's doors to the server; no page and no component has one.
  {
    path: "app/api",
    own: ["lib", "server/auth", "server/context.ts", "server/env.ts", "server/http", "server/server-deps.ts"],
    packages: ["next", "next-auth"],
  },
  { path: "proxy.ts", own: ["server/auth", "server/env.ts", "server/http"], packages: ["next", "next-auth", "node:"] },
  {
    path: "server/routers",
    own: ["server/services", "server/events/since.ts", "lib/contracts", "server/trpc.ts"],
    packages: ["zod", "@trpc/server"],
  },
  {
    path: "server/services",
    own: [
      ...FOUNDATION,
      "server/context.ts",
      "server/domain",
      "server/data",
      "server/auth",
      "server/vault/seal.ts",
      "server/jobs/enqueue.ts",
      "server/jobs/job.ts",
      "server/events/append.ts",
      "server/events/since.ts",
      "lib/contracts",
    ],
    packages: ["uuid", "node:"],
  },
  { path: "server/data", own: ["server/domain"], packages: ["pg", "node:"] },
  { path: "server/data/prisma.ts", own: ["server/data", "server/domain", "prisma/generated"], packages: ["@prisma/adapter-pg"] },
  { path: "server/vault", own: ["server/data", "server/domain"], packages: ["jose", "node:"] },
  { path: "server/jobs", own: [...FOUNDATION, "server/data", "server/domain"], packages: ["uuid", "croner", "node:"] },
  { path: "server/events", own: [...FOUNDATION, "server/data", "server/domain"], packages: ["pusher", "node:"] },
  {
    path: "server/execution",
    own: [...FOUNDATION, "server/domain", "server/data", "server/vault/open.ts", "server/jobs", "server/events"],
    packages: ["uuid", "pino", "node:"],
  },
  {
    path: "server/execution/executors/ccxt",
    own: ["server/execution/executors", "server/domain", "server/clock.ts"],
    packages: ["ccxt", "node:"],
  },
  {
    path: "server/auth",
    own: [...FOUNDATION, "server/context.ts", "server/env.ts", "server/services", "server/data", "server/domain"],
    packages: ["next-auth", "node:"],
  },
  {
    path: "server/http",
    own: [...FOUNDATION, "server/context.ts", "server/env.ts", "server/routers", "server/data", "server/domain", "lib/contracts"],
    packages: ["@trpc/server", "pusher", "zod", "node:"],
  },
  {
    path: "server",
    own: ["lib/contracts", "lib/realtime"],
    packages: ["zod", "pino", "@trpc/server", "node:"],
  },
  {
    path: "worker",
    own: [
      ...FOUNDATION,
      "server/env.ts",
      "server/domain",
      "server/jobs",
      "server/execution",
      "server/services",
      "server/data",
      "server/events",
      "server/vault",
      "server/notify",
    ],
    packages: ["uuid", "node:"],
  },
  { path: "simulator", own: ["server/domain"], packages: ["ws", "zod", "node:"] },
  { path: "simulator/feed/live-feed.ts", own: ["simulator", "server/domain"], packages: ["ccxt", "node:"] },
  { path: "realtime", own: [], packages: ["ws", "node:"] },
];

const isWithin = (target: string, path: string): boolean => target === path || target.startsWith(`${path}/`);

/** The room that a file belongs to; undefined for tests, scripts, benchmarks and tools, which may look everywhere. */
export function roomOf(path: string): Room | undefined {
  return ROOMS.filter((room) => isWithin(path, room.path)).sort((left, right) => right.path.length - left.path.length)[0];
}

/** Only these know the exchange library: everything else speaks our words. */
const CCXT_IMPORTERS = ["server/execution/executors/ccxt", "simulator/feed/live-feed.ts"];

/** Why this import breaks the rule, or null. */
export function findViolation(path: string, found: Import): string | null {
  const room = roomOf(path);
  if (room === undefined) return null;
  const { specifier, target, isOwn, isTypeOnly } = found;
  const said = `${path} imports ${specifier}`;
  if (specifier.startsWith("computed:")) return `${path} imports what it computes: ${specifier}`;
  if (specifier === "server-only") return `${said}: the worker is plain Node`;
  if (target === "ccxt" && !CCXT_IMPORTERS.some((allowed) => isWithin(path, allowed))) return `${said}: only the executor may`;
  if (isWithin(target, "prisma/generated") && path !== "server/data/prisma.ts") return `${said}: only server/data may`;
  if (!isOwn) return room.packages === "any" || room.packages.includes(target) ? null : `${said}: not a package of ${room.path}`;
  if (isWithin(target, room.path) && !isForbiddenInside(room, target)) return null;
  const allowed = isTypeOnly ? [...room.own, ...(room.typesOf ?? []), ...TYPES_FOR_ALL] : room.own;
  return allowed.some((path_) => isWithin(target, path_)) ? null : `${said}: not a room that ${room.path} may use`;
}

/** Interfaces that a process hands down; a type of them ties nobody to how they work. */
const TYPES_FOR_ALL = ["server/clock.ts", "server/log.ts"];

/** Narrower rooms that the files of the wider one around them may not enter. */
const CLOSED_INSIDE: Readonly<Record<string, readonly string[]>> = {
  app: ["app/api"],
  // The files at the root of server/ put the web together: it neither opens credentials nor talks to venues.
  server: ["server/execution", "server/vault/open.ts"],
};

function isForbiddenInside(room: Room, target: string): boolean {
  return (CLOSED_INSIDE[room.path] ?? []).some((closed) => isWithin(target, closed));
}
