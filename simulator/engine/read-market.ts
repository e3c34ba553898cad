import { type Decimal, ZERO } from "#server/domain/decimal.ts";
import { type ExternalLevel, type MarketState, type OrderRecord, type VenueState, venueNow } from "#simulator/engine/state.ts";
import type { SimBook, SimLevel, SimTicker } from "#simulator/engine/types.ts";

/** The public book: external levels and users' resting orders in one. `depth` levels a side, all if not given. */
export function readBook(state: VenueState, market: MarketState, depth = Number.POSITIVE_INFINITY): SimBook {
  if (market.bookChanged) {
    market.bookChanged = false;
    market.sequence += 1;
  }
  return {
    symbol: market.market.symbol,
    at: venueNow(state),
    sequence: market.sequence,
    bids: mergeSide(market.bids, market.userBids, depth, 1),
    asks: mergeSide(market.asks, market.userAsks, depth, -1),
  };
}

/** `direction` is 1 where the higher price is the better one. */
function mergeSide(
  levels: readonly ExternalLevel[],
  users: readonly OrderRecord[],
  depth: number,
  direction: 1 | -1,
): SimLevel[] {
  const merged: SimLevel[] = [];
  let levelIndex = 0;
  let userIndex = 0;
  while (merged.length < depth) {
    while (levels[levelIndex]?.amount.isZero()) levelIndex += 1;
    const level = levels[levelIndex];
    const userPrice = users[userIndex]?.price ?? undefined;
    if (level === undefined && userPrice === undefined) break;
    const price = betterPrice(level?.price, userPrice, direction);
    let amount: Decimal = ZERO;
    if (level?.price.eq(price)) {
      amount = level.amount;
      levelIndex += 1;
    }
    for (let user = users[userIndex]; user?.price?.eq(price); user = users[userIndex]) {
      amount = amount.plus(user.amount.minus(user.filled));
      userIndex += 1;
    }
    merged.push([price, amount]);
  }
  return merged;
}

function betterPrice(a: Decimal | undefined, b: Decimal | undefined, direction: 1 | -1): Decimal {
  if (a === undefined || b === undefined) {
    const only = a ?? b;
    if (only === undefined) throw new Error("no price to choose from");
    return only;
  }
  return a.cmp(b) * direction >= 0 ? a : b;
}

/** Undefined until the market has had both sides of a book. */
export function readTicker(state: VenueState, market: MarketState): SimTicker | undefined {
  const { bids, asks, at } = readBook(state, market, 1);
  const bid = bids[0];
  const ask = asks[0];
  if (bid === undefined || ask === undefined) return undefined;
  const last = market.tape.lastPrice ?? bid[0];
  const day = market.tape.history?.day();
  return {
    symbol: market.market.symbol,
    at,
    bid: bid[0],
    bidAmount: bid[1],
    ask: ask[0],
    askAmount: ask[1],
    last,
    open24h: day?.open ?? last,
    high24h: day === undefined || day.high.lt(last) ? last : day.high,
    low24h: day === undefined || day.low.gt(last) ? last : day.low,
    baseVolume24h: day?.baseVolume ?? ZERO,
    quoteVolume24h: day?.quoteVolume ?? ZERO,
  };
}
