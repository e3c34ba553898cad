import { Decimal } from "#server/domain/decimal.ts";

/** What a market's day is measured by, and its last fall. */
export interface MarketDay {
  /** UTC, YYYY-MM-DD. */
  readonly day: string;
  /** The first mid of the day that can be trusted. */
  readonly anchor: Decimal;
  /** It stops buys until `restUntil`, and says nothing after that. */
  readonly fall: MarketFall | null;
}

export interface MarketFall {
  /** The ask that was too far below the anchor. */
  readonly to: Decimal;
  readonly at: Date;
  readonly restUntil: Date;
}

/** The best prices of a book; null where that side is empty. */
export interface BestPrices {
  readonly bid: Decimal | null;
  readonly ask: Decimal | null;
}

/** Fraction of the anchor. Large coins fall so far in a day once in years, a token that is dying does within hours. */
export const MARKET_FALL_MAX = new Decimal("0.25");
/** Fraction of the mid: a book torn further apart gives no price to measure a day by. */
const SPREAD_MAX = new Decimal("0.05");
/** A fall shortly before midnight does not end with the day. */
const REST_MS_MIN = 6 * 60 * 60_000;

function dayOf(at: Date): string {
  return at.toISOString().slice(0, 10);
}

function trustedMid({ bid, ask }: BestPrices): Decimal | null {
  if (bid === null || ask === null) return null;
  const mid = bid.plus(ask).dividedBy(2).toDecimalPlaces(18);
  return ask.minus(bid).lte(mid.times(SPREAD_MAX)) && mid.gt(0) ? mid : null;
}

/** The next midnight (UTC), or six hours on, whichever is later. */
function endOfRest(at: Date): Date {
  const midnight = Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate() + 1);
  return new Date(Math.max(midnight, at.getTime() + REST_MS_MIN));
}

/** Until when this market is not bought; null when it is. */
export function buysStoppedUntil(day: MarketDay | null, now: Date): Date | null {
  const restUntil = day?.fall?.restUntil ?? null;
  return restUntil !== null && restUntil > now ? restUntil : null;
}

/**
 * What is known of a market's day once these prices have been seen; the same object when nothing has changed. The fall is measured from the
 * day's first price and not from the last hour's, so that a slow one counts as much as a sudden one; and down to the ask, which a bid
 * side that vanishes leaves where it is. `fallMax` is a fraction of the anchor; 1 or more never stops anything.
 */
export function afterPrices(known: MarketDay | null, prices: BestPrices, now: Date, fallMax: Decimal): MarketDay | null {
  const day = dayOf(now);
  if (known === null || known.day < day) {
    const anchor = trustedMid(prices);
    if (anchor !== null) return { day, anchor, fall: known?.fall ?? null };
  }
  if (known === null || prices.ask === null || buysStoppedUntil(known, now) !== null) return known;
  const least = known.anchor.times(new Decimal(1).minus(fallMax));
  return prices.ask.gt(least) ? known : { ...known, fall: { to: prices.ask, at: now, restUntil: endOfRest(now) } };
}
