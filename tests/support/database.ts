import { inject } from "vitest";
import { cloneTemplate, type TestDatabase, type TestServer } from "./clone-template.ts";

export type { TestDatabase, TestServer };

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
