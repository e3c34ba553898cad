import { afterAll, beforeAll, expect, test } from "vitest";
import { ManualClock } from "#server/clock.ts";
import { Decimal } from "#server/domain/decimal.ts";
import { MARKET_FALL_MAX } from "#server/domain/protection/market-fall.ts";
import type { RunningWorker } from "#worker/start-worker.ts";
import { eventually } from "#tests/support/eventually.ts";
import { type FaultAccount, type FaultPlatform, type Row, startFaultPlatform } from "#tests/support/fault-platform.ts";
import { releaseLanes, routeAndHold } from "#tests/support/hold-lane.ts";
import { expectLedgerMatches, expectNothingReserved } from "#tests/support/ledger-matches.ts";

const SYMBOL = "BTC/USDT";
const HOURS = 19;
/** Nineteen such hours leave four hundredths. */
const HOURLY = new Decimal("0.8442");
const HOUR_MS = 3_600_000;
const LOSS_USD_MAX = "500";

let platform: FaultPlatform;
let worker: RunningWorker;
let start: Decimal;
/** A day of its own, so that the real midnight means nothing here. */
const clock = new ManualClock(new Date(Date.UTC(2099, 0, 5, 2)));

async function startWorker(): Promise<void> {
  worker = await platform.startWorker({}, { feeds: false });
}

beforeAll(async () => {
  platform = await startFaultPlatform("binance", "kraken");
  await startWorker();
  const { bids, asks } = platform.simulator.control.market("binance", SYMBOL).book;
  if (bids[0] === undefined || asks[0] === undefined) throw new Error("no book");
  start = bids[0][0].plus(asks[0][0]).dividedBy(2);
  await platform.restartFeeds({ clock, marketFallMax: MARKET_FALL_MAX });
  await eventually(async () => (await day()) !== undefined, { what: "the day's first price" });
});
afterAll(() => platform?.close());

async function day(): Promise<Row | undefined> {
  const [row] = await platform.query(
    "select anchor::text, rest_until, fell_at from market_days where mode = 'PAPER' and venue = 'binance' and symbol = $1",
    [SYMBOL],
  );
  return row;
}

/** Lets the market of binance stand at this part of its first price, and waits until everybody sees it. */
async function moveTo(part: Decimal): Promise<void> {
  const mid = start.times(part);
  platform.simulator.control.setMarket({ venue: "binance", symbol: SYMBOL, mid: mid.toFixed(2) });
  await eventually(
    async () => {
      const [row] = await platform.query(
        "select (bids->0->>0)::float8 as bid, (asks->0->>0)::float8 as ask from market_books where mode = 'PAPER' and venue = 'binance' and symbol = $1",
        [SYMBOL],
      );
      const seen = (Number(row?.["bid"]) + Number(row?.["ask"])) / 2;
      return Math.abs(seen / mid.toNumber() - 1) < 0.005;
    },
    { what: "the book at the new price" },
  );
}

/** Nobody offers or bids anything. */
async function runDry(): Promise<void> {
  platform.simulator.control.setMarket({ venue: "binance", symbol: SYMBOL, liquidity: 0 });
  await eventually(
    async () =>
      (
        await platform.query(
          "select 1 from market_books where mode = 'PAPER' and venue = 'binance' and symbol = $1 and bids = '[]' and asks = '[]'",
          [SYMBOL],
        )
      ).length === 1,
    { what: "the empty book" },
  );
}

/** What became of a request: FILLED, or the code that it was refused with. */
async function ask(account: FaultAccount, intent: Parameters<FaultPlatform["place"]>[1]): Promise<string> {
  const placed = await platform.place(account.actor, { symbol: SYMBOL, venueAccountId: account.venueAccountId, ...intent });
  if (placed.state === "DENIED") return String(placed.denialCode);
  const order = await platform.orderIn(placed.orderId ?? "", "FILLED", "DENIED", "EXPIRED", "CANCELED", "REJECTED");
  return order["state"] === "FILLED" ? "FILLED" : `${String(order["state"])} ${String(order["reason_code"])}`;
}

async function alarms({ actor }: FaultAccount): Promise<Row[]> {
  return platform.query("select data from events where workspace_id = $1 and type = 'MarketFell'", [actor.workspaceId]);
}

