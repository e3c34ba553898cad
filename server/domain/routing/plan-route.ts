import { assert } from "#server/domain/assert.ts";
import { Decimal, ZERO } from "#server/domain/decimal.ts";
import { isMultipleOf, roundToColumn } from "#server/domain/money/rounding.ts";
import { chooseRoute } from "#server/domain/routing/choose-route.ts";
import { exactNotional } from "#server/domain/routing/exact-notional.ts";
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
import { type PlannedLeg, type RoutePlan, SPLIT_RULES, type SplitRules } from "#server/domain/routing/route-plan.ts";
import { ROUTE_WEIGHTS, type RouteWeights } from "#server/domain/routing/score.ts";
import type {
  BookSnapshot,
  CandidateVerdict,
  RouteCandidate,
  RouteDecision,
  RouteGate,
  RouteLeg,
  RouteRequest,
} from "#server/domain/routing/types.ts";
import { midPrice } from "#server/domain/routing/walk-book.ts";

const BPS = 10_000;

/** Gates about the whole order's size. A leg has a size of its own, which `readSupply` holds to the same rules. */
const SIZE_GATES: ReadonlySet<RouteGate> = new Set(["ORDER_FITS_RULES", "BALANCE_SUFFICES", "DEPTH_SUFFICES"]);

interface Priced {
  readonly notional: Decimal;
  readonly fee: Decimal;
}

/** What splitting is worth against the cheapest single venue; no legs when it can be ruled out without a search. */
interface Split {
  readonly legs: readonly PlannedLeg[] | null;
  /** The most it could save where there are no legs. */
  readonly savingBps: number | null;
}

function levelsFor(request: RouteRequest, book: BookSnapshot) {
  return request.side === "BUY" ? book.asks : book.bids;
}

function price(request: RouteRequest, candidate: RouteCandidate, book: BookSnapshot, quantity: Decimal): Priced {
  const notional = exactNotional(levelsFor(request, book), quantity);
  return { notional, fee: notional.times(candidate.takerFeeRate) };
}

/** What is paid, or minus what is received: less is better on both sides. */
function netCost(request: RouteRequest, { notional, fee }: Priced): Decimal {
  return (request.side === "BUY" ? notional : notional.negated()).plus(fee);
}

function withPrice(leg: RouteLeg, { notional, fee }: Priced): PlannedLeg {
  return { ...leg, averagePrice: roundToColumn(notional.dividedBy(leg.quantity)), fee: roundToColumn(fee) };
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
    const priced = price(request, candidate, book, quantity);
    cost = cost.plus(netCost(request, priced));
    total = total.plus(quantity);
    return withPrice({ venueAccountId: candidate.venueAccountId, venue: candidate.venue, quantity, worstPrice }, priced);
  });
  assert(total.eq(request.quantity), "the legs are not the order");
  return { legs: legs.sort((a, b) => b.quantity.comparedTo(a.quantity) || (a.venue < b.venue ? -1 : 1)), cost };
}

function findSplit(
  request: RouteRequest,
  candidates: readonly RouteCandidate[],
  decision: RouteDecision,
  rules: SplitRules,
): Split | null {
  const offered = listSupplies(request, candidates, decision);
  if (offered === null) return null;
  const { grid, supplies } = offered;
  const single = cheapestSingle(supplies, grid.target, decision);
  // A limit order that no venue fills at once is meant to rest with its remainder: it stays whole.
  if (single === null && decision.ok) return null;
  const merged = mergeSupplies(supplies);
  const floor = cheapestOffers(merged, grid.target);
  if (floor === null) return null;
  if (single !== null) {
    const singleCost = costOf(single, grid.target);
    const notional =
      Math.abs(singleCost) / (1 + (request.side === "BUY" ? 1 : -1) * single.source.candidate.takerFeeRate.toNumber());
    const savingBps = ((singleCost - floor) / notional) * BPS;
    if (savingBps <= rules.savingBpsMin) return { legs: null, savingBps };
  }
  const fit = fitLegs(merged, grid.target, rules);
  if (fit === null || fit.legs.length < 2) return null;
  const { legs, cost } = priceLegs(request, grid, fit);
  if (single === null) return { legs, savingBps: null };
  const whole = price(request, single.source.candidate, single.source.book, request.quantity);
  const saved = netCost(request, whole).minus(cost).dividedBy(whole.notional).times(BPS);
  return { legs, savingBps: saved.toNumber() };
}

/** What of the order fills at once within its worst price; the rest of a limit order rests at its limit, as a maker. */
function priceSingle(request: RouteRequest, leg: RouteLeg, candidate: RouteCandidate): PlannedLeg {
  const unknown = { ...leg, averagePrice: null, fee: null };
  const { book } = candidate;
  const bound = leg.worstPrice?.toNumber();
  if (book === null || bound === undefined || midPrice(book) === null) return unknown;
  const within = levelsFor(request, book).filter((level) =>
    request.side === "BUY" ? level.price <= bound : level.price >= bound,
  );
  const fillable = within.reduce((sum, level) => sum + level.quantity, 0);
  const taken = fillable >= leg.quantity.toNumber() ? leg.quantity : new Decimal(fillable);
  const resting = leg.quantity.minus(taken);
  if (!resting.isZero() && request.limitPrice === null) return unknown;
  const takes = taken.isZero() ? ZERO : exactNotional(within, taken);
  const rests = resting.times(request.limitPrice ?? 0);
  const fee = takes.times(candidate.takerFeeRate).plus(rests.times(candidate.makerFeeRate));
  return withPrice(leg, { notional: takes.plus(rests), fee });
}

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
 * The books must be sorted, best first, and uncrossed in themselves; a level out of order ends its book.
 */
export function planRoute(
  request: RouteRequest,
  candidates: readonly RouteCandidate[],
  weights: RouteWeights = ROUTE_WEIGHTS,
  rules: SplitRules = SPLIT_RULES,
): RoutePlan {
  assert(rules.legsMax >= 1 && rules.savingBpsMin >= 0 && rules.simplerWithinBps >= 0, "split rules out of range");
  const decision = chooseRoute(request, candidates, weights);
  const split = maySplit(request) ? findSplit(request, candidates, decision, rules) : null;
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
