import { assert } from "#server/domain/assert.ts";
import type { OutcomeCounts, RouteCandidate, ScoreComponents } from "#server/domain/routing/types.ts";

/** Shares of the components; any positive scale, `totalScore` normalises. A stored decision names the version it used. */
export interface RouteWeights extends Readonly<Record<keyof ScoreComponents, number>> {
  readonly version: number;
}

export const ROUTE_WEIGHTS: RouteWeights = { version: 1, cost: 0.3, success: 0.25, latency: 0.2, load: 0.15, pair: 0.1 };

const COMPONENTS = ["cost", "success", "latency", "load", "pair"] as const satisfies readonly (keyof ScoreComponents)[];
const SCORE_MAX = 100;
const LATENCY_MS_PER_POINT = 10;
/** Stands in until an account has made its first order call; an unused account is neither rewarded nor shut out. */
const LATENCY_MS_ASSUMED = 100;
/** A new account starts at 95 % of 20 imaginary tries, so that one bad order does not ruin it. */
const PRIOR_SUCCESSES = 19;
const PRIOR_TRIES = 20;

/** 100 at no cost, one point less per basis point, never below zero. A rebate scores 100 as well. */
export function costScore(costBps: number): number {
  return Math.min(SCORE_MAX, Math.max(0, SCORE_MAX - costBps));
}

export function latencyScore(latencyMsP50: number | null): number {
  return Math.max(0, SCORE_MAX - (latencyMsP50 ?? LATENCY_MS_ASSUMED) / LATENCY_MS_PER_POINT);
}

export function successScore(outcomes: OutcomeCounts): number {
  assert(outcomes.successes >= 0 && outcomes.successes <= outcomes.tries, "more successes than tries");
  return (SCORE_MAX * (outcomes.successes + PRIOR_SUCCESSES)) / (outcomes.tries + PRIOR_TRIES);
}

export function loadScore(ordersWaiting: number): number {
  return Math.max(0, SCORE_MAX - ordersWaiting);
}

/** The five components of one candidate, each 0 to 100. */
export function scoreComponents(candidate: RouteCandidate, costBps: number): ScoreComponents {
  return {
    cost: costScore(costBps),
    success: successScore(candidate.venueOutcomes),
    latency: latencyScore(candidate.latencyMsP50),
    load: loadScore(candidate.ordersWaiting),
    pair: successScore(candidate.pairOutcomes),
  };
}

/** Weighted mean, 0 to 100, at six digits: the last bits of a float must not decide between equal candidates. */
export function totalScore(components: ScoreComponents, weights: RouteWeights = ROUTE_WEIGHTS): number {
  let sum = 0;
  let weightSum = 0;
  for (const name of COMPONENTS) {
    assert(weights[name] >= 0, `the weight of ${name} is negative`);
    sum += weights[name] * components[name];
    weightSum += weights[name];
  }
  assert(weightSum > 0, "all weights are zero");
  return Math.round((sum / weightSum) * 1e6) / 1e6;
}
