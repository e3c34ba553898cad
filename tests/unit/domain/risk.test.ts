import { describe, expect, it } from "vitest";
import { Decimal, ZERO } from "#server/domain/decimal.ts";
import { asOrderId } from "#server/domain/ids.ts";
import { checkPrecision, type MarketRules } from "#server/domain/market.ts";
import { checkIntent, type IntentCheckInput, type OwnOrder } from "#server/domain/risk/check-intent.ts";
import { orderSizeRange } from "#server/domain/risk/check-limits.ts";
import { DENIAL_CODES, type DenialCode, denialSentence, isDenialCode } from "#server/domain/risk/denial-codes.ts";
import { effectiveLimits, TIER_TERMS } from "#server/domain/risk/tiers.ts";
import { strictestTradingState } from "#server/domain/risk/trading-state.ts";

const d = (text: string | number): Decimal => new Decimal(text);

const RULES: MarketRules = {
  symbol: "BTC/USDT",
  base: "BTC",
  quote: "USDT",
  priceTick: d("0.01"),
  amountStep: d("0.00001"),
  amountMin: d("0.00001"),
  costMin: d("5"),
  active: true,
};

const ENTRY: IntentCheckInput = {
  actor: "TRADER",
  terms: {
    symbol: "BTC/USDT",
    side: "BUY",
    type: "MARKET",
    quantity: d("0.0005"),
    limitPrice: null,
    timeInForce: "IOC",
    postOnly: false,
  },
  isExit: false,
  mode: "PAPER",
  liveTradingEnabled: false,
  tradingStates: { platform: "ACTIVE", workspace: "ACTIVE", venue: null },
  limits: effectiveLimits({ tier: "BASIC" }),
  usage: { marketExposureUsd: ZERO, openPositions: 0, ordersInFlight: 0, venuesConnected: 1, dailyLossUsd: ZERO },
  markets: [RULES],
  venue: null,
  available: d("1000"),
  positionQuantity: ZERO,
  reference: { price: d("60000"), ageMs: 500 },
  quoteUsdRate: d("1"),
  ownOrders: [],
  feeRate: d("0.001"),
  slippageCapBps: 50,
};

const EXIT: IntentCheckInput = {
  ...ENTRY,
  isExit: true,
  terms: { ...ENTRY.terms, side: "SELL", quantity: d("0.01") },
  available: d("0.01"),
  positionQuantity: d("0.01"),
};

const own = (changes: Partial<OwnOrder> = {}): OwnOrder => ({
  orderId: asOrderId("0198c0de-0000-7000-8000-00000000abcd"),
  symbol: "BTC/USDT",
  side: "SELL",
  state: "NEW",
  limitPrice: d("60100"),
  venue: "kraken",
  ...changes,
});

const withTerms = (changes: Partial<IntentCheckInput["terms"]>): Partial<IntentCheckInput> => ({
  terms: { ...ENTRY.terms, ...changes },
});
const withUsage = (changes: Partial<IntentCheckInput["usage"]>): Partial<IntentCheckInput> => ({
  usage: { ...ENTRY.usage, ...changes },
});

function codeOf(input: IntentCheckInput): DenialCode | "ALLOWED" {
  const result = checkIntent(input);
  return result.allowed ? "ALLOWED" : result.code;
}

