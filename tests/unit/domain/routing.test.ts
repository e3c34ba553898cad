import { describe, expect, it } from "vitest";
import { Decimal } from "#server/domain/decimal.ts";
import { asVenueAccountId } from "#server/domain/ids.ts";
import type { MarketRules } from "#server/domain/market.ts";
import { chooseRoute } from "#server/domain/routing/choose-route.ts";
import { costScore, latencyScore, loadScore, ROUTE_WEIGHTS, successScore, totalScore } from "#server/domain/routing/score.ts";
import type { BookSnapshot, RouteCandidate, RouteGate, RouteRequest } from "#server/domain/routing/types.ts";
import { capPrice, midPrice, walkBook } from "#server/domain/routing/walk-book.ts";
import type { VenueId } from "#server/domain/venue.ts";

const d = (text: string | number): Decimal => new Decimal(text);

const RULES: MarketRules = {
  symbol: "BTC/USDT",
  base: "BTC",
  quote: "USDT",
  priceTick: d("0.01"),
  amountStep: d("0.0001"),
  amountMin: d("0.0001"),
  costMin: d("5"),
  active: true,
};

function book(levels: number, quantity: number, mid = 60_000, step = 1): BookSnapshot {
  const side = (direction: 1 | -1) =>
    Array.from({ length: levels }, (_, index) => ({ price: mid + direction * step * (index + 1), quantity }));
  return { bids: side(-1), asks: side(1), ageMs: 100 };
}

const REQUEST: RouteRequest = {
  symbol: "BTC/USDT",
  side: "BUY",
  type: "MARKET",
  quantity: d("1"),
  limitPrice: null,
  postOnly: false,
  slippageCapBps: 50,
  pinnedTo: null,
};

const idOf = (number: number) => asVenueAccountId(`0198c0de-0000-7000-8000-${String(number).padStart(12, "0")}`);

function candidate(number: number, changes: Partial<RouteCandidate> = {}): RouteCandidate {
  return {
    venueAccountId: idOf(number),
    venue: "binance",
    enabled: true,
    tradingState: "ACTIVE",
    rules: RULES,
    available: d("1000000"),
    breakerOpen: false,
    rateBudgetLeft: 100,
    book: book(20, 1),
    takerFeeRate: d("0.001"),
    makerFeeRate: d("0.0008"),
    latencyMsP50: 100,
    venueOutcomes: { successes: 100, tries: 100 },
    pairOutcomes: { successes: 100, tries: 100 },
    ordersWaiting: 0,
    ...changes,
  };
}

describe("the score", () => {
  it("weighs the vector of the design to 83.05", () => {
    expect(totalScore({ cost: 60, latency: 90, success: 95, load: 90, pair: 98 })).toBe(83.05);
  });

  it("does not depend on the scale of the weights", () => {
    const components = { cost: 60, latency: 90, success: 95, load: 90, pair: 98 };
    const scaled = { version: 2, cost: 30, success: 25, latency: 20, load: 15, pair: 10 };
    expect(totalScore(components, scaled)).toBe(83.05);
    expect(() => totalScore(components, { ...ROUTE_WEIGHTS, cost: -1 })).toThrow(/negative/);
    expect(() => totalScore(components, { version: 3, cost: 0, success: 0, latency: 0, load: 0, pair: 0 })).toThrow(/zero/);
  });

  it("keeps every component between 0 and 100", () => {
    expect([costScore(0), costScore(40), costScore(250), costScore(-3)]).toEqual([100, 60, 0, 100]);
    expect([latencyScore(0), latencyScore(100), latencyScore(5_000), latencyScore(null)]).toEqual([100, 90, 0, 90]);
    expect([loadScore(0), loadScore(10), loadScore(500)]).toEqual([100, 90, 0]);
    expect(successScore({ successes: 0, tries: 0 })).toBe(95);
    expect(successScore({ successes: 100, tries: 100 })).toBeCloseTo(99.1667, 3);
    expect(successScore({ successes: 0, tries: 100 })).toBeCloseTo(15.8333, 3);
  });
});

