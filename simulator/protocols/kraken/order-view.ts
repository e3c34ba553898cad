import { Decimal, ZERO } from "#server/domain/decimal.ts";
import type { SimFill, SimOrder } from "#simulator/engine/types.ts";
import type { KrakenPair } from "#simulator/protocols/kraken/names.ts";
import type { OrderNote } from "#simulator/protocols/kraken/order-notes.ts";
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
}

/** "buy 1.25000000 XBTUSD @ limit 27500.0" */
export function describe(pair: KrakenPair, { side, volume, price }: OrderText): string {
  const type = price === null ? "market" : `limit ${wireText(price, pair.priceDecimals)}`;
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
      ordertype: order.type,
      price: order.price === null ? "0" : wireText(order.price, pair.priceDecimals),
      price2: "0",
      leverage: "none",
      order: describe(pair, { side: order.side, volume, price: order.price }),
      close: "",
    },
    vol: wireText(order.amount, 8),
    vol_exec: wireText(order.filled, 8),
    cost: wireText(order.cost, priceDecimals),
    fee: wireText(fee, priceDecimals),
    price: order.filled.isZero() ? zero : roundedText(order.cost.div(order.filled), priceDecimals),
    stopprice: zero,
    limitprice: zero,
    misc: "",
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
