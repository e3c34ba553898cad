import { type Decimal, ZERO } from "#server/domain/decimal.ts";
import { buyLock, emitBalances, takeAndRest } from "#simulator/engine/place-order.ts";
import { planMatch } from "#simulator/engine/plan-match.ts";
import { gridRefusal } from "#simulator/engine/rules.ts";
import { accountOf, closeOrder, rest, unrest } from "#simulator/engine/settle.ts";
import {
  type AccountState,
  type MarketState,
  type OrderRecord,
  snapshotOrder,
  type VenueState,
  venueNow,
} from "#simulator/engine/state.ts";
import { isWaiting } from "#simulator/engine/trigger-watch.ts";
import type { SimOrder, SimOrderChange, SimRejectReason, SimResult } from "#simulator/engine/types.ts";

/** An order of this account that look-ups find now: the forget-order fault hides some for a while. */
export function findOrder(state: VenueState, accountId: string, orderId: string): OrderRecord | undefined {
  const order = state.orders.get(orderId);
  if (order === undefined || order.accountId !== accountId || isHidden(state, order)) return undefined;
  return order;
}

export function isHidden(state: VenueState, order: OrderRecord): boolean {
  return order.hiddenUntil > 0 && order.hiddenUntil > state.realNow();
}

/** Cancels an open order and gives its funds back. A finished or unknown order answers "unknown-order". */
export function cancelOrder(state: VenueState, accountId: string, orderId: string): SimResult<SimOrder> {
  const found = findOpen(state, accountId, orderId);
  if (!found.ok) return found;
  const { order, market, account } = found.value;
  closeOrder(state, market, account, order, "canceled");
  const snapshot = snapshotOrder(order);
  state.emit({ kind: "order", order: snapshot });
  emitBalances(state, account);
  return { ok: true, value: snapshot };
}

/** What the venue does by itself: no permission of a key and no fault of a look-up stands in its way. */
export function cancelAllOpen(state: VenueState, accountId: string, canceling: (order: OrderRecord) => void): void {
  const account = accountOf(state, accountId);
  const open = [...account.open.values()];
  for (const order of open) {
    canceling(order);
    closeOrder(state, marketOf(state, order), account, order, "canceled");
    state.emit({ kind: "order", order: snapshotOrder(order) });
  }
  if (open.length > 0) emitBalances(state, account);
}

interface OpenOrder {
  readonly order: OrderRecord;
  readonly market: MarketState;
  readonly account: AccountState;
}

function findOpen(state: VenueState, accountId: string, orderId: string): SimResult<OpenOrder> {
  const order = findOrder(state, accountId, orderId);
  if (order === undefined || order.status !== "open") return { ok: false, reason: "unknown-order" };
  const account = accountOf(state, accountId);
  if (!account.account.permissions.trade) return { ok: false, reason: "not-permitted" };
  return { ok: true, value: { order, market: marketOf(state, order), account } };
}

function marketOf(state: VenueState, order: OrderRecord): MarketState {
  const market = state.markets.get(order.symbol);
  if (market === undefined) throw new Error(`order ${order.id} is of a market that is not there: ${order.symbol}`);
  return market;
}

/**
 * Changes price and/or amount of an open limit order, which keeps its id. It keeps its place in the queue only if nothing
 * but its amount went down. A new price may take at once.
 */
export function replaceOrder(state: VenueState, accountId: string, orderId: string, change: SimOrderChange): SimResult<SimOrder> {
  const found = findOpen(state, accountId, orderId);
  if (!found.ok) return found;
  const { order, market, account } = found.value;
  if (isWaiting(order)) return replaceWaiting(state, found.value, change);
  if (change.triggerPrice !== undefined) return refuse("bad-request");
  const price = change.price ?? order.price;
  const amount = change.amount ?? order.amount;
  if (price === null || !isPositive(price) || !isPositive(amount) || amount.lte(order.filled)) return refuse("bad-request");
  const refusal = gridRefusal(market.market, price, amount);
  if (refusal !== null) return refuse(refusal);
  const left = amount.minus(order.filled);
  const lock = order.side === "sell" ? left : buyLock(market, order.feeMode, price, left);
  if (!affords(account, order, lock)) return refuse("insufficient-funds");
  const plan = planMatch(market, { accountId, side: order.side, limit: price, amount: left, cost: null });
  if (order.postOnly && (plan.matches.length > 0 || plan.stoppedBySelf)) return refuse("would-take");

  relock(account, order, lock);
  const keepsPlace = order.price?.eq(price) === true && amount.lte(order.amount);
  unrest(market, order);
  order.price = price;
  order.amount = amount;
  order.updatedAt = venueNow(state);
  if (!keepsPlace) order.priority = ++state.priority;
  state.emit({ kind: "order", order: snapshotOrder(order) });
  if (keepsPlace) rest(market, order);
  else takeAndRest(state, market, order, plan);
  emitBalances(state, account);
  return { ok: true, value: snapshotOrder(order) };
}

/** An order that waits takes nothing yet, whatever its price; its new trigger may be where the market is. */
function replaceWaiting(state: VenueState, { order, market, account }: OpenOrder, change: SimOrderChange): SimResult<SimOrder> {
  const { trigger } = order;
  const price = change.price ?? order.price;
  const amount = change.amount ?? order.amount;
  const triggerPrice = change.triggerPrice ?? trigger?.price;
  if (trigger === null || triggerPrice === undefined || (order.price === null) !== (price === null)) return refuse("bad-request");
  if (![triggerPrice, amount, price ?? triggerPrice].every(isPositive)) return refuse("bad-request");
  const refusal = gridRefusal(market.market, triggerPrice, amount) ?? gridRefusal(market.market, price ?? triggerPrice, amount);
  if (refusal !== null) return refuse(refusal);
  const lock = order.side === "sell" ? amount : buyLock(market, order.feeMode, price ?? triggerPrice, amount);
  if (!affords(account, order, lock)) return refuse("insufficient-funds");
  relock(account, order, lock);
  order.price = price;
  order.amount = amount;
  order.trigger = { ...trigger, price: triggerPrice };
  order.updatedAt = venueNow(state);
  const snapshot = snapshotOrder(order);
  state.emit({ kind: "order", order: snapshot });
  emitBalances(state, account);
  return { ok: true, value: snapshot };
}

function affords(account: AccountState, order: OrderRecord, lock: Decimal): boolean {
  return account.balances.free(order.lockedAsset).gte(lock.minus(order.locked));
}

function relock(account: AccountState, order: OrderRecord, lock: Decimal): void {
  const more = lock.minus(order.locked);
  if (more.gt(0)) account.balances.lock(order.lockedAsset, more);
  else account.balances.unlock(order.lockedAsset, more.neg());
  order.locked = lock;
}

function refuse(reason: SimRejectReason): SimResult<SimOrder> {
  return { ok: false, reason };
}

function isPositive(value: Decimal): boolean {
  return value.isFinite() && value.gt(ZERO);
}
