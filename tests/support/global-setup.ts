import type { TestProject } from "vitest/node";
import { offerTestServer } from "./postgres-server.ts";

/** Runs once per test run, in the main process; what it answers runs at the end. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const offer = await offerTestServer();
  project.provide("testServerUrl", offer.url);
  return offer.close;
}
