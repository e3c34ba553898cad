import { describe, expect, test } from "vitest";
import { Decimal } from "#server/domain/decimal.ts";
import { readEvidence } from "#server/execution/executors/ccxt/evidence.ts";
import {
  readAlpacaBalances,
  readAlpacaMarket,
  readAlpacaPermissions,
  readAlpacaRefusal,
} from "#server/execution/executors/ccxt/venues/alpaca-answers.ts";
import {
  AlpacaFees,
  type FeeQuestions,
  feeRatesOf,
  type UnpricedFill,
} from "#server/execution/executors/ccxt/venues/alpaca-fees.ts";
import type { ListedMarket } from "#server/execution/executors/ccxt/venue-wire.ts";

describe("refusals", () => {
  test.each([
    [401, { code: 40110000, message: "request is not authorized" }, { kind: "rejected", reason: "AUTHENTICATION" }],
    [403, { message: "forbidden." }, { kind: "rejected", reason: "AUTHENTICATION" }],
    [401, { message: "unauthorized" }, { kind: "rejected", reason: "AUTHENTICATION" }],
    [422, { code: 40010001, message: "client_order_id must be unique" }, { kind: "unknown", cause: "DUPLICATE_CLIENT_ORDER_ID" }],
    [403, { code: 40310000, message: "insufficient buying power" }, { kind: "rejected", reason: "INSUFFICIENT_FUNDS" }],
    [403, { code: 40310000, message: "words of tomorrow" }, { kind: "rejected", reason: "INVALID_ORDER" }],
    [403, { code: 40310000, message: "new orders are rejected by user request" }, { kind: "rejected", reason: "NOT_PERMITTED" }],
    [422, { code: 42210000, message: 'asset "X/USD" not found' }, { kind: "rejected", reason: "BAD_SYMBOL" }],
    [422, { code: 42210000, message: "asset BTC/USD is not tradable" }, { kind: "rejected", reason: "MARKET_CLOSED" }],
    [422, { code: 42210000, message: 'order is already in "filled" state' }, { kind: "order-not-found" }],
    [422, { code: 42210000, message: 'order is already in "pending_cancel" state' }, { kind: "cancel-pending" }],
    [404, { code: 40410000, message: "order is not found." }, { kind: "order-not-found" }],
    [429, { code: 42910000, message: "rate limit exceeded" }, { kind: "unknown", cause: "RATE_LIMITED" }],
  ] as const)("HTTP %i %j", (status, body, verdict) => {
    expect(readAlpacaRefusal(readEvidence(status, {}, JSON.stringify(body)))).toEqual(verdict);
  });

  test.each([
    [400, "<html>no gateway of theirs</html>"],
    [409, JSON.stringify({ code: 40910000, message: "a code of tomorrow" })],
    [400, JSON.stringify({ error: "no message" })],
  ])("HTTP %i %s proves nothing", (status, body) => {
    expect(readAlpacaRefusal(readEvidence(status, {}, body))).toBeNull();
  });
});

describe("the account", () => {
  test("coins are positions, stocks are none of ours, and dollars are the cash with what orders hold of it", () => {
    const account = { currency: "USD", cash: "900.5", equity: "6000.75", position_market_value: "5000.25" };
    const row = { asset_class: "crypto", qty: "0.5", qty_available: "0.25" };
    const stock = { asset_class: "us_equity", symbol: "AAPL", qty: "3", qty_available: "3" };
    const positions = [{ ...row, symbol: "BTCUSD" }, { ...row, symbol: "ETH/USD" }, { ...row, symbol: "USDTUSD" }, stock];
    const shown = readAlpacaBalances(account, positions).map(({ asset, total, free }) => [
      asset,
      total.toFixed(),
      free.toFixed(),
    ]);
    expect(shown).toEqual([
      ["USD", "1000.5", "900.5"],
      ["BTC", "0.5", "0.25"],
      ["ETH", "0.5", "0.25"],
      ["USDT", "0.5", "0.25"],
    ]);
    expect(() => readAlpacaBalances(account, [{ ...row, symbol: "BTC" }])).toThrow("unknown position");
  });

  test.each([
    [{}, { canTrade: true, canWithdraw: null }],
    [{ transfers_blocked: true }, { canTrade: true, canWithdraw: false }],
    [{ trade_suspended_by_user: true }, { canTrade: false, canWithdraw: null }],
    [{ trading_blocked: true }, { canTrade: false, canWithdraw: null }],
    [{ crypto_status: "INACTIVE" }, { canTrade: false, canWithdraw: null }],
  ])("%j may %j", (change, may) => {
    expect(readAlpacaPermissions({ status: "ACTIVE", crypto_status: "ACTIVE", ...change })).toEqual({ canRead: true, ...may });
  });

  test.each([
    [undefined, "0.0015", "0.0025"],
    [0, "0.0015", "0.0025"],
    [1, "0.0015", "0.0025"],
    [4, "0.0008", "0.0018"],
    [8, "0", "0.001"],
  ])("tier %s pays %s and %s", (crypto_tier, maker, taker) => {
    const rates = feeRatesOf(crypto_tier === undefined ? {} : { crypto_tier });
    expect([rates.maker.toFixed(), rates.taker.toFixed()]).toEqual([maker, taker]);
  });

  test("a tier that nobody has published is no fee at all", () => {
    expect(() => feeRatesOf({ crypto_tier: 9 })).toThrow("unknown fee tier");
  });
});

