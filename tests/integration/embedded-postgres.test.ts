import { randomBytes } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "#scripts/database/embedded-postgres.ts";
import { openOwner } from "#tests/support/fixtures.ts";
import { findFreePort } from "#tests/support/postgres-server.ts";

let folder: string;
const password = randomBytes(12).toString("base64url");
const running: EmbeddedPostgres[] = [];

async function start(changes: { port?: number; password?: string } = {}): Promise<EmbeddedPostgres> {
  const port = changes.port ?? (await findFreePort());
  const postgres = await startEmbeddedPostgres({
    dataDirectory: join(folder, "data"),
    port,
    password,
    durable: false,
    ...changes,
  });
  running.push(postgres);
  return postgres;
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "nija-embedded-"));
  chmodSync(folder, 0o711);
});

afterAll(async () => {
  for (const postgres of running) await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
});

test("the first start creates the cluster for this machine only, and data survives a stop and a kill", async () => {
  const first = await start();
  expect(first.version).toMatch(/^18\./);
  const owner = await openOwner(first.url());
  expect(await owner.query("show listen_addresses")).toEqual([{ listen_addresses: "127.0.0.1" }]);
  expect(await owner.query("show unix_socket_directories")).toEqual([{ unix_socket_directories: "" }]);
  await owner.query("create table kept (n int)");
  await owner.end();
  expect(statSync(join(folder, "data")).mode & 0o077).toBe(0);
  await first.stop();

  const second = await start();
  process.kill(second.pid, "SIGKILL");
  await second.ended;

  const third = await start();
  const again = await openOwner(third.url());
  expect(await again.query("select count(*)::int as n from kept")).toEqual([{ n: 0 }]);
  await again.end();

  await expect(start()).rejects.toThrow(/already in use by process \d+/);
  await third.stop();
});

test("a taken port and a wrong password are one sentence each", async () => {
  const squatter = createServer();
  await new Promise<void>((resolve) => squatter.listen(0, "127.0.0.1", resolve));
  const address = squatter.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  await expect(start({ port: address.port })).rejects.toThrow(`Port ${address.port} is already in use`);
  await new Promise((resolve) => squatter.close(resolve));
  await expect(start({ password: "another" })).rejects.toThrow("was created with another password");
});
