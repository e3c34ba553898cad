import { randomBytes } from "node:crypto";
import pg from "pg";
import { databaseUrlOf, roleUrl } from "#scripts/database/roles.ts";

/** The cluster of this test run. */
export interface TestServer {
  /** Superuser's URL of the maintenance database. */
  readonly serverUrl: string;
  readonly template: string;
  readonly rolePassword: string;
}

export interface TestDatabase {
  readonly name: string;
  /** Superuser: sees everything, whatever row-level security says. */
  readonly ownerUrl: string;
  readonly webUrl: string;
  readonly workerUrl: string;
  /** Disconnects everybody who is still there and removes the database. */
  drop(): Promise<void>;
}

export async function cloneTemplate({ serverUrl, template, rolePassword }: TestServer): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString("hex")}`;
  await withAdmin(serverUrl, (admin) => admin.query(`create database ${name} template ${template} strategy file_copy`));
  const ownerUrl = databaseUrlOf(serverUrl, name);
  return {
    name,
    ownerUrl,
    webUrl: roleUrl(ownerUrl, "nija_web", rolePassword),
    workerUrl: roleUrl(ownerUrl, "nija_worker", rolePassword),
    drop: () => withAdmin(serverUrl, (admin) => admin.query(`drop database if exists ${name} with (force)`)),
  };
}

async function withAdmin(serverUrl: string, work: (admin: pg.Client) => Promise<unknown>): Promise<void> {
  const admin = new pg.Client({ connectionString: serverUrl });
  await admin.connect();
  try {
    await work(admin);
  } finally {
    await admin.end();
  }
}
