import { assert } from "#server/domain/assert.ts";
import { Decimal, ZERO } from "#server/domain/decimal.ts";
import { isMultipleOf } from "#server/domain/money/rounding.ts";
import { type Fit, fitLegs, mergeSupplies } from "#server/domain/routing/fit-legs.ts";
import {
  costOf,
  findGrid,
  type LegSource,
  type LegSupply,
  readSupply,
  type UnitGrid,
} from "#server/domain/routing/leg-supply.ts";
import { cheapestOffers } from "#server/domain/routing/merge-books.ts";
import { netCost, priceTaker, withPrice } from "#server/domain/routing/price-leg.ts";
import type { PlannedLeg, SplitRules } from "#server/domain/routing/route-plan.ts";
import type { CandidateVerdict, RouteCandidate, RouteDecision, RouteGate, RouteRequest } from "#server/domain/routing/types.ts";
import { midPrice } from "#server/domain/routing/walk-book.ts";

const BPS = 10_000;

/** Gates about the whole order's size. A leg has a size of its own, which `readSupply` holds to the same rules. */
const SIZE_GATES: ReadonlySet<RouteGate> = new Set(["ORDER_FITS_RULES", "BALANCE_SUFFICES", "DEPTH_SUFFICES"]);

/** What splitting is worth against the cheapest single venue; no legs when it can be ruled out without a search. */
export interface Split {
  readonly legs: readonly PlannedLeg[] | null;
  /** The most it could save where there are no legs. */
  readonly savingBps: number | null;
}

/** Exits stay where the position is, a post-only order takes nothing, and nobody can fill or kill at two venues at once. */
function maySplit(request: RouteRequest): boolean {
  return request.pinnedTo === null && !request.postOnly && request.timeInForce !== "FOK";
}

/** The candidate as a source of a leg, when nothing but the size of the whole order spoke against it. */
function toSource(request: RouteRequest, candidate: RouteCandidate, verdict: CandidateVerdict): LegSource | null {
  const { rules, book } = candidate;
  const worstPrice = verdict.estimate?.worstPrice;
  if (rules === null || book === null || worstPrice === undefined) return null;
  if (verdict.gates.some((gate) => !gate.passed && !SIZE_GATES.has(gate.gate))) return null;
  if (request.limitPrice !== null && !isMultipleOf(request.limitPrice, rules.priceTick)) return null;
  const mid = midPrice(book);
  return mid === null ? null : { candidate, rules, book, mid, worstPrice };
}

function listSupplies(
  request: RouteRequest,
  candidates: readonly RouteCandidate[],
  decision: RouteDecision,
): { readonly grid: UnitGrid; readonly supplies: readonly LegSupply[] } | null {
  const verdicts = new Map(decision.candidates.map((verdict) => [verdict.venueAccountId, verdict]));
  const sources = candidates.flatMap((candidate) => {
    const verdict = verdicts.get(candidate.venueAccountId);
    const source = verdict === undefined ? null : toSource(request, candidate, verdict);
    return source === null ? [] : [source];
  });
  if (sources.length < 2) return null;
  const grid = findGrid(request.quantity, sources);
  if (grid === null) return null;
  return { grid, supplies: sources.flatMap((source) => readSupply(request, source, grid) ?? []) };
}

/** The candidate that passed every gate, takes the whole order at once and costs least. */
function cheapestSingle(supplies: readonly LegSupply[], target: number, decision: RouteDecision): LegSupply | null {
  const passed = new Set(decision.candidates.filter((verdict) => verdict.passed).map((verdict) => verdict.venueAccountId));
  let best: LegSupply | null = null;
  for (const supply of supplies) {
    if (!passed.has(supply.source.candidate.venueAccountId) || supply.high < target) continue;
    if (best === null || costOf(supply, target) < costOf(best, target)) best = supply;
  }
  return best;
}

/** Exact, unlike the search: quantity, average price and fee of each leg, and what they cost together. */
function priceLegs(request: RouteRequest, grid: UnitGrid, fit: Fit): { readonly legs: PlannedLeg[]; readonly cost: Decimal } {
  const unit = new Decimal(10).pow(-grid.digits);
  let cost = ZERO;
  let total = ZERO;
  const legs = fit.legs.map(({ supply: { source }, units }) => {
    const { candidate, book, worstPrice } = source;
    const quantity = unit.times(units);
    const priced = priceTaker(request, candidate, book, quantity);
    cost = cost.plus(netCost(request, priced));
    total = total.plus(quantity);
    return withPrice({ venueAccountId: candidate.venueAccountId, venue: candidate.venue, quantity, worstPrice }, priced);
  });
  assert(total.eq(request.quantity), "the legs are not the order");
  return { legs: legs.sort((a, b) => b.quantity.comparedTo(a.quantity) || (a.venue < b.venue ? -1 : 1)), cost };
}

/** The cheapest legs for the order, as far as splitting it can be worth its while; null when it cannot be split. */
export function findSplit(
  request: RouteRequest,
  candidates: readonly RouteCandidate[],
  decision: RouteDecision,
  rules: SplitRules,
): Split | null {
  if (!maySplit(request)) return null;
  const offered = listSupplies(request, candidates, decision);
  if (offered === null) return null;
  const { grid, supplies } = offered;
  const single = cheapestSingle(supplies, grid.target, decision);
  // A limit order that no venue fills at once is meant to rest with its remainder: it stays whole. An immediate one is not.
  if (single === null && decision.ok && request.timeInForce !== "IOC") return null;
  const merged = mergeSupplies(supplies);
  const floor = cheapestOffers(merged, grid.target);
  if (floor === null) return null;
  if (single !== null) {
    const singleCost = costOf(single, grid.target);
    const fee = single.source.candidate.takerFeeRate.toNumber();
    const notional = Math.abs(singleCost) / (request.side === "BUY" ? 1 + fee : 1 - fee);
    const savingBps = ((singleCost - floor) / notional) * BPS;
    if (savingBps <= rules.savingBpsMin) return { legs: null, savingBps };
  }
  const fit = fitLegs(merged, grid.target, rules);
  if (fit === null || fit.legs.length < 2) return null;
  const { legs, cost } = priceLegs(request, grid, fit);
  if (single === null) return { legs, savingBps: null };
  const whole = priceTaker(request, single.source.candidate, single.source.book, request.quantity);
  const saved = netCost(request, whole).minus(cost).dividedBy(whole.notional).times(BPS);
  return { legs, savingBps: saved.toNumber() };
}