test("a token that loses 96 % in 19 hours while quotes run out: no side is flipped, the day's anchor stops buys over restarts, exits go on, and an alarm is raised", async () => {
  const account = await platform.openAccount("binance", { USDT: "20000", BTC: "0" }, "quote");
  const bystander = await platform.openAccount("kraken");
  await platform.query("update workspace_risk set daily_loss_usd_max = $2 where workspace_id = $1", [
    account.actor.workspaceId,
    LOSS_USD_MAX,
  ]);
  const anchor = new Decimal(String((await day())?.["anchor"]));
  expect(anchor.dividedBy(start).minus(1).abs().lt("0.01")).toBe(true);
  expect(await ask(account, { quantity: "0.1" })).toBe("FILLED");

  const asked: string[] = ["buy"];
  const buys: string[] = [];
  const sells: string[] = [];
  for (let hour = 1; hour <= HOURS; hour += 1) {
    clock.advance(HOUR_MS);
    await moveTo(HOURLY.pow(hour));
    // From the second hour on it is down by more than a quarter.
    if (hour === 2) await eventually(async () => ((await day())?.["rest_until"] ?? null) !== null, { what: "the stop" });
    if (hour === 8) {
      await platform.stopWorker(worker);
      await startWorker();
      await platform.restartFeeds({ clock, marketFallMax: MARKET_FALL_MAX });
    }
    const isDry = hour === 12 || hour === 13;
    if (isDry) await runDry();
    buys.push(await ask(account, { quantity: "0.01" }));
    if (hour % 4 === 0) {
      const sold = await ask(account, { side: "SELL", isExit: true, quantity: "0.02" });
      sells.push(sold);
      if (sold === "FILLED") asked.push("sell");
    }
    if (hour === 1 && buys[0] === "FILLED") asked.push("buy");
    if (isDry) platform.simulator.control.setMarket({ venue: "binance", symbol: SYMBOL, liquidity: 1 });
  }

  expect(buys[0]).toBe("FILLED");
  // The restart, the empty book, the price at the end: nothing makes it forget.
  expect(new Set(buys.slice(1))).toEqual(new Set(["MARKET_FELL"]));
  expect(sells.filter((sold) => sold === "FILLED").length).toBeGreaterThanOrEqual(3);
  expect(new Decimal(String((await day())?.["anchor"])).eq(anchor), "the anchor of the day").toBe(true);
  const record = platform.simulator.control.books(account.simAccountId);
  expect(record.orders.filter(({ filled }) => filled.gt(0)).map(({ side }) => side)).toEqual(asked);
  const flipped = await platform.query(
    "select o.id from orders o join intents i on i.workspace_id = o.workspace_id and i.id = o.intent_id where o.side <> i.side or o.quantity > i.quantity",
  );
  expect(flipped).toEqual([]);

  // What was lost today stops entries in every market, by the same kind of anchor.
  expect(await ask(account, { symbol: "ETH/USDT", quantity: "0.01" })).toBe("LIMIT_DAILY_LOSS");
  expect((await alarms(account)).map(({ data }) => data)).toMatchObject([{ venue: "binance", mode: "PAPER", symbol: SYMBOL }]);
  expect(await alarms(bystander)).toEqual([]);
  await expectNothingReserved(platform, account);
  await expectLedgerMatches(platform, account);
}, 120_000);

test("an entry that was accepted before the fall is not sent after it, a sell is, and the same market elsewhere is bought", async () => {
  await platform.query("delete from market_days");
  await platform.restartFeeds({ clock, marketFallMax: MARKET_FALL_MAX });
  await moveTo(new Decimal(1));
  await eventually(async () => (await day()) !== undefined, { what: "the day's first price" });
  const account = await platform.openAccount("binance", { USDT: "200000", BTC: "1" });
  const elsewhere = { ...account, ...(await platform.connect(account.actor, "kraken", { USDT: "200000" })) };
  const entry = await routeAndHold(platform, account);
  await moveTo(new Decimal("0.7"));
  await eventually(async () => ((await day())?.["rest_until"] ?? null) !== null, { what: "the stop" });
  await releaseLanes(platform, account.venueAccountId);
  expect(await platform.orderIn(entry, "DENIED")).toMatchObject({ reason_code: "MARKET_FELL", client_order_id: null });
  await expectNothingReserved(platform, account);
  expect(await ask(account, { side: "SELL" })).toBe("FILLED");
  // Nobody named an account: the router leaves the fallen one out.
  const free = await platform.placeAccepted(account, { venueAccountId: null });
  expect(await platform.orderIn(free, "FILLED")).toMatchObject({ venue_account_id: elsewhere.venueAccountId });
});
