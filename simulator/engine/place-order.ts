import { type Decimal, ZERO } from "#server/domain/decimal.ts";
import { feeLockRate, feeModeOf, feeOf } from "#simulator/engine/fees.ts";
import { type MatchPlan, planMatch } from "#simulator/engine/plan-match.ts";
import { refusalOf } from "#simulator/engine/rules.ts";
import { accountOf, closeOrder, rest, settleMatch } from "#simulator/engine/settle.ts";
import {
  type AccountState,
  type MarketState,
  type OrderRecord,
  snapshotOrder,
  type VenueState,
  venueNow,
} from "#simulator/engine/state.ts";
import { isWaiting } from "#simulator/engine/trigger-watch.ts";
import type { SimFeeMode, SimFill, SimOrder, SimOrderRequest, SimRejectReason, SimResult } from "#simulator/engine/types.ts";

export interface Placed {
  readonly order: SimOrder;
  readonly fills: readonly SimFill[];
}

/** Places an order: refused with nothing changed, or accepted with everything booked. */
export function placeOrder(state: VenueState, accountId: string, request: SimOrderRequest): SimResult<Placed> {
  const account = state.accounts.get(accountId);
  if (account === undefined || !account.account.permissions.trade) return refuse("not-permitted");
  const market = state.markets.get(request.symbol);
  if (market === undefined) return refuse("unknown-symbol");
  const earlier = request.clientOrderId === undefined ? undefined : account.byClientId.get(request.clientOrderId);
  if (earlier !== undefined && state.profile.duplicateClientId !== "accept") {
    if (state.profile.duplicateClientId === "return-earlier") return { ok: true, value: placedEarlier(state, earlier) };
    const isHeld = earlier.status === "open" || state.profile.duplicateClientId === "refuse-known";
    if (isHeld) return refuse("duplicate-client-id");
  }
  if (!market.open) return refuse("not-permitted");
  const refusal = refusalOf(market, request);
  if (refusal !== null) return refuse(refusal);
  const waits = request.trigger !== undefined;
  const wanted = waits ? TAKES_NOTHING : planMatch(market, demandOf(state, market, account, request));
  const crosses = request.postOnly && (wanted.matches.length > 0 || wanted.stoppedBySelf);
  if (crosses && state.profile.crossingPostOnly !== "expire") return refuse("would-take");
  const plan = crosses ? TAKES_NOTHING : wanted;
  if (request.cost !== undefined && plan.amount.isZero() && !plan.stoppedBySelf) return refuse("amount-min");
  const lock = lockFor(state, market, account, request, plan);
  if (account.balances.free(lock.asset).lt(lock.amount)) return refuse("insufficient-funds");
  return { ok: true, value: accept(state, market, account, request, plan, lock) };
}

/** A taker that stops before its first match: it neither fills nor rests. One that waits takes nothing yet. */
const TAKES_NOTHING: MatchPlan = { matches: [], amount: ZERO, stoppedBySelf: true };

function refuse<T>(reason: SimRejectReason): SimResult<T> {
  return { ok: false, reason };
}

function placedEarlier(state: VenueState, order: OrderRecord): Placed {
  return { order: snapshotOrder(order), fills: (state.fillsByOrder.get(order.id) ?? []).map((record) => record.fill) };
}

function demandOf(state: VenueState, market: MarketState, account: AccountState, request: SimOrderRequest) {
  const withFee = state.profile.costIncludesFee ? feeLockRate(market, feeModeOf(account, request)) : ZERO;
  return {
    accountId: account.account.id,
    side: request.side,
    limit: request.price ?? null,
    amount: request.amount ?? null,
    cost: request.cost?.div(withFee.plus(1)) ?? null,
  };
}

interface Lock {
  readonly asset: string;
  readonly amount: Decimal;
}

/** A sell locks what it sells; a limit buy its whole cost; a market buy exactly what its plan will take, or while it waits, the trigger's price. */
function lockFor(state: VenueState, market: MarketState, account: AccountState, request: SimOrderRequest, plan: MatchPlan): Lock {
  const { base, quote } = market.market;
  const mode = feeModeOf(account, request);
  if (request.side === "sell") return { asset: base, amount: request.amount ?? ZERO };
  const price = request.price ?? request.trigger?.price;
  if (price !== undefined && request.amount !== undefined) {
    return { asset: quote, amount: buyLock(market, mode, price, request.amount) };
  }
  return { asset: quote, amount: plannedCost(state, market, account, mode, plan) };
}

