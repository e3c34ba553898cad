import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ZERO } from "#server/domain/decimal.ts";
import { planRoute } from "#server/domain/routing/plan-route.ts";
import { type RoutePlan, SPLIT_RULES } from "#server/domain/routing/route-plan.ts";
import { ROUTE_WEIGHTS } from "#server/domain/routing/score.ts";
import type { RouteCandidate, RouteRequest } from "#server/domain/routing/types.ts";
import { cheapestByLegs, legCost } from "./routing/every-split.ts";
import { smallMarket, smallRequest } from "./routing/small-books.ts";

const BPS = 10_000;
/** What the rules allow, plus what floats may lose. */
const FLOAT_BPS = 1e-6;

/** Any saving is worth a split here. A tenth of a basis point is what the product's own rules must keep to. */
const splitRules = fc
  .record({ legsMax: fc.integer({ min: 1, max: 5 }), simplerWithinBps: fc.constantFrom(0, SPLIT_RULES.simplerWithinBps) })
  .map((chosen) => ({ ...SPLIT_RULES, ...chosen, savingBpsMin: 0 }));

/** Checks each leg by the letter of the rules and answers what all of them cost after fees. */
function costOfLegs(request: RouteRequest, candidates: readonly RouteCandidate[], plan: Extract<RoutePlan, { kind: "SPLIT" }>) {
  let total = ZERO;
  let quantity = ZERO;
  for (const leg of plan.legs) {
    const candidate = candidates.find(({ venueAccountId }) => venueAccountId === leg.venueAccountId);
    if (candidate === undefined || leg.averagePrice === null || leg.fee === null) throw new Error("a leg is incomplete");
    const cost = legCost(request, candidate, leg.quantity);
    if (cost === null) throw new Error(`a leg breaks a rule: ${leg.venue} ${leg.quantity.toFixed()}`);
    const notional = leg.averagePrice.times(leg.quantity);
    const promised = (request.side === "BUY" ? notional : notional.negated()).plus(leg.fee);
    expect(promised.minus(cost).abs().lt("1e-15")).toBe(true);
    total = total.plus(cost);
    quantity = quantity.plus(leg.quantity);
  }
  expect(quantity.eq(request.quantity)).toBe(true);
  expect(new Set(plan.legs.map((leg) => leg.venue)).size).toBe(plan.legs.length);
  return total.toNumber();
}

describe("a plan", () => {
  it("is valid, and no split of any kind is cheaper by more than the rules allow", () => {
    expect(SPLIT_RULES.simplerWithinBps).toBeLessThan(0.1);
    const seen = { SINGLE: 0, SPLIT: 0, NONE: 0, onlyTogether: 0 };
    fc.assert(
      fc.property(smallMarket, smallRequest, splitRules, ([candidates, shuffled], request, rules) => {
        const gapBpsMax = rules.simplerWithinBps + FLOAT_BPS;
        const plan = planRoute(request, candidates, ROUTE_WEIGHTS, rules);
        expect(planRoute(request, shuffled, ROUTE_WEIGHTS, rules)).toEqual(plan);
        seen[plan.kind] += 1;
        const byLegs = cheapestByLegs(request, candidates, rules.legsMax);
        const possible = byLegs.filter((cost) => cost !== null);
        const [single] = byLegs;
        // A limit order that some venue takes with a rest stays whole.
        const staysWhole = plan.decision.ok && (single ?? null) === null;
        if (plan.kind === "NONE" || staysWhole) {
          expect(plan.kind === "NONE" ? possible : plan.kind).toEqual(plan.kind === "NONE" ? [] : "SINGLE");
          return;
        }
        const best = Math.min(...possible);
        const notional = Math.abs(best);
        if (plan.kind === "SINGLE") {
          expect((((single ?? 0) - best) / notional) * BPS).toBeLessThan(gapBpsMax);
          return;
        }
        expect(plan.legs.length).toBeLessThanOrEqual(rules.legsMax);
        const cost = costOfLegs(request, candidates, plan);
        expect(((cost - best) / notional) * BPS).toBeLessThan(gapBpsMax);
        expect(plan.savingBps === null).toBe(!plan.decision.ok);
        if (plan.savingBps === null) {
          seen.onlyTogether += 1;
          return;
        }
        // The plan counts per notional without the fee, which is at most 25 bps of it.
        const savingBps = (((single ?? 0) - cost) / Math.abs(single ?? 0)) * BPS;
        expect(Math.abs(plan.savingBps - savingBps)).toBeLessThan(0.01 * savingBps + FLOAT_BPS);
      }),
      { numRuns: 1_200 },
    );
    // Every kind of answer must have been met often, or the property proves little.
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(8);
  });
});
