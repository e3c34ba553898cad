import { expect } from "vitest";
import type { PlaceIntentInput } from "#lib/contracts/trade.ts";
import { systemClock } from "#server/clock.ts";
import { createDatabase } from "#server/data/database.ts";
import { Decimal } from "#server/domain/decimal.ts";
import type { Actor } from "#server/domain/actor.ts";
import { createCcxtExecutorFactory } from "#server/execution/executors/ccxt/factory.ts";
import { createLog } from "#server/log.ts";
import { cancelOrder } from "#server/services/cancel-order.ts";
import type { SimFeeMode, SimVenueId } from "#simulator/engine/types.ts";
import { startMarketFeeds } from "#worker/market-feeds.ts";
import { eventually } from "./eventually.ts";
import { expectLedgerMatches, expectNothingReserved } from "./ledger-matches.ts";
import {
  type ConnectedAccount,
  NEVER_FALLS,
  originsOf,
  PLENTY_OF_CALLS,
  startTestPlatform,
  type TestPlatform,
} from "./platform.ts";

/** Every venue with the market that the tests trade there. */
export const FAULT_VENUES = [
  { venue: "binance", symbol: "BTC/USDT" },
  { venue: "coinbase", symbol: "BTC/USD" },
  { venue: "kraken", symbol: "BTC/USD" },
  { venue: "okx", symbol: "BTC/USDT" },
  { venue: "bybit", symbol: "BTC/USDT" },
  { venue: "kucoin", symbol: "BTC/USDT" },
  { venue: "gate", symbol: "BTC/USDT" },
  { venue: "alpaca", symbol: "BTC/USD" },
] as const satisfies readonly { readonly venue: SimVenueId; readonly symbol: string }[];

export type Row = Readonly<Record<string, unknown>>;

/** A paper account with its own trader, and the market that the test trades there. */
export interface FaultAccount extends ConnectedAccount {
  readonly actor: Actor;
  readonly symbol: string;
}

/** By which clock a market's day is told, and how far it may fall in it. */
type FeedTerms = Pick<Parameters<typeof startMarketFeeds>[0], "clock" | "marketFallMax">;

/** The platform with market data of its own, so that workers may die without the books going stale. */
export interface FaultPlatform extends TestPlatform {
  /** A new account of a new trader, ready to trade. Needs a running worker. */
  openAccount(venue: SimVenueId, balances?: Readonly<Record<string, string>>, feeMode?: SimFeeMode): Promise<FaultAccount>;
  /** Ends the market data and begins it anew, on other terms. */
  restartFeeds(terms: FeedTerms): Promise<void>;
  order(orderId: string): Promise<Row>;
  /** Waits for an order's state; an order that ends in another final state fails at once. */
  orderIn(orderId: string, ...states: readonly string[]): Promise<Row>;
  /** The order id of an accepted intent; asks again while the books are not there yet. */
  placeAccepted(account: FaultAccount, intent?: Partial<PlaceIntentInput>): Promise<string>;
  cancel(account: FaultAccount, orderId: string): Promise<string>;
  /** What has happened to the order, in that order. */
  eventsOf(orderId: string): Promise<string[]>;
  /** Closes every breaker and forgets the calls that opened it, so that a test does not find a venue rested for the one before. */
  forgetFailures(): Promise<void>;
  /** How often a fault has struck. */
  hits(faultId: string): number;
  /** A price at the venue that rests: below the market for a buy, above it for a sell. */
  restingPrice(account: FaultAccount, side?: "BUY" | "SELL"): string;
  /** Moves the market of the account through `price`, so that what rests there fills; it comes back at the next tick. */
  cross(account: FaultAccount, price: string): void;
  /** One order at the venue, each of its fills booked once, nothing reserved, ledger and venue equal. */
  expectOneOrderBooked(account: FaultAccount, orderId: string): Promise<void>;
}

const BOOKS_EVERY_MS = 300;
const FINAL = new Set(["FILLED", "CANCELED", "REJECTED", "EXPIRED", "DENIED"]);

