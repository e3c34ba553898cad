import { emitBalances, plannedCost, takeAndRest } from "#simulator/engine/place-order.ts";
import { type MatchPlan, planMatch } from "#simulator/engine/plan-match.ts";
import { accountOf, closeOrder } from "#simulator/engine/settle.ts";
import {
  type AccountState,
  type MarketState,
  type OrderRecord,
  snapshotOrder,
  type VenueState,
  venueNow,
} from "#simulator/engine/state.ts";
import { isReached, marketPrice, noteTraded } from "#simulator/engine/trigger-watch.ts";

/**
 * Sets off the waiting orders whose price the market has been at since the last call, by a trade or by where its book now stands,
 * oldest first. A closed market is nowhere.
 */
export function fireTriggers(state: VenueState): void {
  for (const market of state.markets.values()) {
    if (!market.open || market.waiting.size === 0) market.reached = null;
    // What a triggered order does may reach other triggers. No order waits twice, so this ends.
    else while (fireReached(state, market));
  }
}

/** Answers whether any went off. */
function fireReached(state: VenueState, market: MarketState): boolean {
  const price = marketPrice(market);
  if (price !== undefined) noteTraded(market, price);
  const range = market.reached;
  market.reached = null;
  if (range === null) return false;
  const before = market.waiting.size;
  for (const order of market.waiting) {
    if (order.trigger !== null && isReached(order.side, order.trigger, range)) fire(state, market, order);
  }
  return market.waiting.size < before;
}

function fire(state: VenueState, market: MarketState, order: OrderRecord): void {
  if (order.trigger === null) throw new Error(`order ${order.id} has no trigger`);
  const account = accountOf(state, order.accountId);
  market.waiting.delete(order);
  order.updatedAt = venueNow(state);
  order.trigger = { ...order.trigger, triggeredAt: order.updatedAt };
  order.priority = ++state.priority;
  state.emit({ kind: "order", order: snapshotOrder(order) });
  const amount = order.amount.minus(order.filled);
  const plan = planMatch(market, { accountId: order.accountId, side: order.side, limit: order.price, amount, cost: null });
  if (holdsWhatItTakes(state, market, account, order, plan)) takeAndRest(state, market, order, plan);
  else {
    closeOrder(state, market, account, order, "expired");
    state.emit({ kind: "order", order: snapshotOrder(order) });
  }
  emitBalances(state, account);
}

/** A market buy locked its trigger's price, and the book may be worse by now: the rest comes from free funds, or the order ends. */
function holdsWhatItTakes(
  state: VenueState,
  market: MarketState,
  account: AccountState,
  order: OrderRecord,
  plan: MatchPlan,
): boolean {
  if (order.side === "sell" || order.price !== null) return true;
  const more = plannedCost(state, market, account, order.feeMode, plan).minus(order.locked);
  if (more.lte(0)) return true;
  if (account.balances.free(order.lockedAsset).lt(more)) return false;
  account.balances.lock(order.lockedAsset, more);
  order.locked = order.locked.plus(more);
  return true;
}
