import { randomBytes } from "node:crypto";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { type AddressInfo, createServer as createSocket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from "#scripts/database/embedded-postgres.ts";
import { migrateDatabase } from "#scripts/database/migrate-database.ts";
import { identityOf, isSameProcess, type ProcessIdentity } from "#scripts/database/process-identity.ts";
import { setRolePasswords } from "#scripts/database/roles.ts";
import type { TestServer } from "./clone-template.ts";

const TEMPLATE = "nija_template";
const PREFIX = "nija-test-postgres-";
const CONNECTIONS_MAX = 300;

/**
 * A server of its own in a temporary folder, with a migrated template database. Nothing of it outlives `stop`. Tests do without
 * durability; measurements must not.
 */
export async function startTestServer({
  durable = false,
  settings = {},
}: Pick<EmbeddedPostgresOptions, "durable" | "settings"> = {}): Promise<
  TestServer & { stop(): Promise<void>; readonly postgres: EmbeddedPostgres }
> {
  sweepLeftovers();
  const folder = mkdtempSync(join(tmpdir(), PREFIX));
  // PostgreSQL may run as another user, who must pass through.
  chmodSync(folder, 0o711);
  writeFileSync(join(folder, "run.json"), JSON.stringify(identityOf(process.pid)));
  const password = randomBytes(18).toString("base64url");
  const postgres = await startOnFreePort(join(folder, "data"), password, { durable, settings });
  const stop = async (): Promise<void> => {
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const admin = new pg.Client({ connectionString: postgres.url() });
    await admin.connect();
    await admin.query(`create database ${TEMPLATE}`);
    await migrateDatabase(postgres.url(TEMPLATE));
    await admin.query(`alter database ${TEMPLATE} with allow_connections false`);
    await admin.end();
    await setRolePasswords(postgres.url(), { nija_web: password, nija_worker: password });
    return { serverUrl: postgres.url(), template: TEMPLATE, rolePassword: password, postgres, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Somebody else may take the port between the look and the start, so a few are tried. */
async function startOnFreePort(
  dataDirectory: string,
  password: string,
  options: Pick<EmbeddedPostgresOptions, "durable" | "settings">,
): Promise<EmbeddedPostgres> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await startEmbeddedPostgres({
        dataDirectory,
        port: await findFreePort(),
        password,
        ...options,
        connectionsMax: CONNECTIONS_MAX,
      });
    } catch (error) {
      if (tries === 5 || !String(error).includes("already in use")) throw error;
    }
  }
}

export async function findFreePort(): Promise<number> {
  const socket = createSocket();
  await new Promise<void>((resolve) => socket.listen(0, "127.0.0.1", resolve));
  const { port } = socket.address() as AddressInfo;
  await new Promise((resolve) => socket.close(resolve));
  return port;
}

/** A run that was killed could not clean up behind itself; the next one does. */
function sweepLeftovers(): void {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(PREFIX))) {
    const folder = join(tmpdir(), name);
    try {
      const run = JSON.parse(readFileSync(join(folder, "run.json"), "utf8")) as ProcessIdentity;
      if (isSameProcess(run)) continue;
      const pid = Number(readFileSync(join(realpathSync(join(folder, "data")), "postmaster.pid"), "utf8").split("\n")[0]);
      if (readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(folder)) process.kill(pid, "SIGKILL");
    } catch {
      // Not ours to judge, half gone already, or no server: only the folder of a dead run is removed below.
    }
    removeIfDead(folder);
  }
}

function removeIfDead(folder: string): void {
  try {
    const run = JSON.parse(readFileSync(join(folder, "run.json"), "utf8")) as ProcessIdentity;
    if (!isSameProcess(run)) rmSync(folder, { recursive: true, force: true });
  } catch {
    // Another run is removing it, or has only just made it.
  }
}

/** Answers test processes with the server's address and starts it for the first who asks: unit tests never pay for it. */
export async function offerTestServer(): Promise<{ readonly url: string; close(): Promise<void> }> {
  let started: ReturnType<typeof startTestServer> | undefined;
  const door: Server = createServer((_request, response) => {
    started ??= startTestServer();
    started.then(
      ({ serverUrl, template, rolePassword }) => response.end(JSON.stringify({ serverUrl, template, rolePassword })),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => door.listen(0, "127.0.0.1", resolve));
  const { port } = door.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      door.closeAllConnections();
      await new Promise((resolve) => door.close(resolve));
      // A start that failed has told whoever asked, and left nothing to stop.
      await started?.then(
        (server) => server.stop(),
        () => undefined,
      );
    },
  };
}