describe("an entry", () => {
  it("is allowed and reserves its worst case", () => {
    const result = checkIntent(ENTRY);
    // 0.0005 * 60000 * 1.005 * 1.001
    expect(result).toEqual({ allowed: true, reserve: { amount: d("30.18015"), asset: "USDT" }, cancelFirst: [] });
  });

  const denials: [DenialCode, Partial<IntentCheckInput>][] = [
    ["ACTOR_NOT_ALLOWED", { actor: "VIEWER" }],
    ["ACTOR_NOT_ALLOWED", { actor: "ADMIN" }],
    ["ACTOR_NOT_ALLOWED", { actor: "SUPPORT" }],
    ["MODE_LIVE_NOT_ENABLED", { mode: "LIVE" }],
    ["TRADING_HALTED", { tradingStates: { platform: "HALTED", workspace: "ACTIVE", venue: null } }],
    ["TRADING_REDUCING", { tradingStates: { platform: "ACTIVE", workspace: "REDUCING", venue: null } }],
    ["TRADING_REDUCING", { tradingStates: { platform: "ACTIVE", workspace: "ACTIVE", venue: "REDUCING" } }],
    ["QUANTITY_INVALID", withTerms({ quantity: d("0") })],
    ["QUANTITY_INVALID", withTerms({ quantity: d("-1") })],
    ["QUANTITY_INVALID", withTerms({ quantity: d("NaN") })],
    ["QUANTITY_INVALID", withTerms({ quantity: d("Infinity") })],
    ["QUANTITY_INVALID", withTerms({ quantity: d("1e20") })],
    ["QUANTITY_INVALID", withTerms({ quantity: d("1e-19") })],
    ["PRICE_INVALID", withTerms({ type: "LIMIT", limitPrice: d("-1") })],
    ["PRICE_INVALID", withTerms({ type: "LIMIT", limitPrice: d("1e21") })],
    ["ORDER_TERMS_CONFLICT", withTerms({ type: "LIMIT" })],
    ["ORDER_TERMS_CONFLICT", withTerms({ limitPrice: d("60000") })],
    ["ORDER_TERMS_CONFLICT", withTerms({ postOnly: true })],
    ["ORDER_TERMS_CONFLICT", withTerms({ type: "LIMIT", limitPrice: d("60000"), postOnly: true, timeInForce: "IOC" })],
    ["ORDER_TERMS_CONFLICT", withTerms({ timeInForce: "FOK" })],
    ["MARKET_UNKNOWN", withTerms({ symbol: "DOGE/USDT" })],
    ["MARKET_UNKNOWN", { markets: [] }],
    ["MARKET_CLOSED", { markets: [{ ...RULES, active: false }] }],
    ["QUANTITY_TOO_PRECISE", withTerms({ quantity: d("0.000505") })],
    ["QUANTITY_BELOW_MINIMUM", { markets: [{ ...RULES, amountMin: d("0.001") }] }],
    ["PRICE_TOO_PRECISE", withTerms({ type: "LIMIT", limitPrice: d("60000.001"), timeInForce: "GTC" })],
    ["NOTIONAL_BELOW_MINIMUM", withTerms({ quantity: d("0.00001") })],
    ["PRICE_UNKNOWN", { reference: null }],
    ["PRICE_UNKNOWN", { quoteUsdRate: null }],
    ["PRICE_STALE", { reference: { price: d("60000"), ageMs: 10_001 } }],
    ["PRICE_FAR_FROM_MARKET", withTerms({ type: "LIMIT", limitPrice: d("66000.01"), timeInForce: "GTC" })],
    ["PRICE_FAR_FROM_MARKET", withTerms({ side: "SELL", type: "LIMIT", limitPrice: d("53999.99"), timeInForce: "GTC" })],
    ["MARKET_UNRESOLVED_ORDER", { ownOrders: [own({ state: "UNKNOWN", limitPrice: d("90000") })] }],
    ["LIMIT_VENUES", withUsage({ venuesConnected: 3 })],
    ["LIMIT_ORDERS_IN_FLIGHT", withUsage({ ordersInFlight: 10 })],
    ["LIMIT_DAILY_LOSS", withUsage({ dailyLossUsd: d("25") })],
    ["LIMIT_OPEN_POSITIONS", withUsage({ openPositions: 3 })],
    ["LIMIT_POSITION_SIZE", withUsage({ marketExposureUsd: d("20.01") })],
    ["LIMIT_ORDER_SIZE", { limits: effectiveLimits({ tier: "BASIC", user: { maxOrderUsd: d("29.99") } }) }],
    ["LIMIT_CONTRACT_MISSING", { limits: effectiveLimits({ tier: "ENTERPRISE" }) }],
    ["ORDER_SELF_TRADE", { ownOrders: [own()] }],
    ["REJECTED_REPEATEDLY", { heldBack: { reason: "INVALID_ORDER", until: new Date(0) } }],
    ["BALANCE_INSUFFICIENT", { available: d("30.18014") }],
  ];

  it.each(denials)("is denied with %s", (code, changes) => {
    expect(codeOf({ ...ENTRY, ...changes })).toBe(code);
  });

  it("is allowed exactly at every limit", () => {
    expect(codeOf({ ...ENTRY, ...withUsage({ marketExposureUsd: d("20") }) })).toBe("ALLOWED");
    expect(
      codeOf({ ...ENTRY, ...withUsage({ ordersInFlight: 9, venuesConnected: 2, dailyLossUsd: d("24.99"), openPositions: 2 }) }),
    ).toBe("ALLOWED");
    expect(codeOf({ ...ENTRY, available: d("30.18015") })).toBe("ALLOWED");
    expect(codeOf({ ...ENTRY, reference: { price: d("60000"), ageMs: 10_000 } })).toBe("ALLOWED");
  });

  it("into a market that is already held does not count as another open position", () => {
    expect(codeOf({ ...ENTRY, ...withUsage({ openPositions: 3, marketExposureUsd: d("10") }) })).toBe("ALLOWED");
  });

  it("needs only one market that fits", () => {
    expect(codeOf({ ...ENTRY, markets: [{ ...RULES, active: false }, RULES] })).toBe("ALLOWED");
  });

  it("is not held up by unresolved orders of other markets", () => {
    expect(codeOf({ ...ENTRY, ownOrders: [own({ state: "UNKNOWN", symbol: "ETH/USDT" })] })).toBe("ALLOWED");
  });

  it("meets nothing that rests beyond its slippage cap, and nothing of another mode", () => {
    const cap = own({ limitPrice: d("60300") });
    expect(codeOf({ ...ENTRY, ownOrders: [cap] })).toBe("ORDER_SELF_TRADE");
    expect(codeOf({ ...ENTRY, ownOrders: [{ ...cap, limitPrice: d("60300.01") }] })).toBe("ALLOWED");
    expect(codeOf({ ...ENTRY, ownOrders: [{ ...cap, mode: ENTRY.mode }] })).toBe("ORDER_SELF_TRADE");
    expect(codeOf({ ...ENTRY, ownOrders: [{ ...cap, mode: "LIVE" }] })).toBe("ALLOWED");
  });

  it("may rest beside, or run at another venue than, the own order it would meet", () => {
    const limit = withTerms({ type: "LIMIT", limitPrice: d("60099.99"), timeInForce: "GTC" });
    expect(codeOf({ ...ENTRY, ...limit, ownOrders: [own()] })).toBe("ALLOWED");
    expect(codeOf({ ...ENTRY, venue: "binance", ownOrders: [own()] })).toBe("ALLOWED");
    expect(codeOf({ ...ENTRY, venue: "kraken", ownOrders: [own()] })).toBe("ORDER_SELF_TRADE");
    expect(codeOf({ ...ENTRY, ownOrders: [own({ state: "CANCELED" })] })).toBe("ALLOWED");
    expect(codeOf({ ...ENTRY, ownOrders: [own({ side: "BUY" })] })).toBe("ALLOWED");
  });
});

