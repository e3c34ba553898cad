import { type Decimal, ZERO } from "#server/domain/decimal.ts";
import type { SimFill, SimMarket, SimOrder } from "#simulator/engine/types.ts";
import type { BybitContext } from "#simulator/protocols/bybit/context.ts";
import { idOfSymbol } from "#simulator/protocols/bybit/params.ts";

export function sideOf({ side }: { readonly side: "buy" | "sell" }): "Buy" | "Sell" {
  return side === "buy" ? "Buy" : "Sell";
}

/** Whether the order waits for its trigger, or did so until its end. Only the control API places such orders here. */
function neverTriggered({ trigger }: SimOrder): boolean {
  return trigger?.triggeredAt === null;
}

/** Spot has a word of its own for an order that ended with a part filled. */
function statusOf(order: SimOrder): string {
  if (neverTriggered(order)) return order.status === "open" ? "Untriggered" : "Deactivated";
  const untouched = order.filled.isZero();
  switch (order.status) {
    case "open":
      return untouched ? "New" : "PartiallyFilled";
    case "filled":
      return "Filled";
    case "canceled":
    case "expired":
      return untouched ? "Cancelled" : "PartiallyFilledCanceled";
  }
}

function rejectReasonOf(order: SimOrder): string {
  if (order.status === "canceled") return "EC_PerCancelRequest";
  if (order.status !== "expired") return "EC_NoError";
  if (order.postOnly) return "EC_PostOnlyWillTakeLiquidity";
  if (order.timeInForce === "FOK") return "EC_NoEnoughQtyToFill";
  return order.filled.isZero() ? "EC_NoImmediateQtyToFill" : "EC_CancelForNoFullFill";
}

function timeInForceOf(order: SimOrder): string {
  if (order.type === "market") return "IOC";
  return order.postOnly ? "PostOnly" : order.timeInForce;
}

function feesOf(fills: readonly SimFill[]): Readonly<Record<string, string>> {
  const fees = new Map<string, Decimal>();
  for (const { feeAsset, fee } of fills) fees.set(feeAsset, (fees.get(feeAsset) ?? ZERO).plus(fee));
  return Object.fromEntries([...fees].map(([asset, fee]) => [asset, fee.toFixed()]));
}

/** Each fill once, whatever the faults repeat. */
function fillsOf({ engine }: BybitContext, order: SimOrder): readonly SimFill[] {
  return [...new Map(engine.fills(order.accountId, { orderId: order.id }).map((fill) => [fill.id, fill])).values()];
}

/** An order as the open list, the history and the `order` topic show it. */
export function orderRow(context: BybitContext, order: SimOrder): Record<string, unknown> {
  const quoteAmount = context.notes.quoteAmount(order);
  const left = order.status === "open" ? order.amount.minus(order.filled) : ZERO;
  const fees = feesOf(fillsOf(context, order));
  const isMarket = order.type === "market";
  return {
    orderId: order.id,
    orderLinkId: order.clientOrderId ?? "",
    blockTradeId: "",
    symbol: idOfSymbol(order.symbol),
    price: (order.price ?? ZERO).toFixed(),
    qty: (quoteAmount ?? order.amount).toFixed(),
    side: sideOf(order),
    isLeverage: "0",
    positionIdx: 0,
    orderStatus: statusOf(order),
    createType: "CreateByUser",
    cancelType: order.status === "canceled" ? "CancelByUser" : "UNKNOWN",
    rejectReason: rejectReasonOf(order),
    avgPrice: order.filled.isZero() ? "" : order.cost.div(order.filled).toSignificantDigits(16).toFixed(),
    leavesQty: left.toFixed(),
    leavesValue: left.times(order.price ?? ZERO).toFixed(),
    cumExecQty: order.filled.toFixed(),
    cumExecValue: order.cost.toFixed(),
    cumExecFee: Object.values(fees)[0] ?? "0",
    cumFeeDetail: fees,
    timeInForce: timeInForceOf(order),
    orderType: isMarket ? "Market" : "Limit",
    stopOrderType: order.trigger === undefined ? "" : "tpslOrder",
    orderIv: "",
    marketUnit: isMarket ? (quoteAmount === undefined ? "baseCoin" : "quoteCoin") : "",
    slippageToleranceType: "UNKNOWN",
    slippageTolerance: "",
    triggerPrice: order.trigger?.price.toFixed() ?? "0",
    takeProfit: "",
    stopLoss: "",
    tpslMode: "",
    ocoTriggerBy: "",
    tpLimitPrice: "",
    slLimitPrice: "",
    tpTriggerBy: "",
    slTriggerBy: "",
    triggerDirection: 0,
    triggerBy: "",
    lastPriceOnCreated: "",
    basePrice: "",
    reduceOnly: false,
    closeOnTrigger: false,
    placeType: "",
    smpType: "None",
    smpGroup: 0,
    smpOrderId: "",
    extraFees: "",
    createdTime: String(order.createdAt),
    updatedTime: String(order.updatedAt),
  };
}

/** A fill as the list of executions and the `execution` topic show it. `order` is not known while look-ups forget it. */
export function executionRow(context: BybitContext, fill: SimFill, order: SimOrder | undefined): Record<string, unknown> {
  const market: SimMarket | undefined = context.engine.market(fill.symbol);
  const rate = fill.maker ? market?.makerFee : market?.takerFee;
  return {
    symbol: idOfSymbol(fill.symbol),
    orderId: fill.orderId,
    orderLinkId: fill.clientOrderId ?? "",
    side: sideOf(fill),
    orderPrice: (order?.price ?? ZERO).toFixed(),
    orderQty: order?.amount.toFixed() ?? "",
    leavesQty: order === undefined ? "" : leftAfter(context, order, fill).toFixed(),
    createType: "CreateByUser",
    orderType: order?.type === "market" ? "Market" : "Limit",
    stopOrderType: "",
    execFee: fill.fee.toFixed(),
    execFeeV2: "",
    feeCurrency: fill.feeAsset,
    execId: fill.id,
    execPrice: fill.price.toFixed(),
    execQty: fill.amount.toFixed(),
    execType: "Trade",
    execValue: fill.price.times(fill.amount).toFixed(),
    execTime: String(fill.at),
    isMaker: fill.maker,
    feeRate: rate?.toFixed() ?? "",
    isLeverage: "0",
    marketUnit: order?.type === "market" ? "baseCoin" : "",
    tradeIv: "",
    markIv: "",
    markPrice: "",
    indexPrice: "",
    underlyingPrice: "",
    blockTradeId: "",
    closedSize: "",
    extraFees: "",
    seq: Number(fill.id),
  };
}

function leftAfter(context: BybitContext, order: SimOrder, fill: SimFill): Decimal {
  const fills = fillsOf(context, order);
  const upTo = fills.findIndex(({ id }) => id === fill.id);
  if (upTo < 0) return order.amount.minus(order.filled);
  const filled = fills.slice(0, upTo + 1).reduce((sum, { amount }) => sum.plus(amount), ZERO);
  return order.amount.minus(filled);
}
