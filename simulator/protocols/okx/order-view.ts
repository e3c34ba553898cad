import { type Decimal, ZERO } from "#server/domain/decimal.ts";
import type { SimFill, SimOrder } from "#simulator/engine/types.ts";
import type { OkxInstrument } from "#simulator/protocols/okx/instruments.ts";
import type { OrderNote } from "#simulator/protocols/okx/order-notes.ts";

const AVERAGE_PLACES = 12;

export function orderState(order: SimOrder): "live" | "partially_filled" | "filled" | "canceled" {
  if (order.status === "filled") return "filled";
  if (order.status !== "open") return "canceled";
  return order.filled.isZero() ? "live" : "partially_filled";
}

export function orderType(order: SimOrder): string {
  if (order.type === "market") return "market";
  if (order.postOnly) return "post_only";
  return order.timeInForce === "GTC" ? "limit" : order.timeInForce.toLowerCase();
}

/** OKX's number for why an order was canceled, and its words. */
export function cancelReason(order: SimOrder, note: OrderNote): { readonly source: string; readonly words: string } {
  if (order.status === "canceled") {
    return note.cancelSource === "20"
      ? { source: "20", words: "Cancel all after triggered." }
      : { source: "1", words: "Order canceled by user" };
  }
  if (order.status !== "expired") return { source: "", words: "" };
  if (order.postOnly) return { source: "31", words: "The post-only order will take liquidity in taker orders" };
  if (order.timeInForce === "FOK") return { source: "13", words: "FOK order was canceled due to incompletely filled." };
  if (order.timeInForce === "IOC" || order.type === "market")
    return { source: "14", words: "IOC order was partially canceled due to incompletely filled." };
  return { source: "32", words: "Self trade prevention" };
}

/** Charged fees are negative at OKX. */
export function wireFee(fee: Decimal): string {
  return fee.isZero() ? "0" : fee.neg().toFixed();
}

/** The engine repeats a fill while the duplicate-fills fault is on; an order counts it once. */
function unique(fills: readonly SimFill[]): readonly SimFill[] {
  return [...new Map(fills.map((fill) => [fill.id, fill])).values()];
}

/** An order as `trade/order`, the lists and the `orders` channel show it. `fills` are the order's own, oldest first. */
export function orderRow(
  order: SimOrder,
  { instId, market }: OkxInstrument,
  note: OrderNote,
  fills: readonly SimFill[],
): Readonly<Record<string, unknown>> {
  const own = unique(fills);
  const last = own.at(-1);
  const buys = order.side === "buy";
  const reason = cancelReason(order, note);
  const average = order.filled.isZero() ? "" : order.cost.div(order.filled).toDecimalPlaces(AVERAGE_PLACES).toFixed();
  return {
    accFillSz: order.filled.toFixed(),
    algoClOrdId: "",
    algoId: "",
    attachAlgoClOrdId: "",
    attachAlgoOrds: [],
    avgPx: average,
    cTime: String(order.createdAt),
    cancelSource: reason.source,
    cancelSourceReason: reason.words,
    category: "normal",
    ccy: "",
    clOrdId: order.clientOrderId ?? "",
    fee: wireFee(own.reduce((sum, fill) => sum.add(fill.fee), ZERO)),
    feeCcy: last?.feeAsset ?? (buys ? market.base : market.quote),
    fillPx: last?.price.toFixed() ?? "",
    fillSz: last?.amount.toFixed() ?? "0",
    fillTime: last === undefined ? "" : String(last.at),
    instId,
    instType: "SPOT",
    isTpLimit: "false",
    lever: "",
    linkedAlgoOrd: { algoId: "" },
    ordId: order.id,
    ordType: orderType(order),
    pnl: "0",
    posSide: "net",
    px: order.price?.toFixed() ?? "",
    pxType: "",
    pxUsd: "",
    pxVol: "",
    quickMgnType: "",
    rebate: "0",
    rebateCcy: buys ? market.quote : market.base,
    reduceOnly: "false",
    side: order.side,
    slOrdPx: "",
    slTriggerPx: "",
    slTriggerPxType: "",
    source: "",
    state: orderState(order),
    stpId: "",
    stpMode: "cancel_taker",
    sz: note.quoteSize ?? order.amount.toFixed(),
    tag: note.tag,
    tdMode: "cash",
    tgtCcy: note.tgtCcy,
    tpOrdPx: "",
    tpTriggerPx: "",
    tpTriggerPxType: "",
    tradeId: last?.id ?? "",
    tradeQuoteCcy: market.quote,
    uTime: String(order.updatedAt),
  };
}

/** A fill as `trade/fills` and its history show it. */
export function fillRow(fill: SimFill, { instId, market }: OkxInstrument, note: OrderNote, billId: bigint): unknown {
  const rate = fill.maker ? market.makerFee : market.takerFee;
  return {
    billId: String(billId),
    clOrdId: fill.clientOrderId ?? "",
    execType: fill.maker ? "M" : "T",
    fee: wireFee(fill.fee),
    feeCcy: fill.feeAsset,
    feeRate: wireFee(rate),
    fillFwdPx: "",
    fillIdxPx: "",
    fillMarkPx: "",
    fillMarkVol: "",
    fillPnl: "0",
    fillPx: fill.price.toFixed(),
    fillPxUsd: "",
    fillPxVol: "",
    fillSz: fill.amount.toFixed(),
    fillTime: String(fill.at),
    instId,
    instType: "SPOT",
    ordId: fill.orderId,
    posSide: "net",
    side: fill.side,
    subType: fill.side === "buy" ? "1" : "2",
    tag: note.tag,
    tradeId: fill.id,
    tradeQuoteCcy: market.quote,
    ts: String(fill.at),
  };
}
