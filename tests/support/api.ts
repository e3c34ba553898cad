import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TRPCError } from "@trpc/server";
import { encode } from "next-auth/jwt";
import { createSessionReader, sessionCookieName, type SignedIn } from "#server/auth/read-session.ts";
import { ManualClock } from "#server/clock.ts";
import type { Context, RequestFacts, ServerDeps } from "#server/context.ts";
import { createDatabase } from "#server/data/database.ts";
import { createListDatabase } from "#server/data/prisma.ts";
import { AppError } from "#server/errors.ts";
import { handleTrpc } from "#server/http/handle-trpc.ts";
import { createLog } from "#server/log.ts";
import { createCaller } from "#server/routers/_app.ts";
import { ensureVaultKeys, type VaultKeyFiles } from "#server/vault/keys/file.ts";
import { createFileSealingKeys } from "#server/vault/keys/sealing-keys.ts";
import { createSealer } from "#server/vault/seal.ts";
import { createTestDatabase, type TestDatabase } from "#tests/support/database.ts";
import { openOwner, type OwnerQuery } from "#tests/support/fixtures.ts";

export const TEST_ORIGIN = "http://nija.test";
export const TEST_SECRET = "a test secret of more than thirty-two characters";
export const TEST_FACTS: RequestFacts = { requestId: "test-request", address: "192.0.2.7", userAgent: "vitest" };

/** The web side on a database of its own, as the web role, with everything it logs kept in `logged`. */
export interface TestApi {
  readonly deps: ServerDeps;
  readonly clock: ManualClock;
  readonly database: TestDatabase;
  /** Superuser. */
  readonly query: OwnerQuery;
  readonly keyFiles: VaultKeyFiles;
  readonly logged: string[];
  /** Procedures as somebody who is signed in; `null` is nobody. */
  callerFor(userId: string | null, platformRole?: SignedIn["platformRole"]): ReturnType<typeof createCaller>;
  /** A live session row and the cookie that names it. */
  openSession(userId: string): Promise<{ readonly sessionId: string; readonly cookie: string }>;
  cookieFor(sessionId: string): Promise<string>;
  /** One HTTP request to the API. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  close(): Promise<void>;
}

export async function createTestApi(): Promise<TestApi> {
  const testDatabase = await createTestDatabase();
  const owner = await openOwner(testDatabase.ownerUrl);
  const folder = await mkdtemp(join(tmpdir(), "nija-vault-"));
  const keyFiles = { privateKeyFile: join(folder, "private.json"), publicKeyFile: join(folder, "public.json") };
  await ensureVaultKeys(keyFiles);
  const database = createDatabase({ url: testDatabase.webUrl, applicationName: "test-web", connectionsMax: 4 });
  const lists = createListDatabase({ url: testDatabase.webUrl, applicationName: "test-lists", connectionsMax: 2 });
  const clock = new ManualClock(new Date());
  const logged: string[] = [];
  const deps: ServerDeps = {
    database,
    lists,
    clock,
    log: createLog({ name: "web", level: "debug" }, { write: (line: string) => void logged.push(line) }),
    sealer: createSealer(createFileSealingKeys(keyFiles.publicKeyFile)),
    sessions: createSessionReader({ database, clock, secret: TEST_SECRET, origin: TEST_ORIGIN }),
    realtime: { key: "test", host: null, port: 6001, useTls: false },
  };
  const cookieFor = async (sessionId: string): Promise<string> =>
    `${sessionCookieName(TEST_ORIGIN)}=${await encode({ token: { sid: sessionId }, secret: TEST_SECRET, maxAge: 3600 })}`;

  return {
    deps,
    clock,
    database: testDatabase,
    query: owner.query,
    keyFiles,
    logged,
    callerFor(userId, platformRole = "NONE") {
      const signedIn: SignedIn | null =
        userId === null ? null : { sessionId: randomUUID(), userId, email: "user@example.test", name: "User", platformRole };
      const context: Context = { deps, request: TEST_FACTS, signedIn, log: deps.log };
      return createCaller(context);
    },
    async openSession(userId) {
      const sessionId = randomUUID();
      await owner.query(
        `insert into sessions (id, user_id, user_agent, address, created_at, last_seen_at, expires_at)
         values ($1, $2, 'vitest', '', $3::timestamptz, $3::timestamptz, $3::timestamptz + interval '1 day')`,
        [sessionId, userId, clock.now()],
      );
      return { sessionId, cookie: await cookieFor(sessionId) };
    },
    cookieFor,
    fetch: (path, init) => handleTrpc(deps, { origin: TEST_ORIGIN, proxyHops: 0 }, new Request(`${TEST_ORIGIN}${path}`, init)),
    async close() {
      await lists.close();
      await database.close();
      await owner.end();
      await testDatabase.drop();
      await rm(folder, { recursive: true });
    },
  };
}

/** The refusal that a call ended with. A call that was answered, or failed with anything else, is a failed test. */
export async function refusalOf(call: Promise<unknown>): Promise<AppError> {
  const outcome = await call.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if (!("error" in outcome)) throw new Error(`the call was answered: ${JSON.stringify(outcome.value)}`);
  const { error } = outcome;
  if (error instanceof AppError) return error;
  if (error instanceof TRPCError && error.cause instanceof AppError) return error.cause;
  throw new Error("the call failed with something that is not a refusal", { cause: error });
}

/** How many rows each table has: equal before and after means that nothing was added or taken away. */
export async function countRows(query: OwnerQuery): Promise<Record<string, number>> {
  const tables = await query("select tablename from pg_tables where schemaname = 'public' order by tablename");
  const parts = tables.map(
    ({ tablename }) => `select '${String(tablename)}' as name, count(*)::int as rows from "${String(tablename)}"`,
  );
  const counts = await query(parts.join(" union all "));
  return Object.fromEntries(counts.map((row) => [String(row["name"]), Number(row["rows"])]));
}

/** Every row of every table as text. */
export async function dumpDatabase(query: OwnerQuery): Promise<string> {
  const tables = await query("select tablename from pg_tables where schemaname = 'public' order by tablename");
  const parts: string[] = [];
  for (const { tablename } of tables) {
    const rows = await query(`select t::text as line from "${String(tablename)}" t`);
    parts.push(...rows.map((row) => `${String(tablename)} ${String(row["line"])}`));
  }
  return parts.join("\n");
}
