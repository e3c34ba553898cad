import type { Decimal } from "#server/domain/decimal.ts";
import { roundToTick } from "#server/domain/money/rounding.ts";
import { type BookView, runGates } from "#server/domain/routing/gates.ts";
import { ROUTE_WEIGHTS, type RouteWeights, scoreComponents, totalScore } from "#server/domain/routing/score.ts";
import type { CandidateVerdict, GateResult, RouteCandidate, RouteDecision, RouteRequest } from "#server/domain/routing/types.ts";
import { capPrice, midPrice, walkBook } from "#server/domain/routing/walk-book.ts";

const BPS = 10_000;

/** A candidate that has been through the gates. */
interface Gated {
  readonly candidate: RouteCandidate;
  readonly view: BookView | null;
  readonly gates: readonly GateResult[];
  readonly failed: GateResult | undefined;
}

/** A candidate that has been looked at, with what the chosen one's leg needs. */
interface Assessed {
  readonly candidate: RouteCandidate;
  readonly verdict: CandidateVerdict;
  readonly worstPrice: Decimal | null;
}

/** Reads the book once for everything: mid, walk, and the worst price on this venue's tick, rounded towards the mid. */
function viewBook(request: RouteRequest, candidate: RouteCandidate): BookView | null {
  const { book, rules } = candidate;
  if (book === null || rules === null) return null;
  const mid = midPrice(book);
  if (mid === null) return null;
  const buys = request.side === "BUY";
  const cap = roundToTick(capPrice(mid, request.side, request.slippageCapBps), rules.priceTick, buys ? "DOWN" : "UP");
  const worstPrice = request.limitPrice ?? cap;
  const levels = buys ? book.asks : book.bids;
  const walk = walkBook(levels, request.side, request.quantity.toNumber(), mid.toNumber(), worstPrice.toNumber());
  const rests = request.type === "LIMIT" && walk.averagePrice === null;
  return { mid, walk, worstPrice, rests };
}

function runThroughGates(request: RouteRequest, candidate: RouteCandidate): Gated {
  const view = viewBook(request, candidate);
  const gates = runGates(request, candidate, view);
  return { candidate, view, gates, failed: gates.find((result) => !result.passed) };
}

/**
 * The price that every candidate's slippage is counted from: the mid that is best for this side among those that passed. Each
 * counted from its own mid, a venue that is dearer than the others by its whole book would look as cheap as they are.
 */
function referencePrice(request: RouteRequest, gated: readonly Gated[]): number | null {
  const mids = gated.flatMap(({ view, failed }) => (view === null || failed !== undefined ? [] : [view.mid.toNumber()]));
  if (mids.length === 0) return null;
  return request.side === "BUY" ? Math.min(...mids) : Math.max(...mids);
}

function feeRateOf(candidate: RouteCandidate, view: BookView | null): number {
  return (view?.rests === true ? candidate.makerFeeRate : candidate.takerFeeRate).toNumber();
}

function slippageOf(request: RouteRequest, view: BookView | null, reference: number | null): number {
  if (view === null || view.walk.averagePrice === null) return 0;
  if (reference === null) return view.walk.slippageBps;
  const distance = request.side === "BUY" ? view.walk.averagePrice - reference : reference - view.walk.averagePrice;
  return (distance / reference) * BPS;
}

function assess(request: RouteRequest, gated: Gated, reference: number | null, weights: RouteWeights): Assessed {
  const { candidate, view, gates, failed } = gated;
  const { venueAccountId, venue } = candidate;
  const slippageBps = slippageOf(request, view, reference);
  const feeBps = feeRateOf(candidate, view) * BPS;
  // Without a book (an exit) only the fee is known.
  const costBps = view === null && request.pinnedTo === null ? null : Math.round((feeBps + slippageBps) * 1e6) / 1e6;
  const worstPrice = view?.worstPrice ?? request.limitPrice;
  const estimate =
    view === null ? null : { averagePrice: view.walk.averagePrice, slippageBps, feeBps, worstPrice: view.worstPrice };
  if (failed !== undefined || costBps === null) {
    const reason = failed?.reason ?? "There is no order book.";
    return {
      candidate,
      worstPrice,
      verdict: { venueAccountId, venue, passed: false, gates, costBps, estimate, components: null, score: null, reason },
    };
  }
  const components = scoreComponents(candidate, costBps);
  const score = totalScore(components, weights);
  const verdict = { venueAccountId, venue, passed: true, gates, costBps, estimate, components, score, reason: "" };
  return { candidate, worstPrice, verdict };
}

/** Best first: score, then cost, then venue name, then account id, so that the same facts always give the same answer. */
function compareAssessed(a: Assessed, b: Assessed): number {
  const byScore = (b.verdict.score ?? -1) - (a.verdict.score ?? -1);
  if (byScore !== 0) return byScore;
  const byCost = (a.verdict.costBps ?? Number.MAX_VALUE) - (b.verdict.costBps ?? Number.MAX_VALUE);
  if (byCost !== 0) return byCost;
  const nameA = `${a.verdict.venue}/${a.verdict.venueAccountId}`;
  const nameB = `${b.verdict.venue}/${b.verdict.venueAccountId}`;
  return nameA < nameB ? -1 : nameA > nameB ? 1 : 0;
}

function explain(assessed: Assessed, best: Assessed, pinned: boolean): CandidateVerdict {
  const { verdict } = assessed;
  if (!verdict.passed) return verdict;
  if (assessed !== best) {
    const behind = (best.verdict.score ?? 0) - (verdict.score ?? 0);
    const reason = behind === 0 ? "Equal score; cost, then name, decided." : `Scored ${behind.toFixed(2)} below the best.`;
    return { ...verdict, reason };
  }
  return { ...verdict, reason: pinned ? "It holds the position." : "Highest score." };
}

/**
 * Decides where one order goes. Pure: the same request, candidates and weights give the same decision. Entries compete by
 * score; exits go to the account that holds the position (`pinnedTo`) and skip the gates about comfort. The verdicts come
 * back best first, including those that a gate refused and why.
 */
export function chooseRoute(
  request: RouteRequest,
  candidates: readonly RouteCandidate[],
  weights: RouteWeights = ROUTE_WEIGHTS,
): RouteDecision {
  const gated = candidates.map((candidate) => runThroughGates(request, candidate));
  const reference = referencePrice(request, gated);
  const ranked = gated.map((each) => assess(request, each, reference, weights)).sort(compareAssessed);
  const best = ranked[0];
  if (best === undefined || !best.verdict.passed) {
    const verdicts = ranked.map((assessed) => assessed.verdict);
    return { ok: false, code: "ROUTE_NONE_AVAILABLE", weightsVersion: weights.version, candidates: verdicts };
  }
  const { venueAccountId, venue } = best.candidate;
  return {
    ok: true,
    chosen: venueAccountId,
    legs: [{ venueAccountId, venue, quantity: request.quantity, worstPrice: best.worstPrice }],
    weightsVersion: weights.version,
    candidates: ranked.map((assessed) => explain(assessed, best, request.pinnedTo !== null)),
  };
}
