import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Decimal } from "#server/domain/decimal.ts";
import { asVenueAccountId } from "#server/domain/ids.ts";
import { isMultipleOf } from "#server/domain/money/rounding.ts";
import { chooseRoute } from "#server/domain/routing/choose-route.ts";
import type { RouteCandidate, RouteRequest } from "#server/domain/routing/types.ts";
import { capPrice, midPrice } from "#server/domain/routing/walk-book.ts";
import { VENUE_IDS } from "#server/domain/venue.ts";

const outcomes = fc.nat(100).chain((tries) => fc.record({ tries: fc.constant(tries), successes: fc.nat(tries) }));
const flag = (weight: number) => fc.nat(weight).map((n) => n > 0);

const candidateArb: fc.Arbitrary<RouteCandidate> = fc
  .record({
    venueAccountId: fc.uuid().map(asVenueAccountId),
    venue: fc.constantFrom(...VENUE_IDS),
    enabled: flag(9),
    tradingState: fc.constantFrom("ACTIVE", "ACTIVE", "ACTIVE", "REDUCING", "HALTED"),
    available: fc.integer({ min: 100, max: 1_000_000 }).map((n) => new Decimal(n)),
    breakerOpen: flag(9).map((closed) => !closed),
    rateBudgetLeft: fc.nat(9),
    fee: fc.integer({ min: -10, max: 100 }).map((bps) => new Decimal(bps).div(10_000)),
    latencyMsP50: fc.option(fc.nat(2_000)),
    venueOutcomes: outcomes,
    pairOutcomes: outcomes,
    ordersWaiting: fc.nat(150),
    ageMs: fc.nat(2_200),
    tick: fc.constantFrom("0.01", "0.1", "0.05"),
    mid: fc.integer({ min: 50, max: 500 }),
    sizes: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 }),
  })
  .map(({ fee, ageMs, tick, mid, sizes, ...rest }) => {
    const side = (direction: 1 | -1) =>
      sizes.map((quantity, index) => ({ price: mid + direction * 0.05 * (index + 1), quantity }));
    return {
      ...rest,
      rules: {
        symbol: "X/USDT",
        base: "X",
        quote: "USDT",
        priceTick: new Decimal(tick),
        amountStep: new Decimal("0.1"),
        amountMin: new Decimal("0.1"),
        costMin: new Decimal(1),
        active: true,
      },
      book: { bids: side(-1), asks: side(1), ageMs },
      takerFeeRate: fee,
      makerFeeRate: fee,
    };
  });

const requestArb: fc.Arbitrary<RouteRequest> = fc
  .record({ side: fc.constantFrom("BUY" as const, "SELL" as const), size: fc.integer({ min: 1, max: 200 }) })
  .map(({ side, size }) => ({
    symbol: "X/USDT",
    side,
    type: "MARKET" as const,
    quantity: new Decimal(size).div(10),
    limitPrice: null,
    postOnly: false,
    slippageCapBps: 100,
    pinnedTo: null,
  }));

describe("a route", () => {
  it("is the best passing candidate whatever order they come in, inside the cap and on the tick", () => {
    let chosenCount = 0;
    const input = fc
      .array(candidateArb, { maxLength: 8 })
      .chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }), requestArb));
    fc.assert(
      fc.property(input, ([candidates, shuffled, request]) => {
        const decision = chooseRoute(request, candidates);
        expect(chooseRoute(request, shuffled)).toEqual(decision);
        expect(decision.candidates).toHaveLength(candidates.length);
        const passing = decision.candidates.filter((verdict) => verdict.passed);
        expect(decision.ok).toBe(passing.length > 0);
        for (const verdict of decision.candidates) {
          expect(verdict.passed).toBe(verdict.gates.every((gate) => gate.passed));
          expect(verdict.reason).not.toBe("");
          if (verdict.score !== null) expect(verdict.score >= 0 && verdict.score <= 100).toBe(true);
        }
        if (!decision.ok) return;
        chosenCount += 1;
        const chosen = candidates.find((candidate) => candidate.venueAccountId === decision.chosen);
        const [leg] = decision.legs;
        const mid = chosen?.book ? midPrice(chosen.book) : null;
        if (!chosen?.rules || !leg?.worstPrice || mid === null) throw new Error("the chosen leg is incomplete");
        expect(Math.max(...passing.map((verdict) => verdict.score ?? -1))).toBe(decision.candidates[0]?.score);
        expect(isMultipleOf(leg.worstPrice, chosen.rules.priceTick)).toBe(true);
        const cap = capPrice(mid, request.side, request.slippageCapBps);
        expect(request.side === "BUY" ? leg.worstPrice.lte(cap) : leg.worstPrice.gte(cap)).toBe(true);
      }),
      { numRuns: 500 },
    );
    // Most runs must have found a route, or the property proves little.
    expect(chosenCount).toBeGreaterThan(100);
  });
});
