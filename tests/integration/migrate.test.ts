import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { MIGRATIONS_DIRECTORY } from "#scripts/database/migration-files.ts";
import { databaseUrlOf, roleUrl } from "#scripts/database/roles.ts";
import { MigrationError, migrate } from "#scripts/migrate.ts";
import { findTestServer } from "#tests/support/database.ts";
import { createVenueAccount, createWorkspace, openBalance, openOwner } from "#tests/support/fixtures.ts";

let serverUrl: string;
let rolePassword: string;
let admin: Awaited<ReturnType<typeof openOwner>>;
let folder: string;
let url: string;
const made: string[] = [];

beforeAll(async () => {
  ({ serverUrl, rolePassword } = await findTestServer());
  admin = await openOwner(serverUrl);
});

beforeEach(async () => {
  const name = `migrate_${process.pid}_${made.length}`;
  made.push(name);
  await admin.query(`create database ${name}`);
  url = databaseUrlOf(serverUrl, name);
  folder = mkdtempSync(join(tmpdir(), "nija-migrations-"));
  cpSync(MIGRATIONS_DIRECTORY, folder, { recursive: true });
});

afterAll(async () => {
  for (const name of made) await admin.query(`drop database if exists ${name} with (force)`);
  await admin.query("drop role if exists nija_test_owner");
  await admin.end();
});

const names = readdirSync(MIGRATIONS_DIRECTORY).filter((name) => /^\d/.test(name));

test("migrating applies every migration once, also when two machines do it at the same time", async () => {
  const both = await Promise.all([migrate(url, folder), migrate(url, folder)]);
  expect(both.flat()).toEqual(names);
  expect(await migrate(url, folder)).toEqual([]);
  rmSync(folder, { recursive: true });
});

test("a migration that fails changes nothing, says so in one sentence, and can be corrected and run again", async () => {
  const broken = join(folder, "20991231000000_broken");
  cpSync(join(folder, names[0] ?? ""), broken, { recursive: true });
  writeFileSync(join(broken, "migration.sql"), "create table half_done (id int); select nothing_like_that();");
  const failure = await migrate(url, folder).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(MigrationError);
  const { message } = failure as MigrationError;
  expect(message).toMatch(/^Migration 20991231000000_broken failed and changed nothing: .*nothing_like_that.*\.$/);
  expect(message).not.toContain("\n");
  const owner = await openOwner(url);
  expect(await owner.query("select to_regclass('half_done') as made, to_regclass('orders') is not null as kept")).toEqual([
    { made: null, kept: true },
  ]);
  await owner.end();
  writeFileSync(join(broken, "migration.sql"), "create table half_done (id int);");
  expect(await migrate(url, folder)).toEqual(["20991231000000_broken"]);
  rmSync(folder, { recursive: true });
});

test("a migration edited after it was applied is refused by name, and so is a database that is ahead of the code", async () => {
  await migrate(url, folder);
  const file = join(folder, names[1] ?? "", "migration.sql");
  const text = readFileSync(file, "utf8");
  writeFileSync(file, `${text}\n-- edited`);
  await expect(migrate(url, folder)).rejects.toThrow(`Migration ${names[1]} was edited after it had been applied`);
  rmSync(join(folder, names[1] ?? ""), { recursive: true });
  await expect(migrate(url, folder)).rejects.toThrow("This database has migrations that this version does not know");
  rmSync(folder, { recursive: true });
});

test("a database that does not answer is one clear sentence", async () => {
  await expect(migrate("postgresql://postgres@127.0.0.1:1/none", folder)).rejects.toThrow(
    /^The database does not answer \(.*\): check DATABASE_URL\.$/,
  );
  rmSync(folder, { recursive: true });
});

test("an owner without superuser rights can migrate, and triggers and definer functions work under it, as on a managed PostgreSQL", async () => {
  await admin.query("create role nija_test_owner login createrole password 'owner'");
  const name = made.at(-1) ?? "";
  await admin.query(`alter database ${name} owner to nija_test_owner`);
  expect(await migrate(roleUrl(url, "nija_test_owner", "owner"), folder)).toEqual(names);
  rmSync(folder, { recursive: true });
  const superuser = await openOwner(url);
  const { workspaceId } = await createWorkspace(superuser.query);
  const { venueAccountId } = await createVenueAccount(superuser.query, workspaceId);
  const worker = await openOwner(roleUrl(url, "nija_worker", rolePassword));
  const web = await openOwner(roleUrl(url, "nija_web", rolePassword));
  try {
    await worker.query("select set_config('nija.workspace_id', $1, false)", [workspaceId]);
    await openBalance(worker.query, workspaceId, venueAccountId, "USDT", "12.5");
    expect(await worker.query("select amount from balances where account = 'AVAILABLE'")).toEqual([
      { amount: "12.500000000000000000" },
    ]);
    await worker.query("insert into jobs (id, workspace_id, kind, payload) values (gen_random_uuid(), $1, 'test', '{}')", [
      workspaceId,
    ]);
    expect(await web.query("select queued from nija_platform_overview()")).toEqual([{ queued: 1 }]);
  } finally {
    await Promise.all([superuser.end(), worker.end(), web.end()]);
  }
});