/** What a market buy spends by its plan, with the fee that the quote asset pays. */
export function plannedCost(
  state: VenueState,
  market: MarketState,
  account: AccountState,
  mode: SimFeeMode,
  plan: MatchPlan,
): Decimal {
  return plan.matches.reduce((sum, match) => {
    const fee = feeOf(state, market, account, { side: "buy", price: match.price, amount: match.amount, maker: false, mode });
    const onTop = mode === "quote" && fee.amount.gt(0) ? fee.amount : ZERO;
    return sum.plus(match.price.times(match.amount)).plus(onTop);
  }, ZERO);
}

/** What a limit buy of this price and amount must hold: its cost and, where the quote asset pays it, the highest fee. */
export function buyLock(market: MarketState, mode: SimFeeMode, price: Decimal, amount: Decimal): Decimal {
  return price.times(amount).times(feeLockRate(market, mode).plus(1));
}

function accept(
  state: VenueState,
  market: MarketState,
  account: AccountState,
  request: SimOrderRequest,
  plan: MatchPlan,
  lock: Lock,
): Placed {
  const order = createRecord(state, account, request, plan, lock);
  state.emit({ kind: "order", order: snapshotOrder(order) });
  const fills = isWaiting(order) ? wait(market, order) : takeAndRest(state, market, order, plan);
  emitBalances(state, account);
  return { order: snapshotOrder(order), fills: fills.filter((fill) => isVisible(state, fill)) };
}

/** Puts an order among those that wait. If the market is there already, it goes to work when this change is whole. */
function wait(market: MarketState, order: OrderRecord): SimFill[] {
  market.waiting.add(order);
  return [];
}

function createRecord(
  state: VenueState,
  account: AccountState,
  request: SimOrderRequest,
  plan: MatchPlan,
  lock: Lock,
): OrderRecord {
  const at = venueNow(state);
  const forgetMs = state.faults.forgetOrderMs(account.account.id);
  const order: OrderRecord = {
    id: state.ids.order(),
    accountId: account.account.id,
    clientOrderId: request.clientOrderId ?? null,
    symbol: request.symbol,
    side: request.side,
    type: request.type,
    timeInForce: request.timeInForce,
    postOnly: request.postOnly,
    createdAt: at,
    priority: ++state.priority,
    price: request.price ?? null,
    // A cost-based order learns its amount from what the cost bought.
    amount: request.amount ?? plan.amount,
    filled: ZERO,
    cost: ZERO,
    status: "open",
    updatedAt: at,
    locked: lock.amount,
    lockedAsset: lock.asset,
    feeMode: feeModeOf(account, request),
    hiddenUntil: forgetMs > 0 ? state.realNow() + forgetMs : 0,
    trigger: request.trigger === undefined ? null : { ...request.trigger, triggeredAt: null },
  };
  account.balances.lock(lock.asset, lock.amount);
  account.orders.push(order);
  account.open.set(order.id, order);
  if (order.clientOrderId !== null) account.byClientId.set(order.clientOrderId, order);
  state.orders.set(order.id, order);
  return order;
}

/** Books the plan, then lets the remainder rest or expire. Also used after a replace. */
export function takeAndRest(state: VenueState, market: MarketState, order: OrderRecord, plan: MatchPlan): SimFill[] {
  const account = accountOf(state, order.accountId);
  const left = order.amount.minus(order.filled);
  const fills: SimFill[] = [];
  const killed = order.timeInForce === "FOK" && plan.amount.lt(left);
  if (!killed) {
    for (const match of plan.matches) {
      fills.push(settleMatch(state, market, order, match));
      if (match.maker !== null) emitBalances(state, accountOf(state, match.maker.accountId));
    }
  }
  if (order.status !== "open") return fills;
  const rests = order.type === "limit" && order.timeInForce === "GTC" && !plan.stoppedBySelf;
  if (rests) rest(market, order);
  else {
    closeOrder(state, market, account, order, "expired");
    state.emit({ kind: "order", order: snapshotOrder(order) });
  }
  return fills;
}

function isVisible(state: VenueState, fill: SimFill): boolean {
  const record = state.fillsByOrder.get(fill.orderId)?.find((candidate) => candidate.fill === fill);
  return record === undefined || record.visibleAt <= state.realNow();
}

export function emitBalances(state: VenueState, account: AccountState): void {
  const balances = account.balances.takeChanged();
  if (balances.length > 0) state.emit({ kind: "balance", accountId: account.account.id, balances });
}
