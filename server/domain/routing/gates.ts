import type { Decimal } from "#server/domain/decimal.ts";
import { reserveFor } from "#server/domain/ledger/reserve.ts";
import { checkPrecision } from "#server/domain/market.ts";
import { denialSentence } from "#server/domain/risk/denial-codes.ts";
import type { BookWalk } from "#server/domain/routing/walk-book.ts";
import type { GateResult, RouteCandidate, RouteGate, RouteRequest } from "#server/domain/routing/types.ts";

/** An older book says too little about what the order would meet. */
export const BOOK_AGE_MS_MAX = 2_000;

/** What the gates need from the book; null where there is none or it is torn. */
export interface BookView {
  readonly mid: Decimal;
  readonly walk: BookWalk;
  /** The price the order must not cross. */
  readonly worstPrice: Decimal;
  /** A limit order that would rest: it takes no depth and pays the maker fee. */
  readonly rests: boolean;
}

function gate(name: RouteGate, passed: boolean, reason: string): GateResult {
  return { gate: name, passed, reason: passed ? null : reason };
}

function tradingStateGate(candidate: RouteCandidate, isExit: boolean): GateResult {
  const passed = candidate.tradingState === "ACTIVE" || (candidate.tradingState === "REDUCING" && isExit);
  return gate(
    "TRADING_STATE",
    passed,
    denialSentence(candidate.tradingState === "HALTED" ? "TRADING_HALTED" : "TRADING_REDUCING"),
  );
}

function rulesGate(request: RouteRequest, candidate: RouteCandidate, view: BookView | null): GateResult {
  if (candidate.rules === null) return gate("ORDER_FITS_RULES", false, denialSentence("MARKET_UNKNOWN"));
  const check = checkPrecision(candidate.rules, {
    side: request.side,
    quantity: request.quantity,
    limitPrice: request.limitPrice,
    referencePrice: view?.mid ?? null,
  });
  if (check.ok && request.postOnly && view !== null && !view.rests) {
    return gate("ORDER_FITS_RULES", false, denialSentence("ORDER_POST_ONLY_WOULD_TAKE"));
  }
  return gate("ORDER_FITS_RULES", check.ok, check.ok ? "" : denialSentence(check.code));
}

function balanceGate(request: RouteRequest, candidate: RouteCandidate, view: BookView | null): GateResult {
  const { rules } = candidate;
  if (rules === null) return gate("BALANCE_SUFFICES", false, denialSentence("MARKET_UNKNOWN"));
  if (request.side === "SELL") {
    return gate("BALANCE_SUFFICES", candidate.available.gte(request.quantity), denialSentence("BALANCE_INSUFFICIENT"));
  }
  const cap = request.limitPrice ?? view?.worstPrice ?? null;
  if (cap === null) return gate("BALANCE_SUFFICES", false, denialSentence("PRICE_UNKNOWN"));
  const terms = { side: request.side, base: rules.base, quote: rules.quote, quantity: request.quantity };
  const need = reserveFor(terms, cap, candidate.takerFeeRate);
  return gate("BALANCE_SUFFICES", candidate.available.gte(need.amount), denialSentence("BALANCE_INSUFFICIENT"));
}

/** Only what must hold for the order to be possible at all: nothing about comfort may hold back an exit. */
function commonGates(request: RouteRequest, candidate: RouteCandidate, view: BookView | null): GateResult[] {
  const isExit = request.pinnedTo !== null;
  return [
    gate("ACCOUNT_ENABLED", candidate.enabled, denialSentence("ACCOUNT_DISABLED")),
    tradingStateGate(candidate, isExit),
    gate(
      "SYMBOL_LISTED",
      candidate.rules?.active === true,
      denialSentence(candidate.rules === null ? "MARKET_UNKNOWN" : "MARKET_CLOSED"),
    ),
    rulesGate(request, candidate, view),
    balanceGate(request, candidate, view),
  ];
}

/** Runs every gate, also after one has failed, so that the screen can show all that stood in the way. */
export function runGates(request: RouteRequest, candidate: RouteCandidate, view: BookView | null): GateResult[] {
  if (request.pinnedTo !== null) {
    const isHolder = candidate.venueAccountId === request.pinnedTo;
    return [
      gate("PINNED_ACCOUNT", isHolder, "The position is held at another account."),
      ...commonGates(request, candidate, view),
    ];
  }
  const fresh = candidate.book !== null && candidate.book.ageMs <= (request.bookAgeMsMax ?? BOOK_AGE_MS_MAX) && view !== null;
  const deepEnough = view !== null && (view.rests || request.type === "LIMIT" || view.walk.deepEnough);
  return [
    ...commonGates(request, candidate, view),
    gate("BREAKER_CLOSED", !candidate.breakerOpen, "The venue failed repeatedly and is being rested."),
    gate("MARKET_STEADY", request.side === "SELL" || candidate.buysStopped !== true, denialSentence("MARKET_FELL")),
    gate("RATE_BUDGET_LEFT", candidate.rateBudgetLeft > 0, "The venue's request budget is used up for the moment."),
    gate("BOOK_FRESH", fresh, candidate.book === null ? "There is no order book." : "The order book is stale or inconsistent."),
    gate("DEPTH_SUFFICES", deepEnough, "The book holds too little within the slippage cap for this size."),
  ];
}
