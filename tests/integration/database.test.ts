import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createDatabase, type Database } from "#server/data/database.ts";
import { createPrismaDatabase } from "#server/data/prisma.ts";
import { statement } from "#server/data/tx.ts";
import { createTestDatabase, type TestDatabase } from "#tests/support/database.ts";
import { createVenueAccount, createWorkspace, openOwner, type WorkspaceFixture } from "#tests/support/fixtures.ts";

let database: TestDatabase;
let owner: Awaited<ReturnType<typeof openOwner>>;
let web: Database;
let fixture: WorkspaceFixture;

const SELECT_RISK = statement("test_select_risk", "select workspace_id from workspace_risk");

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

test("Prisma sees the rows of the workspace it was given and none without one", async () => {
  const prisma = createPrismaDatabase({ url: database.webUrl, applicationName: "test-prisma", connectionsMax: 2 });
  try {
    expect(await prisma.inWorkspace(fixture.workspaceId, (tx) => tx.venueAccount.count())).toBe(1);
    expect(await prisma.client.venueAccount.count()).toBe(0);
    expect(await prisma.asUser(fixture.userId, (tx) => tx.member.findMany())).toMatchObject([
      { workspaceId: fixture.workspaceId },
    ]);
  } finally {
    await prisma.close();
  }
});
