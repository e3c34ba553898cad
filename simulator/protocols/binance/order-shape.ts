import { type Decimal, ZERO } from "#server/domain/decimal.ts";
import type { SimFill, SimOrder } from "#simulator/engine/types.ts";
import { fixed, idOfSymbol } from "#simulator/protocols/binance/context.ts";

export const SELF_TRADE_PREVENTION = "EXPIRE_TAKER";

/** The venue's status word. What is left of an immediate order ends as EXPIRED here, whatever ended it. */
export function statusOf(order: SimOrder): string {
  switch (order.status) {
    case "open":
      return order.filled.isZero() ? "NEW" : "PARTIALLY_FILLED";
    case "filled":
      return "FILLED";
    case "canceled":
      return isImmediate(order) ? "EXPIRED" : "CANCELED";
    case "expired":
      return "EXPIRED";
  }
}

export function isWaiting(order: SimOrder): boolean {
  return order.trigger?.triggeredAt === null;
}

/** When it came onto the book; -1 as long as it waits. */
function workingTime(order: SimOrder): number {
  return order.trigger === undefined ? order.createdAt : (order.trigger.triggeredAt ?? -1);
}

export function typeOf(order: SimOrder): string {
  if (order.trigger !== undefined) {
    const kind = order.trigger.kind === "stop-loss" ? "STOP_LOSS" : "TAKE_PROFIT";
    return order.type === "market" ? kind : `${kind}_LIMIT`;
  }
  if (order.type === "market") return "MARKET";
  return order.postOnly ? "LIMIT_MAKER" : "LIMIT";
}

/** The venue's own clock at the order's last change is its transaction time. */
export function orderRow(order: SimOrder, quoteAmount: Decimal | undefined): Record<string, unknown> {
  return {
    ...commonFields(order, quoteAmount),
    clientOrderId: order.clientOrderId ?? "",
    stopPrice: fixed(order.trigger?.price ?? ZERO),
    icebergQty: fixed(ZERO),
    time: order.createdAt,
    updateTime: order.updatedAt,
    isWorking: !isWaiting(order),
    workingTime: workingTime(order),
  };
}

export type ResponseType = "ACK" | "RESULT" | "FULL";

export function placedRow(
  order: SimOrder,
  fills: readonly SimFill[],
  response: ResponseType,
  quoteAmount: Decimal | undefined,
): Record<string, unknown> {
  const ack = {
    symbol: idOfSymbol(order.symbol),
    orderId: Number(order.id),
    orderListId: -1,
    clientOrderId: order.clientOrderId ?? "",
    transactTime: order.updatedAt,
  };
  if (response === "ACK") return ack;
  const result = { ...ack, ...commonFields(order, quoteAmount), ...stopPrice(order), workingTime: workingTime(order) };
  if (response === "RESULT") return result;
  return {
    ...result,
    fills: fills.map((fill) => ({
      price: fixed(fill.price),
      qty: fixed(fill.amount),
      commission: fixed(fill.fee),
      commissionAsset: fill.feeAsset,
      tradeId: Number(fill.id),
    })),
  };
}

/** `clientOrderId` names the cancel itself here; the order's own id moves to `origClientOrderId`. */
export function canceledRow(order: SimOrder, cancelId: string, quoteAmount: Decimal | undefined): Record<string, unknown> {
  return {
    ...commonFields(order, quoteAmount),
    ...stopPrice(order),
    origClientOrderId: order.clientOrderId ?? "",
    clientOrderId: cancelId,
    transactTime: order.updatedAt,
  };
}

export function tradeRow(fill: SimFill): Record<string, unknown> {
  return {
    symbol: idOfSymbol(fill.symbol),
    id: Number(fill.id),
    orderId: Number(fill.orderId),
    orderListId: -1,
    price: fixed(fill.price),
    qty: fixed(fill.amount),
    quoteQty: fixed(fill.price.times(fill.amount)),
    commission: fixed(fill.fee),
    commissionAsset: fill.feeAsset,
    time: fill.at,
    isBuyer: fill.side === "buy",
    isMaker: fill.maker,
    isBestMatch: true,
  };
}

function commonFields(order: SimOrder, quoteAmount: Decimal | undefined): Record<string, unknown> {
  return {
    symbol: idOfSymbol(order.symbol),
    orderId: Number(order.id),
    orderListId: -1,
    price: fixed(order.price ?? ZERO),
    origQty: fixed(order.amount),
    executedQty: fixed(order.filled),
    origQuoteOrderQty: fixed(quoteAmount ?? ZERO),
    cummulativeQuoteQty: fixed(order.cost),
    status: statusOf(order),
    timeInForce: order.timeInForce,
    type: typeOf(order),
    side: order.side.toUpperCase(),
    selfTradePreventionMode: SELF_TRADE_PREVENTION,
  };
}

/** The answers to a placement and a cancel carry it only where there is one. */
function stopPrice({ trigger }: SimOrder): { stopPrice?: string } {
  return trigger === undefined ? {} : { stopPrice: fixed(trigger.price) };
}

function isImmediate(order: SimOrder): boolean {
  if (isWaiting(order)) return false;
  return order.type === "market" || order.timeInForce !== "GTC";
}
