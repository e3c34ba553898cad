import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createDatabase, type Database } from "#server/data/database.ts";
import { createListDatabase } from "#server/data/prisma.ts";
import { statement } from "#server/data/tx.ts";
import { DatabaseUnavailable, isUniqueViolation } from "#server/data/errors.ts";
import { createTestDatabase, type TestDatabase } from "#tests/support/database.ts";
import { eventually } from "#tests/support/eventually.ts";
import { createVenueAccount, createWorkspace, openOwner, type WorkspaceFixture } from "#tests/support/fixtures.ts";

let database: TestDatabase;
let owner: Awaited<ReturnType<typeof openOwner>>;
let web: Database;
let fixture: WorkspaceFixture;

const SELECT_RISK = statement("test_select_risk", "select workspace_id from workspace_risk");
const KILL_ME = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'test-lost'";

beforeAll(async () => {
  database = await createTestDatabase();
  owner = await openOwner(database.ownerUrl);
  web = createDatabase({ url: database.webUrl, applicationName: "test-web", connectionsMax: 4 });
  fixture = await createWorkspace(owner.query);
  await createVenueAccount(owner.query, fixture.workspaceId);
});

afterAll(async () => {
  await web?.close();
  await owner?.end();
  await database?.drop();
});

test("a query without a workspace sees nothing, with one sees its own rows only", async () => {
  await createWorkspace(owner.query);
  expect(await web.platform((tx) => tx.query(SELECT_RISK))).toEqual([]);
  expect(await web.workspace(fixture.workspaceId, (tx) => tx.query(SELECT_RISK))).toEqual([
    { workspace_id: fixture.workspaceId },
  ]);
  expect(await web.workspace(randomUUID(), (tx) => tx.query(SELECT_RISK))).toEqual([]);
});

test("a list sees the rows of the workspace or the user that it was given, and cannot write", async () => {
  const lists = createListDatabase({ url: database.webUrl, applicationName: "test-lists", connectionsMax: 2 });
  try {
    expect(await lists.inWorkspace(fixture.workspaceId, (tx) => tx.venueAccount.count())).toBe(1);
    expect(await lists.inWorkspace(randomUUID(), (tx) => tx.venueAccount.count())).toBe(0);
    expect(await lists.asUser(fixture.userId, (tx) => tx.venueAccount.count())).toBe(0);
    expect(await lists.asUser(fixture.userId, (tx) => tx.member.findMany())).toMatchObject([
      { workspaceId: fixture.workspaceId },
    ]);
    await expect(lists.inWorkspace("'; drop table users; --", (tx) => tx.venueAccount.count())).rejects.toThrow(/not a UUID/);
    const write = lists.inWorkspace(fixture.workspaceId, (tx) => tx.workspace.updateMany({ data: { name: "written" } }));
    await expect(write).rejects.toThrow(/read-only transaction/);
    expect(await owner.query("select name from workspaces where name = 'written'")).toEqual([]);
  } finally {
    await lists.close();
  }
});

test("a list whose connection is lost or never made says that the database is gone, and the next one works", async () => {
  const lists = createListDatabase({ url: database.webUrl, applicationName: "test-lost", connectionsMax: 1 });
  const nowhere = createListDatabase({
    url: "postgresql://nija_web@127.0.0.1:1/none",
    applicationName: "test",
    connectionsMax: 1,
  });
  try {
    const cut = lists.inWorkspace(fixture.workspaceId, async (tx) => {
      await owner.query(KILL_ME);
      return tx.venueAccount.count();
    });
    await expect(cut).rejects.toBeInstanceOf(DatabaseUnavailable);
    expect(await lists.inWorkspace(fixture.workspaceId, (tx) => tx.venueAccount.count())).toBe(1);
    await expect(nowhere.asUser(fixture.userId, (tx) => tx.member.count())).rejects.toBeInstanceOf(DatabaseUnavailable);
  } finally {
    await lists.close();
    await nowhere.close();
  }
});

const RENAME = statement("test_rename", "update workspaces set name = $1 returning name");
const FAIL = statement("test_fail", "select 1 / 0");
const ADD_USER = statement("test_add_user", "insert into users (id, email, name, password_hash) values ($1, $2, '', '')");

