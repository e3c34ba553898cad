import { Decimal, ZERO } from "#server/domain/decimal.ts";
import { reserveFor } from "#server/domain/ledger/reserve.ts";
import { isMultipleOf, roundToTick } from "#server/domain/money/rounding.ts";
import type { RouteCandidate, RouteRequest } from "#server/domain/routing/types.ts";
import { UNIT } from "./small-books.ts";

/** What a leg of this quantity costs after fees (negative for a sale), by the letter of the rules; null when it is not allowed. */
export function legCost(request: RouteRequest, candidate: RouteCandidate, quantity: Decimal): Decimal | null {
  const { rules, book } = candidate;
  const bid = book?.bids[0]?.price;
  const ask = book?.asks[0]?.price;
  if (rules === null || book === null || bid === undefined || ask === undefined) return null;
  const buys = request.side === "BUY";
  const mid = new Decimal(bid).plus(ask).div(2);
  const reach = mid.times(request.slippageCapBps).div(10_000);
  const cap = roundToTick(buys ? mid.plus(reach) : mid.minus(reach), rules.priceTick, buys ? "DOWN" : "UP");
  const worst = request.limitPrice ?? cap;
  if (!isMultipleOf(worst, rules.priceTick) || !isMultipleOf(quantity, rules.amountStep)) return null;
  if (quantity.lt(rules.amountMin) || quantity.times(Decimal.min(mid, worst)).lt(rules.costMin)) return null;
  const terms = { side: request.side, base: rules.base, quote: rules.quote, quantity };
  if (reserveFor(terms, worst, candidate.takerFeeRate).amount.gt(candidate.available)) return null;
  let depth = ZERO;
  let left = quantity;
  let notional = ZERO;
  for (const level of buys ? book.asks : book.bids) {
    if (buys ? worst.lt(level.price) : worst.gt(level.price)) break;
    const take = Decimal.min(left, level.quantity);
    notional = notional.plus(take.times(level.price));
    left = left.minus(take);
    depth = depth.plus(level.quantity);
  }
  if (left.gt(0) || (request.type === "MARKET" && depth.lt(quantity.times(2)))) return null;
  const fee = notional.times(candidate.takerFeeRate);
  return (buys ? notional : notional.negated()).plus(fee);
}

/**
 * Counts through every split over at most `legsMax` accounts, one per venue, and answers what the cheapest costs for each number
 * of legs (index 0 is one leg); null where none is possible.
 */
export function cheapestByLegs(request: RouteRequest, candidates: readonly RouteCandidate[], legsMax: number): (number | null)[] {
  const total = request.quantity.div(UNIT).toNumber();
  const tables = candidates.map((candidate) =>
    Array.from({ length: total + 1 }, (_, units) =>
      units === 0 ? null : (legCost(request, candidate, UNIT.times(units))?.toNumber() ?? null),
    ),
  );
  const best: (number | null)[] = Array.from({ length: legsMax }, () => null);
  const visit = (next: number, left: number, legs: number, cost: number, venues: readonly string[]): void => {
    if (left === 0) {
      const known = best[legs - 1] ?? null;
      if (known === null || cost < known) best[legs - 1] = cost;
      return;
    }
    const candidate = candidates[next];
    if (candidate === undefined || legs === legsMax) return;
    visit(next + 1, left, legs, cost, venues);
    if (venues.includes(candidate.venue)) return;
    const table = tables[next] ?? [];
    for (let units = 1; units <= left; units += 1) {
      const price = table[units] ?? null;
      if (price !== null) visit(next + 1, left - units, legs + 1, cost + price, [...venues, candidate.venue]);
    }
  };
  visit(0, total, 0, 0, []);
  return best;
}