describe("walking a book", () => {
  const levels = [
    { price: 101, quantity: 1 },
    { price: 102, quantity: 1 },
    { price: 110, quantity: 10 },
  ];

  it("averages what the size really pays", () => {
    const walk = walkBook(levels, "BUY", 1.5, 100, 105);
    expect(walk.averagePrice?.toFixed(6)).toBe("101.333333");
    expect(walk.worstPrice).toBe(102);
    expect(walk.slippageBps).toBeCloseTo(133.3333, 3);
    expect(walk.deepEnough).toBe(false);
  });

  it("never counts levels past the bound", () => {
    const walk = walkBook(levels, "BUY", 5, 100, 105);
    expect(walk.fillable).toBe(2);
    expect(walkBook(levels, "BUY", 5, 100, 110).deepEnough).toBe(true);
    expect(walkBook(levels, "BUY", 1, 100, 100.5).averagePrice).toBeNull();
  });

  it("mirrors for sells", () => {
    const bids = [
      { price: 99, quantity: 1 },
      { price: 98, quantity: 3 },
    ];
    const walk = walkBook(bids, "SELL", 2, 100, 95);
    expect(walk.averagePrice).toBe(98.5);
    expect(walk.slippageBps).toBe(150);
    expect(walk.deepEnough).toBe(true);
  });

  it("stops at a torn level instead of guessing", () => {
    const torn = [
      { price: 101, quantity: 1 },
      { price: 102, quantity: Number.NaN },
      { price: 103, quantity: 99 },
    ];
    expect(walkBook(torn, "BUY", 5, 100, 110)).toMatchObject({ fillable: 1, averagePrice: 101, deepEnough: false });
    expect(midPrice({ bids: [{ price: Number.NaN, quantity: 1 }], asks: torn, ageMs: 0 })).toBeNull();
    const unsorted = levels.toReversed();
    expect(walkBook(unsorted, "BUY", 12, 100, 110)).toMatchObject({ fillable: 10, worstPrice: 110 });
    expect(walkBook(levels, "SELL", 12, 120, 90)).toMatchObject({ fillable: 1, worstPrice: 101 });
  });

  it("finds exactly twice the quantity deep enough, whatever floats make of the sum", () => {
    const tenths = [4.3, 0.1, 1.3, 0.5].map((quantity, index) => ({ price: 101 + index, quantity }));
    expect(walkBook(tenths, "BUY", 3.1, 100, 110).deepEnough).toBe(true);
    expect(walkBook(tenths, "BUY", 3.10001, 100, 110).deepEnough).toBe(false);
  });

  it("has no middle when a side is empty or the book is crossed", () => {
    expect(midPrice({ bids: [], asks: levels, ageMs: 0 })).toBeNull();
    expect(midPrice({ bids: [{ price: 101, quantity: 1 }], asks: levels, ageMs: 0 })).toBeNull();
    expect(capPrice(d("100"), "BUY", 50).toString()).toBe("100.5");
    expect(capPrice(d("100"), "SELL", 50).toString()).toBe("99.5");
  });
});

describe("choosing a route", () => {
  it("takes the best score and tells why the others lost", () => {
    const cheap = candidate(1, { venue: "kraken", takerFeeRate: d("0.0005") });
    const decision = chooseRoute(REQUEST, [candidate(2), cheap]);
    if (!decision.ok) throw new Error("nothing chosen");
    expect(decision.chosen).toBe(cheap.venueAccountId);
    expect(decision.weightsVersion).toBe(ROUTE_WEIGHTS.version);
    expect(decision.candidates.map((verdict) => verdict.venue)).toEqual(["kraken", "binance"]);
    expect(decision.candidates[1]?.reason).toBe("Scored 1.50 below the best.");
    const [leg] = decision.legs;
    expect(leg?.quantity.toString()).toBe("1");
    expect(leg?.worstPrice?.toString()).toBe("60300");
  });

  it("counts every candidate's slippage from the same price, so that a dearer book is dearer", () => {
    // Both 1 bp wide; everything at kraken is 20 bps up. Its fee is 5 bps lower.
    const dear = candidate(2, { venue: "kraken", book: book(20, 1, 60_120), takerFeeRate: d("0.0005") });
    const buy = chooseRoute(REQUEST, [candidate(1), dear]);
    expect(buy.ok && buy.chosen).toBe(idOf(1));
    expect(buy.candidates.map((verdict) => verdict.costBps?.toFixed(2))).toEqual(["10.17", "25.17"]);
    expect(buy.candidates[1]?.estimate?.slippageBps).toBeCloseTo(20.1667, 3);
    const sell = chooseRoute({ ...REQUEST, side: "SELL" }, [candidate(1), dear]);
    expect(sell.ok && sell.chosen).toBe(idOf(2));
    // One that may not be used is no measure for the others.
    const refused = chooseRoute(REQUEST, [candidate(1, { breakerOpen: true }), dear]);
    expect(refused.candidates[0]?.costBps).toBeCloseTo(5 + (10_000 * 1) / 60_120, 4);
  });

  it("breaks equal scores by cost, then by name, whatever the order of the candidates", () => {
    const venues: VenueId[] = ["kraken", "binance", "coinbase"];
    const equal = venues.map((venue, index) => candidate(index + 1, { venue }));
    for (const list of [equal, equal.toReversed()]) {
      const decision = chooseRoute(REQUEST, list);
      expect(decision.candidates.map((verdict) => verdict.venue)).toEqual(["binance", "coinbase", "kraken"]);
    }
    // Both rebates score 100 for cost, so the scores are equal and the larger rebate is cheaper.
    const rebates = [
      candidate(1, { venue: "binance", takerFeeRate: d("-0.01") }),
      candidate(2, { venue: "kraken", takerFeeRate: d("-0.02") }),
    ];
    const byCost = chooseRoute(REQUEST, rebates);
    expect(byCost.candidates.map((verdict) => verdict.score)[0]).toBe(byCost.candidates.map((verdict) => verdict.score)[1]);
    expect(byCost.ok && byCost.chosen).toBe(idOf(2));
  });

  const refusals: [RouteGate, Partial<RouteCandidate>][] = [
    ["ACCOUNT_ENABLED", { enabled: false }],
    ["TRADING_STATE", { tradingState: "REDUCING" }],
    ["TRADING_STATE", { tradingState: "HALTED" }],
    ["SYMBOL_LISTED", { rules: null }],
    ["SYMBOL_LISTED", { rules: { ...RULES, active: false } }],
    ["ORDER_FITS_RULES", { rules: { ...RULES, amountStep: d("3") } }],
    ["ORDER_FITS_RULES", { rules: { ...RULES, costMin: d("100000") } }],
    ["ORDER_FITS_RULES", { rules: { ...RULES, costMinBuy: d("100000") } }],
    ["BALANCE_SUFFICES", { available: d("60300") }],
    ["BREAKER_CLOSED", { breakerOpen: true }],
    ["MARKET_STEADY", { buysStopped: true }],
    ["RATE_BUDGET_LEFT", { rateBudgetLeft: 0 }],
    ["BOOK_FRESH", { book: null }],
    ["BOOK_FRESH", { book: { ...book(20, 1), ageMs: 2_001 } }],
    ["BOOK_FRESH", { book: { bids: book(1, 1).asks, asks: book(1, 1).asks, ageMs: 0 } }],
    ["DEPTH_SUFFICES", { book: book(1, 1.9999) }],
  ];

  it.each(refusals)("refuses an entry at gate %s", (gate, changes) => {
    const decision = chooseRoute(REQUEST, [candidate(1, changes)]);
    expect(decision).toMatchObject({ ok: false, code: "ROUTE_NONE_AVAILABLE" });
    const [verdict] = decision.candidates;
    expect(verdict?.score).toBeNull();
    expect(verdict?.gates.find((result) => result.gate === gate)).toMatchObject({
      passed: false,
      reason: expect.stringMatching(/\.$/),
    });
  });

  it("prefers a worse score over an account that a gate refuses", () => {
    const decision = chooseRoute(REQUEST, [candidate(1, { breakerOpen: true }), candidate(2, { takerFeeRate: d("0.02") })]);
    expect(decision.ok && decision.chosen).toBe(idOf(2));
  });

  it("finds nothing without candidates", () => {
    expect(chooseRoute(REQUEST, [])).toMatchObject({ ok: false, candidates: [] });
  });

  it("keeps the worst price on the tick and inside the cap", () => {
    const odd = candidate(1, { rules: { ...RULES, priceTick: d("7") } });
    const buy = chooseRoute(REQUEST, [odd]);
    expect(buy.ok && buy.legs[0]?.worstPrice?.toString()).toBe("60298");
    const sell = chooseRoute({ ...REQUEST, side: "SELL" }, [odd]);
    expect(sell.ok && sell.legs[0]?.worstPrice?.toString()).toBe("59703");
  });
});

