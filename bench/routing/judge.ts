import { ZERO } from "#server/domain/decimal.ts";
import { planRoute } from "#server/domain/routing/plan-route.ts";
import { type RoutePlan, SPLIT_RULES } from "#server/domain/routing/route-plan.ts";
import { ROUTE_WEIGHTS } from "#server/domain/routing/score.ts";
import type { RouteRequest } from "#server/domain/routing/types.ts";
import { boundOfBestSplit } from "./best-split.ts";
import type { Sample } from "./scenes.ts";

const BPS = 10_000;
const FOUR_LEGS = 4;

/** What one decision was worth. Basis points of the order's notional; null where there is nothing to compare with. */
export interface Judgement {
  readonly sample: Sample;
  readonly plan: RoutePlan;
  readonly decideMs: number;
  /** Of the cheapest legs the router finds, whether or not their saving is worth splitting for. */
  readonly gapBp: number | null;
  /** What the best split over four venues would cost more. */
  readonly fourLegsBp: number | null;
  readonly savedByScoringBp: number | null;
  /** What the chosen venue costs more than the cheapest one: the price of speed and reliability. */
  readonly givenUpBp: number | null;
  readonly savedBySplittingBp: number | null;
}

function costOf(request: RouteRequest, plan: RoutePlan): number | null {
  if (plan.kind === "NONE") return null;
  let cost = ZERO;
  for (const { averagePrice, quantity, fee } of plan.legs) {
    if (averagePrice === null || fee === null) return null;
    const notional = averagePrice.times(quantity);
    cost = cost.plus(request.side === "BUY" ? notional : notional.negated()).plus(fee);
  }
  return cost.toNumber();
}

function judgeSplit({ request, candidates }: Sample): Pick<Judgement, "gapBp" | "fourLegsBp"> {
  const eager = planRoute(request, candidates, ROUTE_WEIGHTS, { ...SPLIT_RULES, savingBpsMin: 0 });
  const best = boundOfBestSplit(request, candidates, SPLIT_RULES.legsMax);
  const cost = costOf(request, eager);
  if (best === null || cost === null) return { gapBp: null, fourLegsBp: null };
  const ofFour = boundOfBestSplit(request, candidates, FOUR_LEGS);
  return {
    // A single venue is chosen by score, not by cost alone: it is no split to compare.
    gapBp: eager.kind === "SPLIT" ? Math.max(0, ((cost - best) / Math.abs(best)) * BPS) : null,
    fourLegsBp: ofFour === null ? null : ((ofFour - best) / Math.abs(best)) * BPS,
  };
}

/** Decides the sample again and compares it with what else was possible. */
export function judge(sample: Sample, decideMs: number): Judgement {
  const plan = planRoute(sample.request, sample.candidates, ROUTE_WEIGHTS, SPLIT_RULES);
  const costs = plan.decision.candidates.flatMap((verdict) =>
    verdict.passed && verdict.costBps !== null ? [verdict.costBps] : [],
  );
  const [chosen] = costs;
  const meanBps = costs.reduce((sum, cost) => sum + cost, 0) / costs.length;
  return {
    sample,
    plan,
    decideMs,
    ...judgeSplit(sample),
    savedByScoringBp: chosen === undefined ? null : meanBps - chosen,
    givenUpBp: chosen === undefined ? null : chosen - Math.min(...costs),
    savedBySplittingBp: chosen === undefined ? null : plan.kind === "SPLIT" ? (plan.savingBps ?? 0) : 0,
  };
}
