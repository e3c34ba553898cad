import { afterAll, beforeAll, expect, test } from "vitest";
import { diffDatabase } from "#scripts/migrate.ts";
import { createTestDatabase, type TestDatabase } from "#tests/support/database.ts";
import { openOwner } from "#tests/support/fixtures.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(async () => {
  await database?.drop();
});

test("a migrated database is what schema.prisma says", async () => {
  expect(await diffDatabase(database.ownerUrl)).toBe("");
});

test("a column that schema.prisma does not know is found", async () => {
  const owner = await openOwner(database.ownerUrl);
  try {
    await owner.query("alter table jobs add column surprise text");
    expect(await diffDatabase(database.ownerUrl)).toContain('DROP COLUMN "surprise"');
    await owner.query("alter table jobs drop column surprise");
    expect(await diffDatabase(database.ownerUrl)).toBe("");
  } finally {
    await owner.end();
  }
});
