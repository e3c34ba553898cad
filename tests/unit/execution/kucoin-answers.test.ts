import { describe, expect, test } from "vitest";
import { Decimal } from "#server/domain/decimal.ts";
import { readEvidence, retryAfter } from "#server/execution/executors/ccxt/evidence.ts";
import {
  readKucoinBalances,
  readKucoinMarket,
  readKucoinOrder,
  readKucoinPermissions,
  readKucoinRefusal,
} from "#server/execution/executors/ccxt/venues/kucoin-answers.ts";
import type { ListedMarket } from "#server/execution/executors/ccxt/venue-wire.ts";
import { MalformedAnswer } from "#server/execution/executors/ccxt/wire-value.ts";

const MARKET: ListedMarket = {
  venueSymbol: "BTC-USDT",
  otherNames: [],
  rules: {
    symbol: "BTC/USDT",
    base: "BTC",
    quote: "USDT",
    priceTick: new Decimal("0.1"),
    amountStep: new Decimal("0.00000001"),
    amountMin: new Decimal("0.00001"),
    costMin: new Decimal("0.1"),
    active: true,
  },
};

describe("a refusal", () => {
  const read = (code: string, msg = "", status = 200) =>
    readKucoinRefusal(readEvidence(status, {}, JSON.stringify({ code, msg })));

  test.each([
    ["400002", "Invalid KC-API-TIMESTAMP", "NONCE"],
    ["429000", "Too many requests in a short period of time, please retry later", "RATE_LIMITED"],
    ["102426", "clientOid duplicate", "DUPLICATE_CLIENT_ORDER_ID"],
    ["400100", "validation.createOrder.clientOidDuplicated", "DUPLICATE_CLIENT_ORDER_ID"],
    ["500000", "Internal Server Error", "VENUE_ERROR"],
    ["230005", "System busy", "VENUE_ERROR"],
    ["987654", "a code that nobody has told us of: insufficient, not exist, symbol", "VENUE_ERROR"],
  ])("%s %s leaves it open: %s", (code, msg, cause) => {
    expect(read(code, msg)).toEqual({ kind: "unknown", cause });
  });

  test.each([
    ["400003", "KC-API-KEY not exists", "AUTHENTICATION"],
    ["400006", "The requested ip address is not in the api whitelist", "AUTHENTICATION"],
    ["400007", "Access denied, require more permission.", "NOT_PERMITTED"],
    ["411100", "User are frozen", "ACCOUNT_SUSPENDED"],
    ["200004", "Balance insufficient!", "INSUFFICIENT_FUNDS"],
    ["300000", "account.available.amount insufficient", "INSUFFICIENT_FUNDS"],
    ["200001", "Order creation for this pair suspended", "MARKET_CLOSED"],
    ["900001", "symbol not exists", "BAD_SYMBOL"],
    ["400100", "Unsupported trading pair.", "BAD_SYMBOL"],
    ["600101", "The order funds should more then 0.1 USDT.", "INVALID_ORDER"],
    ["400100", "validation.createOrder.clientOidIsRequired", "INVALID_ORDER"],
    ["300000", "Order funds invalid.", "INVALID_ORDER"],
  ])("%s %s is one: %s", (code, msg, reason) => {
    expect(read(code, msg)).toEqual({ kind: "rejected", reason });
  });

  test.each([
    "order_not_exist_or_not_allow_to_cancel",
    "Order not exist or not allow to be cancelled",
    "The order does not exist.",
    "order not exist.",
  ])("%s says that the order is not there", (msg) => {
    expect(read("400100", msg)).toEqual({ kind: "order-not-found" });
  });

  test("an answer without a code is no refusal, and one that is no JSON is nobody's", () => {
    expect(readKucoinRefusal(readEvidence(200, {}, "{}"))).toEqual({ kind: "unknown", cause: "BAD_RESPONSE" });
    expect(readKucoinRefusal(readEvidence(200, {}, "[]"))).toEqual({ kind: "unknown", cause: "BAD_RESPONSE" });
    expect(readKucoinRefusal(readEvidence(403, {}, "<html>blocked</html>"))).toBeNull();
  });

  test("names the end of its pause in ms from now", () => {
    const now = new Date("2026-01-01T00:00:00Z");
    const evidence = readEvidence(429, { "gw-ratelimit-reset": "12500", "gw-ratelimit-remaining": "0" }, "{}");
    expect(retryAfter(evidence, now)).toEqual(new Date("2026-01-01T00:00:12.5Z"));
    expect(retryAfter(readEvidence(429, { "gw-ratelimit-reset": "soon" }, "{}"), now)).toBeNull();
  });
});

describe("an order", () => {
  const row = { id: "1", clientOid: "", side: "buy", size: "2", dealSize: "0", price: "0", active: false, cancelExist: false };
  const read = (change: object) => readKucoinOrder({ ...row, ...change }, MARKET);

  test("is open, filled or canceled by its own words and its sizes", () => {
    expect(read({ active: true, dealSize: "1" }).state).toBe("OPEN");
    expect(read({ dealSize: "2" }).state).toBe("FILLED");
    expect(read({ dealSize: "1", cancelExist: true }).state).toBe("CANCELED");
    expect(read({ dealSize: "1" }).state).toBe("CANCELED");
    expect(() => read({ active: undefined })).toThrow(MalformedAnswer);
  });

  test("bought for an amount of quote is as large as what it bought; a market order has no price", () => {
    const order = read({ size: "0", dealSize: "0.5" });
    expect([order.state, order.quantity.toFixed(), order.limitPrice, order.clientOrderId]).toEqual(["FILLED", "0.5", null, null]);
  });
});

test("balances are those that orders trade from, and never the funding account's", () => {
  const row = (type: string, balance: string) => ({ type, currency: "USDT", balance, available: balance, holds: "0" });
  const totals = (...rows: object[]) => readKucoinBalances(rows).map(({ total }) => total.toFixed());
  expect(totals(row("main", "7"), row("trade", "5"))).toEqual(["5"]);
  expect(totals(row("main", "7"), row("trade", "5"), row("trade_hf", "3"))).toEqual(["3"]);
});

test("a key that can move money out is known by any of the venue's words for it", () => {
  const read = (permission: string) => readKucoinPermissions({ permission });
  expect(read("General,Spot")).toEqual({ canRead: true, canTrade: true, canWithdraw: false });
  expect(read("General, Trade")).toEqual({ canRead: true, canTrade: true, canWithdraw: false });
  for (const word of ["Withdrawal", "Withdraw", "Transfer", "InnerTransfer", "FlexTransfers"]) {
    expect(read(`General,Spot,${word}`).canWithdraw, word).toBe(true);
  }
  expect(read("General")).toEqual({ canRead: true, canTrade: false, canWithdraw: false });
});

test("the smallest order is the larger of the venue's two minimums", () => {
  const row = {
    symbol: "BTC-USDT",
    baseIncrement: "0.00000001",
    priceIncrement: "0.1",
    baseMinSize: "0.00001",
    quoteMinSize: "0.1",
    minFunds: "1",
    enableTrading: true,
  };
  const { symbol, base, quote } = MARKET.rules;
  expect(readKucoinMarket(row, { symbol, base, quote }).rules.costMin.toFixed()).toBe("1");
  expect(readKucoinMarket({ ...row, minFunds: null }, { symbol, base, quote }).rules.costMin.toFixed()).toBe("0.1");
});