describe("an exit", () => {
  it("passes every limit on new risk", () => {
    const result = checkIntent({
      ...EXIT,
      usage: {
        marketExposureUsd: d("9999"),
        openPositions: 99,
        ordersInFlight: 999,
        venuesConnected: 9,
        dailyLossUsd: d("9999"),
      },
      limits: effectiveLimits({ tier: "ENTERPRISE" }),
      tradingStates: { platform: "REDUCING", workspace: "REDUCING", venue: "REDUCING" },
      reference: null,
      quoteUsdRate: null,
      ownOrders: [own({ state: "UNKNOWN" })],
    });
    expect(result).toEqual({ allowed: true, reserve: { amount: d("0.01"), asset: "BTC" }, cancelFirst: [] });
  });

  it("names the own orders that it would meet instead of being denied", () => {
    const resting = own({ side: "BUY", limitPrice: d("59000") });
    const result = checkIntent({ ...EXIT, ownOrders: [resting] });
    expect(result).toMatchObject({ allowed: true, cancelFirst: [resting.orderId] });
  });

  it("is no way round the limits: it must reduce what is held", () => {
    expect(codeOf({ ...EXIT, positionQuantity: d("0.00999") })).toBe("EXIT_EXCEEDS_POSITION");
    expect(codeOf({ ...EXIT, terms: { ...EXIT.terms, side: "BUY" } })).toBe("EXIT_EXCEEDS_POSITION");
  });

  it("stops at a halt, at a viewer, and at an empty account", () => {
    expect(codeOf({ ...EXIT, tradingStates: { platform: "ACTIVE", workspace: "HALTED", venue: null } })).toBe("TRADING_HALTED");
    expect(codeOf({ ...EXIT, actor: "VIEWER" })).toBe("ACTOR_NOT_ALLOWED");
    expect(codeOf({ ...EXIT, actor: "ADMIN" })).toBe("ALLOWED");
    expect(codeOf({ ...EXIT, available: d("0.009") })).toBe("BALANCE_INSUFFICIENT");
  });
});

