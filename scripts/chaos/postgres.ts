import { randomBytes } from "node:crypto";
import { renameSync } from "node:fs";
import pg from "pg";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "#scripts/database/embedded-postgres.ts";
import { migrateDatabase } from "#scripts/database/migrate-database.ts";
import { roleUrl, setRolePasswords } from "#scripts/database/roles.ts";
import { chooseLoopbackPort } from "#scripts/start/ports.ts";
import { killTree } from "./process-tree.ts";

export interface ChaosPostgres {
  readonly ownerUrl: string;
  readonly webUrl: string;
  readonly workerUrl: string;
  /** Kills the whole server without warning and brings it back on the same data and port. */
  crash(): Promise<void>;
  stop(): Promise<void>;
}

const DATABASE = "nija";

/** A durable server of its own: what it has confirmed must survive every kill, so fsync stays on. */
export async function startPostgres(folder: string): Promise<ChaosPostgres> {
  const password = randomBytes(18).toString("base64url");
  const dataDirectory = `${folder}/postgres`;
  const options = { dataDirectory, password, port: await chooseLoopbackPort(0, []) };
  let server: EmbeddedPostgres = await startEmbeddedPostgres(options);
  let crashes = 0;
  let returning: Promise<void> = Promise.resolve();
  async function crashAndReturn(): Promise<void> {
    await killTree(server.pid);
    await server.ended;
    crashes += 1;
    renameSync(`${dataDirectory}.log`, `${dataDirectory}.${crashes}.log`);
    server = await startEmbeddedPostgres(options);
  }
  try {
    const admin = new pg.Client({ connectionString: server.url() });
    await admin.connect();
    await admin.query(`create database ${DATABASE}`);
    await admin.end();
    const ownerUrl = server.url(DATABASE);
    await migrateDatabase(ownerUrl);
    await setRolePasswords(ownerUrl, { nija_web: password, nija_worker: password });
    return {
      ownerUrl,
      webUrl: roleUrl(ownerUrl, "nija_web", password),
      workerUrl: roleUrl(ownerUrl, "nija_worker", password),
      crash() {
        returning = crashAndReturn();
        return returning;
      },
      async stop() {
        // A server that is being brought back is there in a moment, and would outlive us otherwise.
        await returning.catch(() => undefined);
        await server.stop();
      },
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}
