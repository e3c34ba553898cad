import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "#server/clock.ts";
import { createDatabase } from "#server/data/database.ts";
import type { Actor } from "#server/domain/actor.ts";
import { Decimal } from "#server/domain/decimal.ts";
import { createCcxtExecutorFactory } from "#server/execution/executors/ccxt/factory.ts";
import { createLog } from "#server/log.ts";
import { previewRoute } from "#server/services/preview-route.ts";
import { eventually } from "#tests/support/eventually.ts";
import {
  type ConnectedAccount,
  originsOf,
  PLENTY_OF_CALLS,
  startTestPlatform,
  type TestPlatform,
} from "#tests/support/platform.ts";
import { startMarketFeeds } from "#worker/market-feeds.ts";

const SYMBOL = "BTC/USD";
const VENUES = ["alpaca", "coinbase"] as const;

let platform: TestPlatform;
let close: () => Promise<void> = async () => undefined;
let actor: Actor;
let alpaca: ConnectedAccount;
let coinbase: ConnectedAccount;
/** Base worth about nine dollars: less than alpaca takes a buy for, enough for the other. */
let nineDollars: string;

beforeAll(async () => {
  platform = await startTestPlatform();
  const database = createDatabase({ url: platform.test.workerUrl, applicationName: "test-feed", connectionsMax: 4 });
  const feeds = startMarketFeeds({
    database,
    factory: createCcxtExecutorFactory({ endpoints: { origins: originsOf(platform.simulator) }, budgets: PLENTY_OF_CALLS }),
    log: createLog({ name: "test-feed", level: "silent" }),
    workerId: crypto.randomUUID(),
    feeds: VENUES.map((venue) => ({ mode: "PAPER", venue })),
    publishQuotes: async () => undefined,
  });
  const books = () => {
    for (const venue of VENUES) platform.simulator.control.setMarket({ venue, symbol: SYMBOL, mid: "50000", frozen: true });
  };
  const ticking = setInterval(books, 300);
  close = async () => {
    clearInterval(ticking);
    await feeds.stop();
    await database.close();
  };
  nineDollars = new Decimal(9).dividedBy(50_000).toFixed();
  await platform.startWorker({}, { feeds: false });
  actor = await platform.createTrader();
  alpaca = await platform.connect(actor, "alpaca");
  coinbase = await platform.connect(actor, "coinbase");
  await eventually(
    async () => {
      const near = "select 1 from market_books where symbol = $1 and (bids->0->>0)::numeric between 49000 and 50000";
      return (await platform.query(near, [SYMBOL])).length === VENUES.length;
    },
    { what: "both books at the price" },
  );
});
afterAll(async () => {
  await close();
  await platform?.close();
});

const ordersAt = ({ simAccountId }: ConnectedAccount) => platform.simulator.control.books(simAccountId).orders;

test("a buy below what the venue takes one for is denied before it is sent, and a sell of the same size is filled", async () => {
  const terms = { symbol: SYMBOL, venueAccountId: alpaca.venueAccountId, quantity: nineDollars };
  expect(await platform.place(actor, terms)).toMatchObject({
    state: "DENIED",
    denialCode: "NOTIONAL_BELOW_MINIMUM",
    denialDetails: { minimum: "10", asset: "USD" },
  });
  expect(ordersAt(alpaca)).toEqual([]);
  expect(await platform.place(actor, { ...terms, side: "SELL" })).toMatchObject({ state: "ACCEPTED" });
  await eventually(async () => ordersAt(alpaca)[0]?.status === "filled", { what: "the sell being filled" });
});

test("the router passes such a venue over and says why, and takes one whose minimum is lower", async () => {
  const before = ordersAt(alpaca).length;
  const terms = { symbol: SYMBOL, side: "BUY", type: "MARKET", quantity: nineDollars, limitPrice: null, isExit: false } as const;
  const asked = { ...terms, workspaceId: actor.workspaceId, venueAccountId: null };
  const preview = await previewRoute({ database: platform.web, clock: systemClock }, actor, asked);
  expect(preview.chosenVenueAccountId).toBe(coinbase.venueAccountId);
  const passedOver = preview.candidates.find(({ venueAccountId }) => venueAccountId === alpaca.venueAccountId);
  expect(JSON.stringify(passedOver)).toContain("ORDER_FITS_RULES");
  expect(await platform.place(actor, { symbol: SYMBOL, quantity: nineDollars })).toMatchObject({ state: "ACCEPTED" });
  await eventually(async () => ordersAt(coinbase)[0]?.status === "filled", { what: "the buy being filled" });
  expect(ordersAt(alpaca)).toHaveLength(before);
});
