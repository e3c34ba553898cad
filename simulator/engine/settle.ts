import type { Decimal } from "#server/domain/decimal.ts";
import { feeOf } from "#simulator/engine/fees.ts";
import type { PlannedMatch } from "#simulator/engine/plan-match.ts";
import {
  type AccountState,
  addTo,
  type FillRecord,
  type MarketState,
  type OrderRecord,
  snapshotOrder,
  type VenueState,
  venueNow,
} from "#simulator/engine/state.ts";
import { noteTraded } from "#simulator/engine/trigger-watch.ts";
import type { SimFill, SimOrderStatus, SimSide } from "#simulator/engine/types.ts";

/** Books one match of a taker: both sides' balances, fills and events, and the public trade. Answers the taker's fill. */
export function settleMatch(state: VenueState, market: MarketState, taker: OrderRecord, match: PlannedMatch): SimFill {
  const tradeId = state.ids.trade(market.market.symbol, venueNow(state));
  if (match.maker !== null) settleSide(state, market, match.maker, { ...match, tradeId, maker: true });
  else {
    if (match.level !== null) match.level.amount = match.level.amount.minus(match.amount);
    settleExternal(state, market, taker.side, match);
  }
  const fill = settleSide(state, market, taker, { ...match, tradeId, maker: false });
  announceTrade(state, market, match, taker.side, tradeId);
  return fill;
}

/** A resting order that the external book reached: it fills at its own price, as maker. */
export function settleAgainstExternal(state: VenueState, market: MarketState, order: OrderRecord, amount: Decimal): void {
  if (order.price === null) throw new Error(`resting order ${order.id} has no price`);
  const tradeId = state.ids.trade(market.market.symbol, venueNow(state));
  const match = { price: order.price, amount };
  settleExternal(state, market, order.side, match);
  settleSide(state, market, order, { ...match, tradeId, maker: true });
  announceTrade(state, market, match, order.side === "buy" ? "sell" : "buy", tradeId);
}

function announceTrade(
  state: VenueState,
  market: MarketState,
  { price, amount }: { price: Decimal; amount: Decimal },
  takerSide: SimSide,
  id: string,
): void {
  market.bookChanged = true;
  noteTraded(market, price);
  state.emit({ kind: "trade", trade: market.tape.add({ at: venueNow(state), price, amount, takerSide, id }) });
}

/** The counterparty that nobody owns: its flows keep the sum over everybody constant. */
function settleExternal(
  state: VenueState,
  { market }: MarketState,
  userSide: SimSide,
  match: { price: Decimal; amount: Decimal },
): void {
  const cost = match.price.times(match.amount);
  const buys = userSide === "buy";
  addTo(state.external, market.base, buys ? match.amount.neg() : match.amount);
  addTo(state.external, market.quote, buys ? cost : cost.neg());
}

interface SideFill {
  readonly price: Decimal;
  readonly amount: Decimal;
  readonly tradeId: string;
  readonly maker: boolean;
}

function settleSide(state: VenueState, marketState: MarketState, order: OrderRecord, side: SideFill): SimFill {
  const account = accountOf(state, order.accountId);
  const { market } = marketState;
  const { price, amount, maker } = side;
  const cost = price.times(amount);
  const buys = order.side === "buy";
  spendLocked(account, order, buys ? cost : amount);
  account.balances.credit(buys ? market.base : market.quote, buys ? amount : cost);
  const fee = feeOf(state, marketState, account, { side: order.side, price, amount, maker, mode: order.feeMode });
  // A buy's quote fee was locked with its cost; a rebate or any other fee moves free balance.
  if (buys && fee.asset === market.quote && order.feeMode === "quote" && fee.amount.gt(0)) {
    spendLocked(account, order, fee.amount);
  } else account.balances.credit(fee.asset, fee.amount.neg());
  addTo(state.feesCollected, fee.asset, fee.amount);
  order.filled = order.filled.plus(amount);
  order.cost = order.cost.plus(cost);
  order.updatedAt = venueNow(state);
  if (order.filled.eq(order.amount)) closeOrder(state, marketState, account, order, "filled");
  return recordFill(state, account, order, {
    id: side.tradeId,
    orderId: order.id,
    clientOrderId: order.clientOrderId,
    accountId: order.accountId,
    symbol: order.symbol,
    side: order.side,
    price,
    amount,
    fee: fee.amount,
    feeAsset: fee.asset,
    maker,
    at: order.updatedAt,
  });
}

function spendLocked(account: AccountState, order: OrderRecord, amount: Decimal): void {
  account.balances.spendLocked(order.lockedAsset, amount);
  order.locked = order.locked.minus(amount);
}

function recordFill(state: VenueState, account: AccountState, order: OrderRecord, fill: SimFill): SimFill {
  const delayMs = state.faults.fillDelayMs(order.accountId);
  const record: FillRecord = {
    fill,
    visibleAt: delayMs > 0 ? state.realNow() + delayMs : 0,
    copies: state.faults.fillCopies(order.accountId),
  };
  account.fills.push(record);
  const ofOrder = state.fillsByOrder.get(order.id);
  if (ofOrder === undefined) state.fillsByOrder.set(order.id, [record]);
  else ofOrder.push(record);
  const snapshot = snapshotOrder(order);
  state.emit({ kind: "order", order: snapshot });
  for (let copy = 0; copy < record.copies; copy += 1) state.emit({ kind: "fill", fill, order: snapshot }, delayMs);
  return fill;
}

/** Ends an order: its lock goes back to free and it leaves the book. Emits nothing: the caller says what happened. */
export function closeOrder(
  state: VenueState,
  market: MarketState,
  account: AccountState,
  order: OrderRecord,
  status: Exclude<SimOrderStatus, "open">,
): void {
  if (!order.locked.isZero()) account.balances.unlock(order.lockedAsset, order.locked);
  order.locked = order.locked.minus(order.locked);
  order.status = status;
  order.updatedAt = venueNow(state);
  account.open.delete(order.id);
  unrest(market, order);
}

/** Puts an order into the book behind everything of its price. */
export function rest(market: MarketState, order: OrderRecord): void {
  const queue = order.side === "buy" ? market.userBids : market.userAsks;
  let low = 0;
  let high = queue.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = queue[middle];
    if (other !== undefined && comesBefore(other, order)) low = middle + 1;
    else high = middle;
  }
  queue.splice(low, 0, order);
  market.bookChanged = true;
}

/** Takes an order out of the book, or out of those that wait. */
export function unrest(market: MarketState, order: OrderRecord): void {
  market.waiting.delete(order);
  const queue = order.side === "buy" ? market.userBids : market.userAsks;
  const index = queue.indexOf(order);
  if (index < 0) return;
  queue.splice(index, 1);
  market.bookChanged = true;
}

function comesBefore(a: OrderRecord, b: OrderRecord): boolean {
  if (a.price === null || b.price === null) throw new Error("an order without a price cannot rest");
  const order = a.price.cmp(b.price);
  if (order === 0) return a.priority < b.priority;
  return a.side === "buy" ? order > 0 : order < 0;
}

export function accountOf(state: VenueState, accountId: string): AccountState {
  const account = state.accounts.get(accountId);
  if (account === undefined) throw new Error(`no account ${accountId} at ${state.venue}`);
  return account;
}