describe("limits", () => {
  it("are the smallest of all rings, with the ring that sets them", () => {
    const limits = effectiveLimits({
      tier: "PRO",
      platform: { maxOrdersInFlight: 40 },
      workspace: { maxPositionUsd: d("150"), maxOpenPositions: 20 },
      user: { maxDailyLossUsd: d("10"), maxOrderUsd: d("75") },
    });
    expect(limits.maxPositionUsd).toEqual({ value: d("150"), source: "workspace" });
    expect(limits.maxOrdersInFlight).toEqual({ value: 40, source: "platform" });
    expect(limits.maxOpenPositions).toEqual({ value: 10, source: "tier" });
    expect(limits.maxDailyLossUsd).toEqual({ value: d("10"), source: "user" });
    expect(limits.maxOrderUsd).toEqual({ value: d("75"), source: "user" });
    expect(limits.contractMissing).toBe(false);
  });

  it("of an enterprise come from its contract, which only that tier has", () => {
    const contract = { maxPositionUsd: d("1000000"), maxDailyLossUsd: d("50000") };
    const limits = effectiveLimits({ tier: "ENTERPRISE", contract });
    expect(limits.maxPositionUsd).toEqual({ value: d("1000000"), source: "contract" });
    expect(limits.maxOpenPositions).toEqual({ value: 50, source: "contract" });
    expect(limits.maxVenues).toBeNull();
    expect(effectiveLimits({ tier: "BASIC", contract }).maxPositionUsd).toEqual({ value: d("50"), source: "tier" });
  });

  it("match the published plans", () => {
    const rows = Object.entries(TIER_TERMS).map(([tier, { priceUsdPerMonth, apiRequestsPerMinute, limits }]) => [
      tier,
      priceUsdPerMonth,
      apiRequestsPerMinute,
      limits.maxPositionUsd?.toString(),
      limits.maxVenues,
      limits.maxOpenPositions,
      limits.maxDailyLossUsd?.toString(),
      limits.maxOrdersInFlight,
    ]);
    expect(rows).toEqual([
      ["BASIC", 29, 60, "50", 2, 3, "25", 10],
      ["PRO", 99, 300, "200", 5, 10, "100", 50],
      ["ENTERPRISE", 299, 1000, undefined, undefined, undefined, undefined, 200],
    ]);
  });

  it("that exclude every size name both sides", () => {
    const range = orderSizeRange(
      { ...RULES, costMin: d("60") },
      d("60000"),
      d("60000"),
      effectiveLimits({ tier: "BASIC" }),
      ZERO,
    );
    expect(range).toEqual({ ok: false, floor: "costMin", ceiling: "maxPositionUsd", source: "tier" });
  });
});

describe("denial codes", () => {
  it("are CATEGORY_CONDITION with one sentence each", () => {
    for (const [code, sentence] of Object.entries(DENIAL_CODES)) {
      expect(code).toMatch(/^[A-Z]+(_[A-Z]+)+$/);
      expect(sentence).toMatch(/^[A-Z].*\.$/);
    }
    expect(denialSentence("MARKET_CLOSED")).toBe(DENIAL_CODES.MARKET_CLOSED);
    expect(isDenialCode("MARKET_CLOSED")).toBe(true);
    expect(isDenialCode("toString")).toBe(false);
  });
});

describe("trading states", () => {
  it("apply at their strictest and say whose they are", () => {
    expect(strictestTradingState({ platform: "ACTIVE", workspace: "REDUCING", venue: "HALTED" })).toEqual({
      state: "HALTED",
      scope: "venue",
    });
    expect(strictestTradingState({ platform: "ACTIVE", workspace: "ACTIVE", venue: null })).toEqual({
      state: "ACTIVE",
      scope: "platform",
    });
  });
});

describe("a market's rules", () => {
  it("leave a market order's notional to the venue when there is no price", () => {
    expect(checkPrecision(RULES, { quantity: d("0.00001"), limitPrice: null })).toEqual({ ok: true });
    expect(checkPrecision(RULES, { quantity: d("0.00001"), limitPrice: null, referencePrice: d("60000") })).toMatchObject({
      ok: false,
      code: "NOTIONAL_BELOW_MINIMUM",
      details: { minimum: "5", asset: "USDT" },
    });
  });

  it("ask more of a buy than of a sell where the venue does, and never less", () => {
    const order = { quantity: d("0.0001"), limitPrice: d("60000") };
    const strict = { ...RULES, costMinBuy: d("10") };
    expect(checkPrecision(strict, { ...order, side: "SELL" })).toEqual({ ok: true });
    expect(checkPrecision(strict, { ...order, side: "BUY" })).toMatchObject({ ok: false, details: { minimum: "10" } });
    expect(
      checkPrecision({ ...RULES, costMinBuy: d("0") }, { quantity: d("0.00001"), limitPrice: d("60000"), side: "BUY" }),
    ).toMatchObject({ ok: false, details: { minimum: "5" } });
  });
});
