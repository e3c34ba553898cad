import { assert } from "#server/domain/assert.ts";
import { type Decimal, ZERO } from "#server/domain/decimal.ts";
import type { OrderSide } from "#server/domain/order/order.ts";
import type { BookLevel, BookSnapshot } from "#server/domain/routing/types.ts";

const BPS = 10_000;

/** How often the order's own quantity must be on offer within the slippage cap. */
export const DEPTH_FACTOR_MIN = 2;

export interface BookWalk {
  /** Base that the levels within the price bound can fill now, at most the quantity asked for. */
  readonly fillable: Decimal;
  /** Average price of `fillable`; null when nothing can be filled. */
  readonly averagePrice: Decimal | null;
  /** The deepest price reached; null when nothing can be filled. */
  readonly worstPrice: Decimal | null;
  /** Signed cost of the average price against the mid: positive is worse than the mid. */
  readonly slippageBps: number;
  /** The bounded levels hold at least `DEPTH_FACTOR_MIN` times the quantity. */
  readonly deepEnough: boolean;
}

/** Middle of the best bid and ask; null when a side is empty or the book is crossed (a torn snapshot). */
export function midPrice(book: BookSnapshot): Decimal | null {
  const bid = book.bids[0]?.price;
  const ask = book.asks[0]?.price;
  if (bid === undefined || ask === undefined || bid.gte(ask)) return null;
  return bid.plus(ask).dividedBy(2);
}

/** The price `capBps` away from the mid on the order's side, not rounded to a tick. */
export function capPrice(mid: Decimal, side: OrderSide, capBps: number): Decimal {
  assert(capBps >= 0 && capBps < BPS, `slippage cap out of range: ${capBps}`);
  return mid.times(side === "BUY" ? BPS + capBps : BPS - capBps).dividedBy(BPS);
}

/**
 * Takes `quantity` from the levels, best first, never past `bound`. Stops as soon as the depth question is answered, so a
 * full book costs no more than the few levels that matter: this runs for every candidate of every entry.
 */
export function walkBook(
  levels: readonly BookLevel[],
  side: OrderSide,
  quantity: Decimal,
  mid: Decimal,
  bound: Decimal,
): BookWalk {
  assert(quantity.gt(0), "a walk needs a positive quantity");
  const depthWanted = quantity.times(DEPTH_FACTOR_MIN);
  let depth = ZERO;
  let cost = ZERO;
  let fillable = ZERO;
  let worstPrice: Decimal | null = null;
  for (const level of levels) {
    if (side === "BUY" ? level.price.gt(bound) : level.price.lt(bound)) break;
    if (fillable.lt(quantity)) {
      const missing = quantity.minus(fillable);
      const take = level.quantity.lt(missing) ? level.quantity : missing;
      fillable = fillable.plus(take);
      cost = cost.plus(take.times(level.price));
      worstPrice = level.price;
    }
    depth = depth.plus(level.quantity);
    if (depth.gte(depthWanted)) break;
  }
  const deepEnough = depth.gte(depthWanted);
  if (worstPrice === null || fillable.isZero()) {
    return { fillable: ZERO, averagePrice: null, worstPrice: null, slippageBps: 0, deepEnough };
  }
  const averagePrice = cost.dividedBy(fillable);
  const distance = side === "BUY" ? averagePrice.minus(mid) : mid.minus(averagePrice);
  return { fillable, averagePrice, worstPrice, slippageBps: distance.times(BPS).dividedBy(mid).toNumber(), deepEnough };
}
