import { Decimal, ZERO } from "#server/domain/decimal.ts";
import { roundToColumn } from "#server/domain/money/rounding.ts";
import { exactNotional } from "#server/domain/routing/exact-notional.ts";
import type { PlannedLeg } from "#server/domain/routing/route-plan.ts";
import type { BookLevel, BookSnapshot, RouteCandidate, RouteLeg, RouteRequest } from "#server/domain/routing/types.ts";
import { midPrice } from "#server/domain/routing/walk-book.ts";

/** What taking a quantity from a book is worth, in quote, exact. */
export interface Priced {
  readonly notional: Decimal;
  readonly fee: Decimal;
}

function levelsFor(request: RouteRequest, book: BookSnapshot): readonly BookLevel[] {
  return request.side === "BUY" ? book.asks : book.bids;
}

/** The book must hold the quantity. */
export function priceTaker(request: RouteRequest, candidate: RouteCandidate, book: BookSnapshot, quantity: Decimal): Priced {
  const notional = exactNotional(levelsFor(request, book), quantity);
  return { notional, fee: notional.times(candidate.takerFeeRate) };
}

/** What is paid, or minus what is received: less is better on both sides. */
export function netCost(request: RouteRequest, { notional, fee }: Priced): Decimal {
  return (request.side === "BUY" ? notional : notional.negated()).plus(fee);
}

/** The leg with its price and fee, at the digits of a money column. */
export function withPrice(leg: RouteLeg, { notional, fee }: Priced): PlannedLeg {
  return { ...leg, averagePrice: roundToColumn(notional.dividedBy(leg.quantity)), fee: roundToColumn(fee) };
}

/** What of the order fills at once within its worst price; the rest of a limit order rests at its limit, as a maker. */
export function priceSingle(request: RouteRequest, leg: RouteLeg, candidate: RouteCandidate): PlannedLeg {
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
