import type { PositionDto, QuoteDto } from "#lib/contracts/trade.ts";
import { toDecimal, toText } from "#lib/format/decimal.ts";

export interface LivePosition {
  readonly position: PositionDto;
  readonly price: string | null;
  readonly priceAt: string | null;
  readonly value: string | null;
  readonly unrealisedPnl: string | null;
  /** Unrealised P&L over what the position cost. */
  readonly fraction: string | null;
}

/**
 * Values a position at the middle of its own venue's book, as the server does, with whichever is newer: the server's price or the
 * live quote. Half a book values nothing.
 */
export function valuePosition(position: PositionDto, quote: QuoteDto | null): LivePosition {
  const bid = toDecimal(quote?.bid);
  const ask = toDecimal(quote?.ask);
  const isNewer = quote !== null && (position.priceAt === null || Date.parse(quote.at) >= Date.parse(position.priceAt));
  const live = isNewer && bid !== null && ask !== null ? bid.plus(ask).dividedBy(2) : null;
  const price = live ?? toDecimal(position.price);
  const priceAt = live === null || quote === null ? position.priceAt : quote.at;
  const cost = toDecimal(position.averagePrice)?.times(position.quantity) ?? null;
  if (price === null || cost === null)
    return { position, price: null, priceAt: null, value: null, unrealisedPnl: null, fraction: null };
  const value = price.times(position.quantity);
  const pnl = value.minus(cost);
  return {
    position,
    price: toText(price),
    priceAt,
    value: toText(value),
    unrealisedPnl: toText(pnl),
    fraction: cost.isZero() ? null : toText(pnl.dividedBy(cost.abs()).toDecimalPlaces(6)),
  };
}

/** How much a set of positions has gained since the server summed them: live minus the server's own. Null when one has no price. */
export function liveGain(positions: readonly LivePosition[]): string | null {
  let gain = toDecimal("0");
  for (const { position, unrealisedPnl } of positions) {
    const now = toDecimal(unrealisedPnl);
    const then = toDecimal(position.unrealisedPnl);
    if (now === null || then === null || gain === null) return null;
    gain = gain.plus(now).minus(then);
  }
  return gain === null ? null : toText(gain);
}

/** Adds a live change to a total of the server; null stays null. */
export function addText(total: string | null, change: string | null): string | null {
  const sum = toDecimal(total);
  const more = toDecimal(change);
  return sum === null ? null : toText(more === null ? sum : sum.plus(more));
}
