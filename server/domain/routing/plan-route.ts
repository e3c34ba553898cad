import { assert } from "#server/domain/assert.ts";
import { chooseRoute } from "#server/domain/routing/choose-route.ts";
import { findSplit, type Split } from "#server/domain/routing/find-split.ts";
import { priceSingle } from "#server/domain/routing/price-leg.ts";
import { type RoutePlan, SPLIT_RULES, type SplitRules } from "#server/domain/routing/route-plan.ts";
import { ROUTE_WEIGHTS, type RouteWeights } from "#server/domain/routing/score.ts";
import type { RouteCandidate, RouteRequest } from "#server/domain/routing/types.ts";

function explainSingle(split: Split | null, rules: SplitRules): string {
  if (split === null) return "One venue takes the whole order.";
  return `Splitting would save ${Math.max(0, split.savingBps ?? 0).toFixed(2)} bps at most; it takes more than ${rules.savingBpsMin}.`;
}

/**
 * Decides whether one order goes to one venue or is split. Pure: the same request, candidates, weights and rules give the
 * same plan, whatever the order of the candidates.
 *
 * `chooseRoute` runs the gates and picks the single venue. An entry that takes is then split when the cheapest legs save more
 * than `savingBpsMin` against the cheapest single venue that passed (fees included), or when no single venue can take it at
 * all. Quantities and costs are exact; the search compares floats, whose error is some 1e-12 of the cost.
 *
 * What a split guarantees:
 * - the legs add up to exactly the quantity asked for; at most `legsMax` of them, at most one per venue;
 * - each leg is on its venue's step, at or above its minimum quantity and cost, and paid for by its account's free balance at
 *   the leg's worst price and fee; a market order's leg finds `DEPTH_FACTOR_MIN` times itself within the slippage cap;
 * - when the steps divide one another (venues' do: powers of ten) no such legs cost less by more than `simplerWithinBps`; up to
 *   12 accounts every subset is considered. With other steps (0.3 beside 0.5) it is valid, and perhaps not the cheapest.
 * A leg too small for a venue's minimum goes to the others, or the venue gets its minimum: whichever costs less.
 *
 * The books must be sorted, best first; a level out of order ends its book, a crossed book is none. Throws only when `rules`
 * or `weights` are out of range.
 */
export function planRoute(
  request: RouteRequest,
  candidates: readonly RouteCandidate[],
  weights: RouteWeights = ROUTE_WEIGHTS,
  rules: SplitRules = SPLIT_RULES,
): RoutePlan {
  assert(rules.legsMax >= 1 && rules.savingBpsMin >= 0 && rules.simplerWithinBps >= 0, "split rules out of range");
  const decision = chooseRoute(request, candidates, weights);
  const split = findSplit(request, candidates, decision, rules);
  const record = { decision, splitVersion: rules.version };
  const { legs = null, savingBps = null } = split ?? {};
  if (legs !== null && (savingBps === null || savingBps > rules.savingBpsMin)) {
    const why = savingBps === null ? "no single venue can take the whole order" : `it saves ${savingBps.toFixed(2)} bps`;
    return { ...record, kind: "SPLIT", legs, savingBps, reason: `Split over ${legs.length} venues: ${why}.` };
  }
  if (!decision.ok) {
    const reason = "No venue can take the order, nor can several together.";
    return { ...record, kind: "NONE", code: decision.code, reason };
  }
  const [leg] = decision.legs;
  const candidate = candidates.find(({ venueAccountId }) => venueAccountId === decision.chosen);
  assert(leg !== undefined && candidate !== undefined, "a decision names a candidate it was given");
  return {
    ...record,
    kind: "SINGLE",
    legs: [priceSingle(request, leg, candidate)],
    savingBps,
    reason: explainSingle(split, rules),
  };
}
