import { afterAll, beforeAll, expect, test } from "vitest";
import { createDatabase, type Database } from "#server/data/database.ts";
import { readIntentRows } from "#server/data/orders/read-intent-figures.ts";
import { createTestDatabase, type TestDatabase } from "#tests/support/database.ts";
import { createVenueAccount, createWorkspace, openBalance, openOwner, type OwnerQuery } from "#tests/support/fixtures.ts";

const FINE = "1234567890123456789.123456789012345678";
const SYMBOL = "BTC/USDT";

let database: TestDatabase;
let web: Database;
let owner: { readonly query: OwnerQuery; end(): Promise<void> };

beforeAll(async () => {
  database = await createTestDatabase();
  web = createDatabase({ url: database.webUrl, applicationName: "test-web", connectionsMax: 2 });
  owner = await openOwner(database.ownerUrl);
});
afterAll(async () => {
  await web.close();
  await owner.end();
  await database.drop();
});

test("what an intent is judged by keeps every digit, and instants to the millisecond", async () => {
  const { workspaceId } = await createWorkspace(owner.query);
  const { venueAccountId } = await createVenueAccount(owner.query, workspaceId);
  const at = new Date("2026-11-21T10:11:12.345Z");
  await openBalance(owner.query, workspaceId, venueAccountId, "USDT", FINE);
  await owner.query("update venue_accounts set maker_fee = $2, taker_fee = $2 where id = $1", [
    venueAccountId,
    "0.000123456789012345",
  ]);
  await owner.query(
    `insert into markets (mode, venue, symbol, base, quote, price_tick, amount_step, amount_min, cost_min, active, fetched_at)
     values ('PAPER', 'binance', $1, 'BTC', 'USDT', $2, $2, $2, $2, true, now())`,
    [SYMBOL, FINE],
  );
  await owner.query(
    `insert into market_books (mode, venue, symbol, bids, asks, at)
     values ('PAPER', 'binance', $1, '[["50000", "1"], ["49999", "2"]]', '[["50001", "3"]]', $2)`,
    [SYMBOL, at],
  );
  await owner.query(
    `insert into positions (workspace_id, venue_account_id, symbol, quantity, cost_basis, realised_pnl) values ($1, $2, $3, $4, $4, $4)`,
    [workspaceId, venueAccountId, SYMBOL, FINE],
  );
  const query = { workspaceId, symbol: SYMBOL, asset: "USDT", now: at, intentId: null };
  const figures = await web.workspace(workspaceId, (tx) => readIntentRows(tx, query));

  const [account] = figures.accounts;
  expect(account?.takerFee.toFixed()).toBe("0.000123456789012345");
  const { priceTick, amountStep, amountMin, costMin } = account?.rules ?? {};
  for (const amount of [priceTick, amountStep, amountMin, costMin]) expect(amount?.toFixed()).toBe(FINE);
  expect(account?.book).toEqual({ bids: [{ price: 50_000, quantity: 1 }], asks: [{ price: 50_001, quantity: 3 }], at });
  const [holding] = figures.positions;
  const { quantity, costBasis, realisedPnl } = holding?.position ?? {};
  for (const amount of [quantity, costBasis, realisedPnl]) expect(amount?.toFixed()).toBe(FINE);
  expect(figures.balances.map(({ holderId, amount }) => [holderId, amount.toFixed()])).toEqual([[venueAccountId, FINE]]);
  expect(figures.stored).toBeNull();
});

test("an intent is judged by its own workspace's rows alone", async () => {
  const [own, other] = [await createWorkspace(owner.query), await createWorkspace(owner.query)];
  const { venueAccountId } = await createVenueAccount(owner.query, other.workspaceId);
  await openBalance(owner.query, other.workspaceId, venueAccountId, "USDT", "5");
  const query = { workspaceId: other.workspaceId, symbol: SYMBOL, asset: "USDT", now: new Date(), intentId: null };
  const figures = await web.workspace(own.workspaceId, (tx) => readIntentRows(tx, query));
  expect([figures.accounts, figures.positions, figures.balances]).toEqual([[], [], []]);
});