/** Books are kept for the named venues alone: a test that trades at one saves the time that the others cost. */
export async function startFaultPlatform(...named: readonly SimVenueId[]): Promise<FaultPlatform> {
  const venues = FAULT_VENUES.filter(({ venue }) => named.length === 0 || named.includes(venue));
  const platform = await startTestPlatform();
  const { control } = platform.simulator;
  const feedDatabase = createDatabase({ url: platform.test.workerUrl, applicationName: "test-feed", connectionsMax: 4 });
  const startFeeds = (terms: FeedTerms) =>
    startMarketFeeds({
      database: feedDatabase,
      factory: createCcxtExecutorFactory({
        endpoints: { origins: originsOf(platform.simulator) },
        timeoutMs: 4_000,
        budgets: PLENTY_OF_CALLS,
      }),
      log: createLog({ name: "test-feed", level: process.env["NIJA_TEST_LOG"] ?? "silent" }),
      workerId: crypto.randomUUID(),
      feeds: venues.map(({ venue }) => ({ mode: "PAPER", venue })),
      publishQuotes: async () => undefined,
      marketFallMax: NEVER_FALLS,
      ...terms,
    });
  let feeds = startFeeds({});
  for (const { venue, symbol } of venues) control.setMarket({ venue, symbol, frozen: true });
  // The same book again and again: prices stand still, depth comes back, and nobody finds the books stale.
  const ticking = setInterval(() => {
    for (const { venue, symbol } of venues) control.setMarket({ venue, symbol });
  }, BOOKS_EVERY_MS);
  async function order(orderId: string): Promise<Row> {
    const [row] = await platform.query("select * from orders where id = $1", [orderId]);
    if (row === undefined) throw new Error(`no order ${orderId}`);
    return row;
  }

  async function orderIn(orderId: string, ...states: readonly string[]): Promise<Row> {
    const row = await eventually(
      async () => {
        const now = await order(orderId);
        return states.includes(String(now["state"])) || FINAL.has(String(now["state"])) ? now : null;
      },
      { what: `order ${orderId} being ${states.join(" or ")}`, timeoutMs: 50_000 },
    );
    expect(states, `${String(row["reason_code"])} ${String(row["reason_detail"])}`).toContain(row["state"]);
    return row;
  }

  async function placeAccepted(account: FaultAccount, intent: Partial<PlaceIntentInput> = {}): Promise<string> {
    const { actor, symbol, venueAccountId } = account;
    let denial: unknown = null;
    const placed = await eventually(
      async () => {
        const result = await platform.place(actor, { symbol, venueAccountId, ...intent });
        denial = result.denialCode;
        return result.state === "ACCEPTED" ? result : null;
      },
      { what: "an accepted intent" },
    ).catch((error: unknown) => {
      throw new Error(`denied: ${String(denial)}`, { cause: error });
    });
    return placed.orderId ?? "";
  }

  return {
    ...platform,
    async restartFeeds(terms) {
      await feeds.stop();
      feeds = startFeeds(terms);
    },
    async openAccount(venue, balances, feeMode) {
      const actor = await platform.createTrader();
      const account = await platform.connect(actor, venue, balances, feeMode);
      return { ...account, actor, symbol: FAULT_VENUES.find((known) => known.venue === venue)?.symbol ?? "" };
    },
    order,
    orderIn,
    placeAccepted,
    cancel: async ({ actor }, orderId) =>
      (await cancelOrder({ database: platform.web, clock: systemClock }, actor, { orderId })).state,
    async eventsOf(orderId) {
      const rows = await platform.query("select event from order_events where order_id = $1 order by version", [orderId]);
      return rows.map((row) => String(row["event"]));
    },
    async forgetFailures() {
      await platform.query("delete from venue_calls");
      await platform.query("delete from venue_breakers");
      await platform.query("delete from account_breakers");
    },
    hits: (faultId) => control.faults().find(({ id }) => id === faultId)?.hits ?? 0,
    restingPrice({ venue, symbol }, side = "BUY") {
      const { bids, asks } = control.market(venue, symbol).book;
      const best = (side === "BUY" ? bids : asks)[0]?.[0];
      if (best === undefined) throw new Error(`${venue} has no book of ${symbol}`);
      return best.times(side === "BUY" ? "0.97" : "1.03").toFixed(0);
    },
    cross({ venue, symbol }, price) {
      const { bids, asks } = control.market(venue, symbol).book;
      const [bid, ask] = [bids[0]?.[0], asks[0]?.[0]];
      if (bid === undefined || ask === undefined) throw new Error(`${venue} has no book of ${symbol}`);
      const mid = bid.plus(ask).dividedBy(2);
      const beyond = mid.gt(price) ? "0.998" : "1.002";
      control.setMarket({ venue, symbol, mid: new Decimal(price).times(beyond).toFixed() });
      control.setMarket({ venue, symbol, mid: mid.toFixed() });
    },
    async expectOneOrderBooked(account, orderId) {
      const record = control.books(account.simAccountId);
      expect(record.orders.length, "orders at the venue").toBe(1);
      const row = await order(orderId);
      expect(row["venue_order_id"]).toBe(record.orders[0]?.id);
      expect(Number(row["reserve_left"])).toBe(0);
      const fills = await platform.query("select venue_trade_id from fills where venue_account_id = $1", [
        account.venueAccountId,
      ]);
      expect(fills.length, "fills in the ledger").toBe(record.fills.length);
      const entries = await platform.query(
        "select count(*)::int as n from journal_entries where order_id = $1 and kind = 'FILL'",
        [orderId],
      );
      expect(entries[0]?.["n"]).toBe(record.fills.length);
      await expectNothingReserved(platform, account);
      await expectLedgerMatches(platform, account);
    },
    async close() {
      clearInterval(ticking);
      control.clearFaults();
      await feeds.stop();
      await feedDatabase.close();
      await platform.close();
    },
  };
}