test("a buy for dollars has a minimum that a sell and other quotes have not", () => {
  const asset = {
    symbol: "BTC/USD",
    status: "active",
    tradable: true,
    price_increment: "1",
    min_trade_increment: "0.000000001",
    min_order_size: "0.00002",
  };
  const minimums = (quote: string) => {
    const { costMin, costMinBuy } = readAlpacaMarket(asset, { symbol: `BTC/${quote}`, base: "BTC", quote }).rules;
    return [costMin.toFixed(), costMinBuy?.toFixed()];
  };
  expect(minimums("USD")).toEqual(["0", "10"]);
  expect(minimums("USDT")).toEqual(["0", undefined]);
});

describe("who was the maker", () => {
  const at = new Date("2026-06-01T12:00:00.500Z");
  const rules = { symbol: "BTC/USD", base: "BTC", quote: "USD" };
  const market = { venueSymbol: "BTC/USD", rules } as unknown as ListedMarket;
  const fill: UnpricedFill = {
    venueTradeId: "trade",
    venueOrderId: "order",
    clientOrderId: null,
    symbol: "BTC/USD",
    side: "BUY",
    price: new Decimal(50_000),
    quantity: new Decimal("0.1"),
    executedAt: at,
  };
  const order = {
    id: "order",
    type: "limit",
    time_in_force: "gtc",
    limit_price: "50000",
    submitted_at: "2026-06-01T12:00:00.400Z",
  };
  const trade = { p: 50_000, s: 0.1, t: at.toISOString(), tks: "S" };

  async function maker(known: object | null, tape: readonly unknown[] = []): Promise<boolean | undefined> {
    const ask: FeeQuestions = {
      account: async () => ({ crypto_tier: 1 }),
      recentOrders: async () => [],
      order: async () => known,
      tape: async () => tape,
    };
    return (await new AlpacaFees(ask).price([fill], () => market))[0]?.maker;
  }

  test.each([
    ["an order that the venue has forgotten", null, [trade], false],
    ["a market order", { ...order, type: "market", limit_price: null }, [trade], false],
    ["an immediate order", { ...order, time_in_force: "ioc" }, [trade], false],
    ["a better price than its own", { ...order, limit_price: "50001" }, [trade], false],
    ["a second in the book", { ...order, submitted_at: "2026-06-01T11:59:59.500Z" }, [], true],
    ["a seller who took", order, [trade], true],
    ["a buyer who took", order, [{ ...trade, tks: "B" }], false],
    ["a trade of another size", order, [{ ...trade, s: 0.2 }], false],
    ["a trade of another price", order, [{ ...trade, p: 50_001 }], false],
    ["the nearer of two", order, [{ ...trade, tks: "B", t: "2026-06-01T12:00:00.900Z" }, trade], true],
    [
      "a stop, whose time in the book nobody knows",
      { ...order, type: "stop_limit", submitted_at: "2026-01-01T00:00:00Z" },
      [],
      false,
    ],
  ])("%s", async (_what, known, tape, expected) => {
    expect(await maker(known, tape)).toBe(expected);
  });
});
