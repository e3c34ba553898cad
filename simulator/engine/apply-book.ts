import { Decimal } from "#server/domain/decimal.ts";
import { emitBalances } from "#simulator/engine/place-order.ts";
import { accountOf, settleAgainstExternal } from "#simulator/engine/settle.ts";
import type { ExternalLevel, MarketState, OrderRecord, VenueState } from "#simulator/engine/state.ts";
import type { SimLevel } from "#simulator/engine/types.ts";

/** One picture of the liquidity that nobody here owns: best first, no level twice, bids below asks. */
export interface ExternalBook {
  readonly bids: readonly SimLevel[];
  readonly asks: readonly SimLevel[];
}

/**
 * Replaces a market's external book and fills the resting orders that it reaches, at their own prices, best and oldest first.
 * What they take is gone from the book until the next replacement.
 */
export function applyBook(state: VenueState, market: MarketState, book: ExternalBook): void {
  market.bids = book.bids.map(toLevel);
  market.asks = book.asks.map(toLevel);
  market.stamp = ++state.priority;
  market.bookChanged = true;
  if (!market.open) return;
  fillResting(state, market, market.userBids, market.asks);
  fillResting(state, market, market.userAsks, market.bids);
}

function toLevel([price, amount]: SimLevel): ExternalLevel {
  return { price, amount };
}

function fillResting(
  state: VenueState,
  market: MarketState,
  orders: readonly OrderRecord[],
  levels: readonly ExternalLevel[],
): void {
  // A copy: an order that fills leaves the queue while we walk it.
  for (const order of orders.length === 0 ? [] : [...orders]) {
    const amount = takeReached(order, levels);
    if (amount.isZero()) return;
    settleAgainstExternal(state, market, order, amount);
    emitBalances(state, accountOf(state, order.accountId));
  }
}

/** Takes from the levels that the order's price reaches, and answers how much. */
function takeReached(order: OrderRecord, levels: readonly ExternalLevel[]): Decimal {
  const wanted = order.amount.minus(order.filled);
  let left = wanted;
  for (const level of levels) {
    if (left.isZero() || order.price === null) break;
    if (order.side === "buy" ? level.price.gt(order.price) : level.price.lt(order.price)) break;
    const amount = Decimal.min(left, level.amount);
    level.amount = level.amount.minus(amount);
    left = left.minus(amount);
  }
  return wanted.minus(left);
}
