import { randomBytes } from "node:crypto";
import { inject } from "vitest";
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

declare module "vitest" {
  interface ProvidedContext {
    testServerUrl: string;
  }
}

/** The server of this test run; started by the first call of any file. */
export async function findTestServer(): Promise<TestServer> {
  const response = await fetch(inject("testServerUrl"));
  const body = await response.text();
  if (!response.ok) throw new Error(`the test database server did not start: ${body}`);
  return JSON.parse(body) as TestServer;
}

/** A migrated, empty database of its own, as a copy of the template: some 50 ms. Use one per test file. */
export async function createTestDatabase(): Promise<TestDatabase> {
  return cloneTemplate(await findTestServer());
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
