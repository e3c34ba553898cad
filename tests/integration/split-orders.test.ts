import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { Decimal } from "#server/domain/decimal.ts";
import type { Actor } from "#server/domain/actor.ts";
import { eventually } from "#tests/support/eventually.ts";
import { expectLedgerMatches, expectNothingReserved } from "#tests/support/ledger-matches.ts";
import { type ConnectedAccount, startTestPlatform, type TestPlatform } from "#tests/support/platform.ts";

const SYMBOL = "BTC/USDT";
const VENUES = ["binance", "kraken"] as const;

let platform: TestPlatform;
let actor: Actor;
let accounts: readonly ConnectedAccount[];

beforeAll(async () => {
  platform = await startTestPlatform();
  await platform.startWorker();
  // One price at both venues, and little at each.
  for (const venue of VENUES) {
    platform.simulator.control.setMarket({ venue, symbol: SYMBOL, mid: "70000", liquidity: 0.05, frozen: true });
  }
});
async function connectBoth(usdt: string): Promise<void> {
  actor = await platform.createTrader();
  accounts = await Promise.all(VENUES.map((venue) => platform.connect(actor, venue, { USDT: usdt, BTC: "0" })));
  await platform.query("update venue_accounts set maker_fee = 0.001, taker_fee = 0.001 where workspace_id = $1", [
    actor.workspaceId,
  ]);
  await platform.query("update workspace_risk set slippage_bps_max = 500 where workspace_id = $1", [actor.workspaceId]);
}
beforeEach(() => connectBoth("1000000"));
afterAll(() => platform?.close());

/** More than any of the venues may take, which is half of its depth, and less than what all of them may take together. */
async function tooMuchForOne(): Promise<Decimal> {
  const depths = await eventually(
    async () => {
      const rows = await platform.query(
        `select venue, sum((level->>1)::numeric) as depth from market_books, jsonb_array_elements(asks) as level
         where mode = 'PAPER' and symbol = $1 and venue = any ($2) and (level->>0)::numeric between 70000 * 0.999 and 70000 * 1.04
         group by venue`,
        [SYMBOL, VENUES],
      );
      return rows.length === VENUES.length ? rows.map((row) => new Decimal(String(row["depth"]))) : null;
    },
    { what: "the books of both venues" },
  );
  const together = depths.reduce((sum, depth) => sum.plus(depth.div(2)), new Decimal(0));
  const most = Decimal.max(...depths).div(2);
  return most.plus(together).div(2).toDecimalPlaces(4, Decimal.ROUND_DOWN);
}

async function place(quantity: string): Promise<string> {
  const placed = await eventually(
    async () => {
      const result = await platform.place(actor, { quantity, overTime: null });
      return result.state === "ACCEPTED" ? result : null;
    },
    { what: "an accepted intent" },
  );
  return placed.intentId;
}

// What its cap does not meet any more by the time it arrives is canceled, in part or whole.
const ENDED = ["FILLED", "EXPIRED", "CANCELED"];
const ordersOf = (intentId: string) =>
  platform.query("select * from orders where intent_id = $1 order by quantity desc", [intentId]);

test("an order that no single venue can take is split: legs of one intent that add up, each reserved, filled and booked once", async () => {
  const quantity = await tooMuchForOne();
  const intentId = await place(quantity.toFixed());
  const orders = await eventually(async () => {
    const rows = await ordersOf(intentId);
    return rows.length > 0 && rows.every((row) => ENDED.includes(String(row["state"]))) ? rows : null;
  });
  expect(new Set(orders.map((row) => row["venue"]))).toEqual(new Set(VENUES));
  const sum = orders.reduce((total, row) => total.plus(String(row["quantity"])), new Decimal(0));
  expect(sum.toString()).toBe(quantity.toString());
  expect(orders.map((row) => row["state"])).toEqual(["FILLED", "FILLED"]);

  const decisions = await platform.query(
    "select order_id, venue_account_id, legs from route_decisions where order_id = any ($1::uuid[])",
    [orders.map((row) => row["id"])],
  );
  expect(decisions).toHaveLength(2);
  const legs = decisions[0]?.["legs"] as { orderId: string; quantity: string }[];
  expect(new Set(legs.map((leg) => leg.orderId))).toEqual(new Set(orders.map((row) => row["id"])));

  for (const account of accounts) {
    const record = platform.simulator.control.books(account.simAccountId);
    expect(record.orders, "orders at the venue").toHaveLength(1);
    await expectNothingReserved(platform, account);
    await expectLedgerMatches(platform, account);
  }
  const [waiting] = await platform.query(
    "select coalesce(sum(amount), 0) as amount from balances where workspace_id = $1 and holder_id = $1",
    [actor.workspaceId],
  );
  expect(Number(waiting?.["amount"]), "nothing is left with the workspace itself").toBe(0);
});

test("an order that no single account can pay is paid by two together, and by none when both cannot", async () => {
  await connectBoth("1000");
  const placed = await place("0.02");
  const orders = await eventually(async () => {
    const rows = await ordersOf(placed);
    return rows.length > 0 && rows.every((row) => ENDED.includes(String(row["state"]))) ? rows : null;
  });
  expect(new Set(orders.map((row) => row["venue"]))).toEqual(new Set(VENUES));
  for (const account of accounts) {
    await expectNothingReserved(platform, account);
    await expectLedgerMatches(platform, account);
  }
  expect(await platform.place(actor, { quantity: "0.03" })).toMatchObject({ denialCode: "BALANCE_INSUFFICIENT" });
});

test("a small order goes to one venue", async () => {
  const intentId = await place("0.001");
  await eventually(async () => (await ordersOf(intentId)).every((row) => row["state"] === "FILLED"));
  const orders = await ordersOf(intentId);
  expect(orders).toHaveLength(1);
  const [decision] = await platform.query("select legs from route_decisions where order_id = $1", [orders[0]?.["id"]]);
  expect(decision?.["legs"]).toBeNull();
});

test("an entry with a stop goes to one venue, whose position the stop watches, or nowhere", async () => {
  const bracket = { stopPrice: "60000", trailBps: null, takeProfitPrice: null };
  const quantity = (await tooMuchForOne()).toFixed();
  const placed = await eventually(async () => {
    const result = await platform.place(actor, { quantity, bracket });
    return result.state === "ACCEPTED" ? result : null;
  });
  await eventually(async () => (await ordersOf(placed.intentId)).every((row) => row["state"] === "DENIED"));
  expect(await ordersOf(placed.intentId)).toMatchObject([{ reason_code: "ROUTE_NONE_AVAILABLE" }]);
  const triggers = await platform.query("select state, reason from triggers where workspace_id = $1", [actor.workspaceId]);
  expect(triggers).toEqual([{ state: "CANCELED", reason: "ENTRY_NOT_FILLED" }]);
});
