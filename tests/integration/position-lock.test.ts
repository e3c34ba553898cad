import { afterAll, beforeAll, expect, test } from "vitest";
import { createDatabase, type Database } from "#server/data/database.ts";
import { lockPosition, writePosition } from "#server/data/ledger/positions.ts";
import { createTestDatabase, type TestDatabase } from "#tests/support/database.ts";
import { createVenueAccount, createWorkspace, openOwner } from "#tests/support/fixtures.ts";

const WRITERS = 8;

let testDatabase: TestDatabase;
let database: Database;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  // Some are set aside for what holds leases; the writers need one each, or nobody ever sees all of them waiting.
  database = createDatabase({ url: testDatabase.workerUrl, applicationName: "test", connectionsMax: 2 * WRITERS });
});

afterAll(async () => {
  await database?.close();
  await testDatabase?.drop();
});

test("the first fills of a market, booked at the same moment, all count", async () => {
  const owner = await openOwner(testDatabase.ownerUrl);
  const { workspaceId } = await createWorkspace(owner.query);
  const { venueAccountId } = await createVenueAccount(owner.query, workspaceId);
  let waiting = 0;
  let open: () => void = () => undefined;
  const everyoneIsThere = new Promise<void>((resolve) => {
    open = resolve;
  });
  const bookOne = () =>
    database.workspace(workspaceId, async (tx) => {
      // Every transaction is open before the first of them looks at the position.
      waiting += 1;
      if (waiting === WRITERS) open();
      await everyoneIsThere;
      const position = await lockPosition(tx, workspaceId, venueAccountId, "BTC/USDT");
      writePosition(tx, workspaceId, venueAccountId, "BTC/USDT", {
        ...position,
        quantity: position.quantity.plus(1),
        costBasis: position.costBasis.plus(100),
      });
    });
  await Promise.all(Array.from({ length: WRITERS }, bookOne));
  const rows = await owner.query("select quantity, cost_basis from positions where venue_account_id = $1", [venueAccountId]);
  await owner.end();
  expect(rows).toEqual([{ quantity: "8.000000000000000000", cost_basis: "800.000000000000000000" }]);
});