describe("a limit order", () => {
  const limit: RouteRequest = { ...REQUEST, type: "LIMIT", limitPrice: d("59000") };

  it("that rests pays the maker fee, needs no depth and keeps its price", () => {
    const decision = chooseRoute(limit, [candidate(1, { book: book(1, 0.01) })]);
    expect(decision.candidates[0]?.costBps).toBe(8);
    expect(decision.ok && decision.legs[0]?.worstPrice?.toString()).toBe("59000");
  });

  it("that takes pays the taker fee plus slippage", () => {
    const decision = chooseRoute({ ...limit, limitPrice: d("60001") }, [candidate(1)]);
    expect(decision.candidates[0]?.costBps).toBeCloseTo(10 + 1 / 6, 4);
  });

  it("marked post-only is refused where it would take", () => {
    const decision = chooseRoute({ ...limit, limitPrice: d("60001"), postOnly: true }, [candidate(1)]);
    expect(decision.ok).toBe(false);
    expect(chooseRoute({ ...limit, postOnly: true }, [candidate(1)]).ok).toBe(true);
  });
});

describe("an exit", () => {
  const exit: RouteRequest = { ...REQUEST, side: "SELL", pinnedTo: idOf(1) };

  it("goes to the account that holds the position, however much better another one is", () => {
    const decision = chooseRoute(exit, [candidate(2, { takerFeeRate: d("0") }), candidate(1, { takerFeeRate: d("0.01") })]);
    expect(decision.ok && decision.chosen).toBe(idOf(1));
    expect(decision.candidates.find((verdict) => verdict.venueAccountId === idOf(2))?.passed).toBe(false);
  });

  it("is not held back by breaker, rate budget, depth, a stale or a missing book, or a reducing state", () => {
    const worst = { breakerOpen: true, rateBudgetLeft: 0, tradingState: "REDUCING" as const };
    const thin = chooseRoute(exit, [candidate(1, { ...worst, book: { ...book(1, 0.001), ageMs: 60_000 } })]);
    expect(thin.ok).toBe(true);
    const blind = chooseRoute(exit, [candidate(1, { ...worst, book: null })]);
    expect(blind.ok && blind.legs[0]?.worstPrice).toBeNull();
  });

  it("finds nothing when the holding account is not there", () => {
    expect(chooseRoute(exit, [candidate(2)]).ok).toBe(false);
  });
});
