import { describe, expect, test } from "vitest";
import { Decimal, ZERO } from "#server/domain/decimal.ts";
import { readEvidence, retryAfter } from "#server/execution/executors/ccxt/evidence.ts";
import type { ListedMarket } from "#server/execution/executors/ccxt/venue-wire.ts";
import { readBybitExecution, readBybitOrder, readBybitRefusal } from "#server/execution/executors/ccxt/venues/bybit-answers.ts";
import { weeksSince } from "#server/execution/executors/ccxt/venues/shared-reads.ts";

const market: ListedMarket = {
  venueSymbol: "BTCUSDT",
  otherNames: [],
  rules: {
    symbol: "BTC/USDT",
    base: "BTC",
    quote: "USDT",
    priceTick: new Decimal("0.1"),
    amountStep: new Decimal("0.000001"),
    amountMin: ZERO,
    costMin: ZERO,
    active: true,
  },
};
const order = {
  orderId: "1",
  orderLinkId: "",
  symbol: "BTCUSDT",
  side: "Buy",
  orderType: "Limit",
  orderStatus: "New",
  price: "30000",
  qty: "500",
  cumExecQty: "0.01",
  createdTime: "1700000000000",
};

describe("an order of bybit", () => {
  test.each([
    ["New", "OPEN"],
    ["Untriggered", "OPEN"],
    ["PartiallyFilledCanceled", "CANCELED"],
    ["Deactivated", "CANCELED"],
    ["Rejected", "REJECTED"],
  ])("that is %s is %s", (orderStatus, state) => {
    expect(readBybitOrder({ ...order, orderStatus }, market).state).toBe(state);
  });

  test("in a state that nobody knows is no answer", () => {
    expect(() => readBybitOrder({ ...order, orderStatus: "Dreaming" }, market)).toThrow("unknown order status");
  });

  test.each([
    [{ orderType: "Market", marketUnit: "quoteCoin" }, "0.01"],
    [{ orderType: "Market", marketUnit: "" }, "0.01"],
    [{ orderType: "Market", marketUnit: "", side: "Sell" }, "500"],
    [{ orderType: "Market", marketUnit: "baseCoin" }, "500"],
    [{}, "500"],
  ])("%j has its quantity in base", (changes, quantity) => {
    const read = readBybitOrder({ ...order, ...changes }, market);
    expect(read.quantity.toFixed()).toBe(quantity);
    expect(read.limitPrice === null).toBe("orderType" in changes);
  });
});

describe("a fee of bybit", () => {
  const execution = { execId: "1", orderId: "1", execPrice: "1", execQty: "1", execTime: "1", isMaker: false };
  test.each([
    ["Buy", "0.1", {}, "BTC"],
    ["Sell", "0.1", {}, "USDT"],
    ["Buy", "-0.1", {}, "USDT"],
    ["Sell", "-0.1", {}, "BTC"],
    ["Buy", "0.1", { feeCurrency: "MNT" }, "MNT"],
    ["Buy", "0.1", { feeCurrency: "", feeCoin: "MNT" }, "MNT"],
  ])("of a %s of %s, told as %j, is in %s", (side, execFee, told, asset) => {
    const fill = readBybitExecution({ ...execution, side, execFee, ...told }, market);
    expect([fill.feeAsset, fill.fee.toFixed()]).toEqual([asset, execFee]);
  });
});

describe("a refusal of bybit", () => {
  const verdict = (status: number, body: unknown) =>
    readBybitRefusal(readEvidence(status, {}, typeof body === "string" ? body : JSON.stringify(body)));

  test.each([
    [110072, { kind: "unknown", cause: "DUPLICATE_CLIENT_ORDER_ID" }],
    [170141, { kind: "unknown", cause: "DUPLICATE_CLIENT_ORDER_ID" }],
    [110001, { kind: "order-not-found" }],
    [170213, { kind: "order-not-found" }],
    [170212, { kind: "cancel-pending" }],
    [10002, { kind: "unknown", cause: "NONCE" }],
    [10006, { kind: "unknown", cause: "RATE_LIMITED" }],
    [10000, { kind: "unknown", cause: "TIMEOUT" }],
    [10016, { kind: "unknown", cause: "VENUE_ERROR" }],
    [170151, { kind: "rejected", reason: "MARKET_CLOSED" }],
    [10008, { kind: "rejected", reason: "ACCOUNT_SUSPENDED" }],
    [987654, { kind: "unknown", cause: "VENUE_ERROR" }],
  ])("with code %i", (retCode, expected) => {
    expect(verdict(200, { retCode, retMsg: "" })).toEqual(expected);
  });

  test("without a code leaves the order open, unless its HTTP status is one that the venue explains", () => {
    expect(verdict(200, {})).toEqual({ kind: "unknown", cause: "BAD_RESPONSE" });
    expect(verdict(401, "")).toEqual({ kind: "rejected", reason: "AUTHENTICATION" });
    expect(verdict(403, "access too frequent")).toEqual({ kind: "unknown", cause: "RATE_LIMITED" });
    expect(verdict(403, "<html>blocked in your country</html>")).toEqual({ kind: "unknown", cause: "VENUE_ERROR" });
    expect(verdict(404, "")).toEqual({ kind: "unknown", cause: "VENUE_ERROR" });
  });

  test("names the end of a limit in a header, if that is still to come", () => {
    const now = new Date(1_700_000_000_000);
    const at = (reset: string) => retryAfter(readEvidence(200, { "X-Bapi-Limit-Reset-Timestamp": reset }, ""), now);
    expect(at("1700000000750")).toEqual(new Date(1_700_000_000_750));
    expect(at("1699999999000")).toBeNull();
    expect(at("soon")).toBeNull();
  });
});

test("a long time is asked for week by week, without a gap, and a time to come once", () => {
  const day = 86_400_000;
  const weeks = weeksSince(new Date(0), 15 * day);
  expect(weeks.map(({ startTime }) => startTime / day)).toEqual([0, 7, 14]);
  weeks.slice(1).forEach(({ startTime }, index) => expect(startTime).toBe((weeks[index]?.endTime ?? 0) + 1));
  expect(weeksSince(new Date(20 * day), 15 * day)).toHaveLength(1);
});
