import { describe, expect, test } from "vitest";
import { Decimal, ZERO } from "#server/domain/decimal.ts";
import { readEvidence } from "#server/execution/executors/ccxt/evidence.ts";
import type { ListedMarket } from "#server/execution/executors/ccxt/venue-wire.ts";
import { readOkxFill, readOkxOrder, readOkxRefusal, rowOf } from "#server/execution/executors/ccxt/venues/okx-answers.ts";

const market: ListedMarket = {
  venueSymbol: "BTC-USDT",
  otherNames: [],
  rules: {
    symbol: "BTC/USDT",
    base: "BTC",
    quote: "USDT",
    priceTick: new Decimal("0.1"),
    amountStep: new Decimal("0.00000001"),
    amountMin: ZERO,
    costMin: ZERO,
    active: true,
  },
};

const order = {
  ordId: "680800019749904384",
  clOrdId: "",
  side: "buy",
  ordType: "limit",
  state: "live",
  px: "51858",
  sz: "100",
  tgtCcy: "",
  accFillSz: "0.00192834",
  cancelSource: "",
  cTime: "1708587373361",
};

describe("an order of okx", () => {
  test.each([
    ["live", "", "OPEN"],
    ["partially_filled", "", "OPEN"],
    ["filled", "", "FILLED"],
    ["canceled", "1", "CANCELED"],
    ["canceled", "13", "EXPIRED"],
    ["canceled", "14", "EXPIRED"],
    ["canceled", "31", "EXPIRED"],
    ["mmp_canceled", "38", "CANCELED"],
  ])("that is %s (reason '%s') is %s", (state, cancelSource, expected) => {
    expect(readOkxOrder({ ...order, state, cancelSource }, market).state).toBe(expected);
  });

  test("in a state that nobody knows is no answer", () => {
    expect(() => readOkxOrder({ ...order, state: "dreaming" }, market)).toThrow("unknown order state");
  });

  test.each([
    [{ ordType: "market", px: "", tgtCcy: "quote_ccy" }, "0.00192834", undefined],
    [{ ordType: "market", px: "", tgtCcy: "base_ccy" }, "100", undefined],
    [{}, "100", "51858"],
  ])("%j has its quantity in base and a limit only if it has one", (changes, quantity, limit) => {
    const read = readOkxOrder({ ...order, ...changes }, market);
    expect([read.quantity.toFixed(), read.limitPrice?.toFixed()]).toEqual([quantity, limit]);
  });
});

describe("a fill of okx", () => {
  const fill = {
    tradeId: "744876980",
    ordId: "680800019749904384",
    clOrdId: "order1",
    side: "buy",
    fillPx: "51858",
    fillSz: "0.00192834",
    fee: "-0.00000192834",
    feeCcy: "BTC",
    execType: "T",
    fillTime: "1708587373361",
    ts: "1708587373362",
  };

  test.each([
    ["-0.00000192834", "0.00000192834"],
    ["0.25", "-0.25"],
    ["0", "0"],
    ["", "0"],
  ])("with a fee of '%s' there costs %s", (fee, cost) => {
    expect(readOkxFill({ ...fill, fee }, market)).toMatchObject({ fee: new Decimal(cost), feeAsset: "BTC", maker: false });
  });
});

describe("a refusal by okx", () => {
  const verdict = (body: unknown, status = 200) => readOkxRefusal(readEvidence(status, {}, JSON.stringify(body)));
  const placement = (sCode: string) => ({ code: "1", data: [{ ordId: "", sCode, sMsg: "" }], msg: "All operations failed" });

  test.each([
    ["51008", { kind: "rejected", reason: "INSUFFICIENT_FUNDS" }],
    ["51008_1000", { kind: "rejected", reason: "INSUFFICIENT_FUNDS" }],
    ["51020", { kind: "rejected", reason: "INVALID_ORDER" }],
    ["51022", { kind: "rejected", reason: "MARKET_CLOSED" }],
    ["51016", { kind: "unknown", cause: "DUPLICATE_CLIENT_ORDER_ID" }],
    // "Does not mean that the request was successful or failed."
    ["51149", { kind: "unknown", cause: "TIMEOUT" }],
    ["50061", { kind: "unknown", cause: "RATE_LIMITED" }],
    ["51400", { kind: "order-not-found" }],
    ["51410", { kind: "cancel-pending" }],
  ])("inside an answer, %s means what it says", (sCode, expected) => {
    expect(verdict(placement(sCode))).toEqual(expected);
  });

  test.each([
    ["50102", 401, { kind: "unknown", cause: "NONCE" }],
    ["50113", 401, { kind: "rejected", reason: "AUTHENTICATION" }],
    ["50120", 200, { kind: "rejected", reason: "NOT_PERMITTED" }],
    ["50004", 400, { kind: "unknown", cause: "TIMEOUT" }],
    ["51603", 200, { kind: "order-not-found" }],
  ])("of the whole request, %s means what it says", (code, status, expected) => {
    expect(verdict({ code, data: [], msg: "" }, status)).toEqual(expected);
  });

  test("in words that are not known leaves the order open to a look-up", () => {
    expect(verdict(placement("59999"))).toEqual({ kind: "unknown", cause: "VENUE_ERROR" });
    expect(verdict({ code: "1", data: [], msg: "" })).toEqual({ kind: "unknown", cause: "VENUE_ERROR" });
    expect(verdict({ code: "77777", data: [], msg: "" }, 400)).toEqual({ kind: "unknown", cause: "VENUE_ERROR" });
  });

  test("is none if nothing of okx's is in the answer", () => {
    expect(verdict({ error: "gateway" })).toEqual({ kind: "unknown", cause: "BAD_RESPONSE" });
    expect(verdict({ error: "gateway" }, 403)).toBeNull();
  });
});

test("an answer about one thing has one row", () => {
  expect(rowOf({ code: "0", data: [{ a: "1" }] })).toEqual({ a: "1" });
  expect(() => rowOf({ code: "0", data: [] })).toThrow("0 rows");
  expect(() => rowOf({ code: "0" })).toThrow("data is not a list");
});
