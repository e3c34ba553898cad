import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Decimal, ZERO } from "#server/domain/decimal.ts";
import { checkPrecision, type MarketRules } from "#server/domain/market.ts";
import { checkLimits, orderSizeRange } from "#server/domain/risk/check-limits.ts";
import { effectiveLimits, type LimitSet, TIERS } from "#server/domain/risk/tiers.ts";

const usd = fc.integer({ min: 0, max: 100_000 }).map((cents) => new Decimal(cents).div(100));
const ring: fc.Arbitrary<LimitSet> = fc.record(
  {
    maxPositionUsd: usd,
    maxOrderUsd: usd,
    maxDailyLossUsd: usd,
    maxVenues: fc.nat(10),
    maxOpenPositions: fc.nat(20),
    maxOrdersInFlight: fc.nat(300),
  },
  { requiredKeys: [] },
);
const rings = fc.record({
  tier: fc.constantFrom(...TIERS),
  contract: fc.constant({ maxPositionUsd: new Decimal(500), maxDailyLossUsd: new Decimal(100) }),
  platform: ring,
  workspace: ring,
  user: ring,
});
const markets: fc.Arbitrary<MarketRules> = fc
  .record({ step: fc.constantFrom("1", "0.1", "0.001", "0.00001", "2.5"), minSteps: fc.nat(50), costMin: fc.nat(60) })
  .map(({ step, minSteps, costMin }) => ({
    symbol: "X/USDT",
    base: "X",
    quote: "USDT",
    priceTick: new Decimal("0.01"),
    amountStep: new Decimal(step),
    amountMin: new Decimal(step).times(minSteps),
    costMin: new Decimal(costMin),
    active: true,
  }));
/** Cheap coins as often as dear ones: of the dear ones, hardly any order fits the limits drawn here. */
const prices = fc
  .oneof(fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 1, max: 10_000_000 }))
  .map((cents) => new Decimal(cents).div(100));
const exposures = fc.oneof(fc.constant(ZERO), usd);
const IDLE = { openPositions: 0, ordersInFlight: 0, venuesConnected: 0, dailyLossUsd: ZERO };

describe("effective limits", () => {
  it("are never looser than any ring that sets them", () => {
    fc.assert(
      fc.property(rings, (input) => {
        const limits = effectiveLimits(input);
        for (const set of [input.platform, input.workspace, input.user]) {
          for (const name of ["maxPositionUsd", "maxOrderUsd", "maxDailyLossUsd"] as const) {
            const own = set[name];
            if (own !== undefined) expect(limits[name]?.value.lte(own)).toBe(true);
          }
          for (const name of ["maxVenues", "maxOpenPositions", "maxOrdersInFlight"] as const) {
            const own = set[name];
            if (own !== undefined) expect(limits[name]?.value).toBeLessThanOrEqual(own);
          }
        }
      }),
    );
  });

  it("leave some legal order size, or say which two rules exclude each other", () => {
    let legal = 0;
    let excluded = 0;
    fc.assert(
      fc.property(rings, markets, prices, exposures, (input, rules, price, exposure) => {
        const limits = {
          ...effectiveLimits(input),
          maxVenues: null,
          maxOpenPositions: null,
          maxOrdersInFlight: null,
          maxDailyLossUsd: null,
        };
        const usage = { ...IDLE, marketExposureUsd: exposure };
        const passes = (quantity: Decimal): boolean =>
          quantity.gt(0) &&
          checkPrecision(rules, { quantity, limitPrice: price }).ok &&
          checkLimits("BUY", quantity.times(price), usage, limits) === null;
        const range = orderSizeRange(rules, price, price, limits, exposure);
        if (range.ok) {
          legal += 1;
          expect(passes(range.min)).toBe(true);
          expect(passes(range.min.minus(rules.amountStep))).toBe(false);
          if (range.max !== null) {
            expect(passes(range.max)).toBe(true);
            expect(passes(range.max.plus(rules.amountStep))).toBe(false);
          }
        } else {
          excluded += 1;
          expect(["amountMin", "costMin"]).toContain(range.floor);
          const sizes = Array.from({ length: 100 }, (_, index) => rules.amountStep.times(index + 1));
          expect(sizes.filter(passes)).toEqual([]);
        }
      }),
      { numRuns: 500 },
    );
    // Both answers must have been exercised, or the property proves nothing.
    expect(Math.min(legal, excluded)).toBeGreaterThan(10);
  });
});