test("work that throws is rolled back, and an error that work hides is never taken for a commit", async () => {
  const refusal = new Error("no");
  const thrown = web.workspace(fixture.workspaceId, async (tx) => {
    await tx.query(RENAME, ["thrown"]);
    throw refusal;
  });
  await expect(thrown).rejects.toBe(refusal);
  const hidden = web.workspace(fixture.workspaceId, async (tx) => {
    await tx.query(RENAME, ["hidden"]);
    await tx.query(FAIL).catch(() => undefined);
  });
  await expect(hidden).rejects.toThrow(/was not committed/);
  expect(await owner.query("select name from workspaces where name in ('thrown', 'hidden')")).toEqual([]);
});

test("transactions that deadlock are run again until both have committed", async () => {
  const lock = statement("test_lock", "select 1 from workspaces where id = $1 for update");
  const other = await createWorkspace(owner.query);
  let attempts = 0;
  let waiting = 0;
  // Both hold their first row before either asks for its second: one of them must be given up.
  const cross = (first: string, second: string): Promise<void> =>
    admin.platform(async (tx) => {
      attempts += 1;
      await tx.query(lock, [first]);
      waiting += 1;
      await eventually(() => waiting >= 2);
      await tx.query(lock, [second]);
    });
  const admin = createDatabase({ url: database.ownerUrl, applicationName: "test-admin", connectionsMax: 2 });
  try {
    await Promise.all([cross(fixture.workspaceId, other.workspaceId), cross(other.workspaceId, fixture.workspaceId)]);
    expect(attempts).toBeGreaterThanOrEqual(3);
  } finally {
    await admin.close();
  }
});

test("a connection lost inside a transaction is told as such, nothing is committed, and the next one works", async () => {
  const lost = createDatabase({ url: database.webUrl, applicationName: "test-lost", connectionsMax: 1 });
  try {
    const failure = lost
      .workspace(fixture.workspaceId, async (tx) => {
        await tx.query(RENAME, ["half"]);
        await owner.query(KILL_ME);
        await tx.query(RENAME, ["whole"]);
      })
      .catch((error: unknown) => error);
    expect(await failure).toBeInstanceOf(DatabaseUnavailable);
    expect(await failure).toMatchObject({ outcome: "not-committed" });
    expect(await lost.workspace(fixture.workspaceId, (tx) => tx.query(SELECT_RISK))).toHaveLength(1);
    expect(await owner.query("select name from workspaces where name in ('half', 'whole')")).toEqual([]);
  } finally {
    await lost.close();
  }
});

test("a database that is not there is told as such", async () => {
  const nowhere = createDatabase({ url: "postgresql://nija_web@127.0.0.1:1/none", applicationName: "test", connectionsMax: 1 });
  await expect(nowhere.platform(async () => undefined)).rejects.toBeInstanceOf(DatabaseUnavailable);
  await nowhere.close();
});

test("a listener comes back after its connection was cut and says that it may have missed something", async () => {
  const lost = createDatabase({ url: database.webUrl, applicationName: "test-lost", connectionsMax: 1 });
  const notices: string[] = [];
  try {
    await lost.listen("nija_test", ({ payload, isCatchUp }) => void notices.push(isCatchUp ? "catch up" : payload));
    await owner.query("select pg_notify('nija_test', 'one')");
    await eventually(() => notices.includes("one"));
    await owner.query(KILL_ME);
    await eventually(() => notices.filter((notice) => notice === "catch up").length === 2);
    await owner.query("select pg_notify('nija_test', 'two')");
    await eventually(() => notices.includes("two"));
    expect(notices).toEqual(["catch up", "one", "catch up", "two"]);
  } finally {
    await lost.close();
  }
});

test("one statement name with two texts is a bug, a malformed workspace id never reaches the database, and a row that is there is recognised", async () => {
  const twin = statement("test_select_risk", "select 2");
  await expect(web.platform((tx) => tx.query(twin))).rejects.toThrow(/two texts/);
  await expect(web.workspace("'; drop table users; --", async () => undefined)).rejects.toThrow(/not a UUID/);
  const email = `${randomUUID()}@example.test`;
  await web.platform((tx) => tx.query(ADD_USER, [randomUUID(), email]));
  const again = await web.platform((tx) => tx.query(ADD_USER, [randomUUID(), email])).catch((error: unknown) => error);
  expect(isUniqueViolation(again)).toBe(true);
  expect(isUniqueViolation(again, "users_email_key")).toBe(true);
  expect(isUniqueViolation(again, "users_pkey")).toBe(false);
});
