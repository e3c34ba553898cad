import { createSessionReader } from "#server/auth/read-session.ts";
import { systemClock } from "#server/clock.ts";
import type { ServerDeps } from "#server/context.ts";
import { createDatabase } from "#server/data/database.ts";
import { createListDatabase } from "#server/data/prisma.ts";
import { type WebEnv, webEnv } from "#server/env.ts";
import { createLog } from "#server/log.ts";
import { createFileSealingKeys } from "#server/vault/keys/sealing-keys.ts";
import { createSealer } from "#server/vault/seal.ts";

/** Beside the connections that orders use, so that lists never make an order wait. */
const LIST_CONNECTIONS_MAX = 4;

export function createServerDeps(env: WebEnv): ServerDeps {
  const log = createLog({ name: "web", level: env.NIJA_LOG_LEVEL });
  const database = createDatabase({
    url: env.WEB_DATABASE_URL,
    applicationName: "nija-web",
    connectionsMax: env.NIJA_DATABASE_CONNECTIONS_MAX,
  });
  const lists = createListDatabase({
    url: env.WEB_DATABASE_URL,
    applicationName: "nija-web-lists",
    connectionsMax: Math.min(LIST_CONNECTIONS_MAX, env.NIJA_DATABASE_CONNECTIONS_MAX),
  });
  const clock = systemClock;
  return {
    database,
    lists,
    clock,
    log,
    sealer: createSealer(createFileSealingKeys(env.NIJA_VAULT_PUBLIC_KEY_FILE)),
    sessions: createSessionReader({ database, clock, secret: env.NEXTAUTH_SECRET, origin: env.NIJA_ORIGIN }),
    realtime: {
      key: env.PUSHER_KEY,
      host: env.PUSHER_PUBLIC_HOST ?? null,
      port: env.PUSHER_PUBLIC_PORT ?? env.PUSHER_PORT,
      useTls: env.PUSHER_USE_TLS,
    },
  };
}

// Next compiles routes and pages apart and reloads modules in development; the process still has one pool of connections.
const holder: { nijaServerDeps?: ServerDeps } = globalThis as typeof globalThis & { nijaServerDeps?: ServerDeps };

export function serverDeps(): ServerDeps {
  holder.nijaServerDeps ??= createServerDeps(webEnv());
  return holder.nijaServerDeps;
}
