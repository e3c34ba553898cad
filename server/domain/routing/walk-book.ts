import { assert } from "#server/domain/assert.ts";
import { Decimal } from "#server/domain/decimal.ts";
import type { OrderSide } from "#server/domain/order/order.ts";
import type { BookLevel, BookSnapshot } from "#server/domain/routing/types.ts";

const BPS = 10_000;

/** How often the order's own quantity must be on offer within the slippage cap. */
export const DEPTH_FACTOR_MIN = 2;

/** The sum of levels that are decimals to the reader is off by less than this share as a float. */
export const FLOAT_SLACK = 1e-12;

/** Estimates, see `BookLevel`. */
export interface BookWalk {
  /** Base that the levels within the price bound can fill now, at most the quantity asked for. */
  readonly fillable: number;
  /** Average price of `fillable`; null when nothing can be filled. */
  readonly averagePrice: number | null;
  /** The deepest price reached; null when nothing can be filled. */
  readonly worstPrice: number | null;
  /** Signed cost of the average price against the mid: positive is worse than the mid. */
  readonly slippageBps: number;
  /** The bounded levels hold at least `DEPTH_FACTOR_MIN` times the quantity. */
  readonly deepEnough: boolean;
}

/** Middle of the best bid and ask; null when a side is empty or the book is crossed or torn. */
export function midPrice(book: BookSnapshot): Decimal | null {
  const bid = book.bids[0]?.price;
  const ask = book.asks[0]?.price;
  if (bid === undefined || ask === undefined || !(bid > 0) || !(ask > bid) || !Number.isFinite(ask)) return null;
  return new Decimal(bid).plus(ask).dividedBy(2);
}

/** The price `capBps` away from the mid on the order's side, not rounded to a tick. */
export function capPrice(mid: Decimal, side: OrderSide, capBps: number): Decimal {
  assert(capBps >= 0 && capBps < BPS, `slippage cap out of range: ${capBps}`);
  return mid.times(side === "BUY" ? BPS + capBps : BPS - capBps).dividedBy(BPS);
}

/**
 * Takes `quantity` from the levels, best first, never past `bound`. Stops as soon as the depth question is answered, so a
 * full book costs no more than the levels that matter: this runs for every candidate of every entry.
 */
export function walkBook(levels: readonly BookLevel[], side: OrderSide, quantity: number, mid: number, bound: number): BookWalk {
  assert(quantity > 0, "a walk needs a positive quantity");
  const depthWanted = quantity * DEPTH_FACTOR_MIN * (1 - FLOAT_SLACK);
  const buys = side === "BUY";
  let depth = 0;
  let cost = 0;
  let fillable = 0;
  let worstPrice: number | null = null;
  let previous = buys ? 0 : Number.POSITIVE_INFINITY;
  for (const level of levels) {
    // A level that is not a positive amount within the bound, or out of order, ends the walk: what lies behind cannot be trusted.
    const ordered = buys ? level.price >= previous && level.price <= bound : level.price <= previous && level.price >= bound;
    if (!ordered || !(level.quantity > 0)) break;
    previous = level.price;
    if (fillable < quantity) {
      const take = Math.min(level.quantity, quantity - fillable);
      fillable += take;
      cost += take * level.price;
      worstPrice = level.price;
    }
    depth += level.quantity;
    if (depth >= depthWanted) break;
  }
  const deepEnough = depth >= depthWanted;
  if (worstPrice === null) return { fillable: 0, averagePrice: null, worstPrice: null, slippageBps: 0, deepEnough };
  const averagePrice = cost / fillable;
  const distance = buys ? averagePrice - mid : mid - averagePrice;
  return { fillable, averagePrice, worstPrice, slippageBps: (distance / mid) * BPS, deepEnough };
}
