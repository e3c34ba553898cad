import type { RouteCandidate, RouteRequest } from "#server/domain/routing/types.ts";
import { capPrice, DEPTH_FACTOR_MIN, midPrice } from "#server/domain/routing/walk-book.ts";

interface Offer {
  readonly venue: number;
  readonly cost: number;
  readonly quantity: number;
}

interface VenueRange {
  readonly smallest: number;
  readonly largest: number;
}

interface Market {
  readonly offers: readonly Offer[];
  readonly ranges: readonly VenueRange[];
}

/** Every offer within each venue's cap by cost after fees, and how little and how much each venue may get. */
function openMarket(request: RouteRequest, candidates: readonly RouteCandidate[]): Market {
  const buys = request.side === "BUY";
  const offers: Offer[] = [];
  const ranges = candidates.map(({ book, rules, takerFeeRate }, venue): VenueRange => {
    const mid = book === null ? null : midPrice(book);
    if (book === null || rules === null || mid === null) return { smallest: 1, largest: 0 };
    const bound = capPrice(mid, request.side, request.slippageCapBps).toNumber();
    const fee = takerFeeRate.toNumber();
    const within = (buys ? book.asks : book.bids).filter(({ price }) => (buys ? price <= bound : price >= bound));
    for (const { price, quantity } of within)
      offers.push({ venue, cost: buys ? price * (1 + fee) : -price * (1 - fee), quantity });
    const depth = within.reduce((sum, { quantity }) => sum + quantity, 0);
    // At the mid a minimum cost asks for less than at any worst price: a bound may be too low, never too high.
    const smallest = Math.max(rules.amountMin.toNumber(), rules.costMin.toNumber() / Math.max(mid.toNumber(), bound));
    return { smallest, largest: Math.min(depth / DEPTH_FACTOR_MIN, request.quantity.toNumber()) };
  });
  return { offers: offers.sort((a, b) => a.cost - b.cost), ranges };
}

/** Walks all offers once: first what each member must get at least, then the cheapest of the rest. Null when it does not add up. */
function fillMembers({ offers, ranges }: Market, members: number, quantity: number): number | null {
  const room = ranges.map(({ smallest, largest }, venue) =>
    (members >> venue) & 1 ? { must: smallest, may: largest - smallest } : { must: 0, may: 0 },
  );
  let free = quantity;
  for (const { must, may } of room) {
    if (may < 0) return null;
    free -= must;
  }
  if (free < 0) return null;
  let missing = quantity;
  let cost = 0;
  for (const offer of offers) {
    const venue = room[offer.venue];
    if (venue === undefined) continue;
    const forced = Math.min(offer.quantity, venue.must);
    venue.must -= forced;
    const chosen = Math.min(offer.quantity - forced, venue.may, free);
    venue.may -= chosen;
    free -= chosen;
    missing -= forced + chosen;
    cost += (forced + chosen) * offer.cost;
  }
  return missing > quantity * 1e-9 ? null : cost;
}

function countBits(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}

/**
 * What no split over at most `legsMax` of the venues can go below, after fees (negative for a sale): the cheapest of every subset,
 * with minimums, caps and depth but without steps. Written apart from the router, and slow. Null when nothing fills the order.
 */
export function boundOfBestSplit(request: RouteRequest, candidates: readonly RouteCandidate[], legsMax: number): number | null {
  const market = openMarket(request, candidates);
  const quantity = request.quantity.toNumber();
  let best: number | null = null;
  for (let members = 1; members < 1 << candidates.length; members += 1) {
    if (countBits(members) > legsMax) continue;
    const cost = fillMembers(market, members, quantity);
    if (cost !== null && (best === null || cost < best)) best = cost;
  }
  return best;
}
