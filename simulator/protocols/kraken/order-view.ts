import { Decimal, ZERO } from "#server/domain/decimal.ts";
import type { SimFill, SimOrder, SimTrigger } from "#simulator/engine/types.ts";
import type { KrakenPair } from "#simulator/protocols/kraken/names.ts";
import type { OrderNote } from "#simulator/protocols/kraken/order-notes.ts";
import { isWaiting, orderTypeName } from "#simulator/protocols/kraken/order-type.ts";
import { publicTradeNumber } from "#simulator/protocols/kraken/trade-numbers.ts";
import { roundedText, wireSeconds, wireText } from "#simulator/protocols/kraken/wire-number.ts";

/** REST's words for a status. What did not fill at once of a market, IOC or FOK order is canceled at kraken. */
export function restStatus(order: SimOrder): "open" | "closed" | "canceled" {
  if (order.status === "open") return "open";
  return order.status === "filled" ? "closed" : "canceled";
}

export function cancelReason(order: SimOrder): string {
  return order.status === "expired" ? "Immediate or cancel" : "User requested";
}

export interface OrderText {
  readonly side: string;
  readonly volume: Decimal;
  readonly price: Decimal | null;
  readonly trigger: SimTrigger | null;
}

/** "buy 1.25000000 XBTUSD @ limit 27500.0", "sell 1.25000000 XBTUSD @ stop loss 27500.0 -> limit 27400.0" */
export function describe(pair: KrakenPair, { side, volume, price, trigger }: OrderText): string {
  const at = (value: Decimal) => wireText(value, pair.priceDecimals);
  const wait = trigger === null ? null : `${trigger.kind.replace("-", " ")} ${at(trigger.price)}`;
  const work = price === null ? null : `limit ${at(price)}`;
  const type = wait !== null && work !== null ? `${wait} -> ${work}` : (wait ?? work ?? "market");
  return `${side} ${wireText(volume, 8)} ${pair.altname} @ ${type}`;
}

/** REST reports fees in the quote currency whatever asset paid them. */
export function quoteFee(pair: KrakenPair, fill: SimFill): Decimal {
  return fill.feeAsset === pair.quote.code ? fill.fee : fill.fee.mul(fill.price);
}

/** An order as QueryOrders, OpenOrders and ClosedOrders show it. */
export function orderView(
  order: SimOrder,
  pair: KrakenPair,
  note: OrderNote,
  fills: readonly SimFill[],
  trades: boolean,
): unknown {
  const priceDecimals = Math.max(5, pair.priceDecimals);
  const zero = ZERO.toFixed(priceDecimals);
  const fee = fills.reduce((sum, fill) => sum.add(quoteFee(pair, fill)), ZERO);
  const volume = note.cost === null ? order.amount : new Decimal(note.cost);
  const { trigger = null } = order;
  const priceText = (value: Decimal | null) => (value === null ? "0" : wireText(value, pair.priceDecimals));
  const closed = order.status === "open" ? {} : { closetm: wireSeconds(order.updatedAt), reason: closedReason(order) };
  return {
    refid: null,
    userref: note.userref,
    ...(order.clientOrderId === null ? {} : { cl_ord_id: order.clientOrderId }),
    status: restStatus(order),
    opentm: wireSeconds(order.createdAt),
    starttm: 0,
    expiretm: 0,
    descr: {
      pair: pair.altname,
      type: order.side,
      ordertype: orderTypeName(order),
      price: priceText(trigger?.price ?? order.price),
      price2: priceText(trigger === null ? null : order.price),
      leverage: "none",
      order: describe(pair, { side: order.side, volume, price: order.price, trigger }),
      close: "",
    },
    vol: wireText(order.amount, 8),
    vol_exec: wireText(order.filled, 8),
    cost: wireText(order.cost, priceDecimals),
    fee: wireText(fee, priceDecimals),
    price: order.filled.isZero() ? zero : roundedText(order.cost.div(order.filled), priceDecimals),
    stopprice: trigger === null ? zero : wireText(trigger.price, priceDecimals),
    limitprice: trigger === null || order.price === null || isWaiting(order) ? zero : wireText(order.price, priceDecimals),
    ...(trigger === null ? {} : { trigger: "last" }),
    misc: trigger === null || isWaiting(order) ? "" : trigger.kind === "stop-loss" ? "stopped" : "touched",
    oflags: note.flags.join(","),
    ...closed,
    ...(trades ? { trades: fills.map((fill) => fill.id) } : {}),
  };
}

function closedReason(order: SimOrder): string | null {
  return order.status === "filled" ? null : cancelReason(order);
}

/** A fill as TradesHistory and QueryTrades show it. */
export function tradeView(fill: SimFill, pair: KrakenPair, orderType: string): unknown {
  const priceDecimals = Math.max(5, pair.priceDecimals);
  return {
    ordertxid: fill.orderId,
    postxid: "TKH2SE-M7IF5-CFI7LT",
    pair: pair.id,
    aclass: "forex",
    time: wireSeconds(fill.at),
    type: fill.side,
    ordertype: orderType,
    price: wireText(fill.price, priceDecimals),
    cost: wireText(fill.price.mul(fill.amount), priceDecimals),
    fee: wireText(quoteFee(pair, fill), priceDecimals),
    vol: wireText(fill.amount, 8),
    margin: ZERO.toFixed(5),
    leverage: "0",
    misc: "",
    trade_id: publicTradeNumber(fill.id),
    maker: fill.maker,
  };
}
