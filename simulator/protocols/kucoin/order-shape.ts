import { type Decimal, ZERO } from "#server/domain/decimal.ts";
import type { SimFill, SimOrder } from "#simulator/engine/types.ts";
import { type KucoinContext, marketId } from "#simulator/protocols/kucoin/context.ts";

/** An order as the high-frequency endpoints tell it. */
export function orderRow(context: KucoinContext, order: SimOrder): Record<string, unknown> {
  const { remain, canceled } = rests(order);
  const price = order.price ?? ZERO;
  return {
    ...sharedFields(context, order),
    cancelExist: isCanceled(order),
    createdAt: order.createdAt,
    lastUpdatedAt: order.updatedAt,
    inOrderBook: order.status === "open",
    active: order.status === "open",
    cancelledSize: canceled.toFixed(),
    cancelledFunds: canceled.times(price).toFixed(),
    remainSize: remain.toFixed(),
    remainFunds: remain.times(price).toFixed(),
    tax: "0",
  };
}

/** The same as the classic endpoints tell it. */
export function classicOrderRow(context: KucoinContext, order: SimOrder): Record<string, unknown> {
  return {
    ...sharedFields(context, order),
    stop: "",
    stopTriggered: false,
    stopPrice: "0",
    isActive: order.status === "open",
    cancelExist: isCanceled(order),
    createdAt: order.createdAt,
  };
}

function sharedFields({ engine, notes }: KucoinContext, order: SimOrder): Record<string, unknown> {
  const { funds, remark } = notes.of(order);
  const price = order.price ?? ZERO;
  // A fault may tell of a fill twice; its fee was taken once.
  const fills = new Map(engine.fills(order.accountId, { orderId: order.id }).map((fill) => [fill.id, fill]));
  const fee = [...fills.values()].reduce<Decimal>((sum, fill) => sum.plus(fill.fee), ZERO);
  const [first] = fills.values();
  return {
    id: order.id,
    symbol: marketId(order),
    opType: "DEAL",
    type: order.type,
    side: order.side,
    price: price.toFixed(),
    size: funds === undefined ? order.amount.toFixed() : "0",
    funds: (funds ?? price.times(order.amount)).toFixed(),
    dealSize: order.filled.toFixed(),
    dealFunds: order.cost.toFixed(),
    fee: fee.toFixed(),
    feeCurrency: first?.feeAsset ?? order.symbol.split("/")[1] ?? "",
    stp: null,
    timeInForce: order.timeInForce,
    postOnly: order.postOnly,
    hidden: false,
    iceberg: false,
    visibleSize: "0",
    cancelAfter: 0,
    channel: "API",
    clientOid: order.clientOrderId ?? "",
    remark,
    tags: null,
    tradeType: "TRADE",
  };
}

/** The venue has one word for every order that ended with something left. */
export function isCanceled({ status }: SimOrder): boolean {
  return status === "canceled" || status === "expired";
}

export function rests(order: SimOrder): { readonly remain: Decimal; readonly canceled: Decimal } {
  const left = order.amount.minus(order.filled);
  if (order.status === "open") return { remain: left, canceled: ZERO };
  return { remain: ZERO, canceled: isCanceled(order) ? left : ZERO };
}

/** The answer to a placement that waits for the matching. */
export function syncRow(order: SimOrder): Record<string, unknown> {
  const { remain, canceled } = rests(order);
  return {
    orderId: order.id,
    clientOid: order.clientOrderId ?? "",
    orderTime: order.createdAt,
    originSize: order.amount.toFixed(),
    dealSize: order.filled.toFixed(),
    remainSize: remain.toFixed(),
    canceledSize: canceled.toFixed(),
    status: order.status === "open" ? "open" : "done",
    matchTime: order.updatedAt,
  };
}

/** A fill as the high-frequency endpoint tells it: ids are numbers there. */
export function fillRow(context: KucoinContext, fill: SimFill): Record<string, unknown> {
  return { id: Number(fill.id), ...classicFillRow(context, fill), tradeId: Number(fill.id), taxRate: "0", tax: "0" };
}

export function classicFillRow({ engine }: KucoinContext, fill: SimFill): Record<string, unknown> {
  const market = engine.market(fill.symbol);
  const rate = fill.maker ? market?.makerFee : market?.takerFee;
  return {
    symbol: marketId(fill),
    tradeId: fill.id,
    orderId: fill.orderId,
    counterOrderId: "000000000000000000000000",
    side: fill.side,
    liquidity: fill.maker ? "maker" : "taker",
    forceTaker: false,
    price: fill.price.toFixed(),
    size: fill.amount.toFixed(),
    funds: fill.price.times(fill.amount).toFixed(),
    fee: fill.fee.toFixed(),
    feeRate: (rate ?? ZERO).toFixed(),
    feeCurrency: fill.feeAsset,
    stop: "",
    tradeType: "TRADE",
    type: engine.order(fill.accountId, fill.orderId)?.type ?? "limit",
    createdAt: fill.at,
  };
}
