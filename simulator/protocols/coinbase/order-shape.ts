import { ZERO } from "#server/domain/decimal.ts";
import type { SimAccount, SimFill, SimOrder, SimSide, SimTrigger } from "#simulator/engine/types.ts";
import { type CoinbaseContext, iso, productIdOf, stableUuid } from "#simulator/protocols/coinbase/context.ts";
import type { OrderNotes } from "#simulator/protocols/coinbase/order-notes.ts";

/** The venue's status word. What is left of an immediate order ends as CANCELLED; EXPIRED is for good-til-date orders. */
export function statusOf(order: SimOrder, notes: OrderNotes): "OPEN" | "FILLED" | "CANCELLED" | "EXPIRED" {
  if (order.status === "open") return "OPEN";
  if (order.status === "filled") return "FILLED";
  return notes.isExpired(order.id) ? "EXPIRED" : "CANCELLED";
}

export function timeInForceOf(order: SimOrder, notes: OrderNotes): string {
  if (notes.ofOrder(order)?.endsAt !== undefined) return "GOOD_UNTIL_DATE_TIME";
  const words = { GTC: "GOOD_UNTIL_CANCELLED", IOC: "IMMEDIATE_OR_CANCEL", FOK: "FILL_OR_KILL" } as const;
  return words[order.timeInForce];
}

export interface OrderSums {
  readonly fees: string;
  readonly averagePrice: string;
  readonly valueAfterFees: string;
  readonly completion: string;
  readonly hold: string;
  readonly count: string;
}

/** Fees are in the quote asset; a buy's value after fees has them on top, a sell's has them taken off. */
export function sumsOf(order: SimOrder, fills: readonly SimFill[]): OrderSums {
  const fees = fills.reduce((sum, fill) => sum.plus(fill.fee), ZERO);
  const left = order.amount.minus(order.filled);
  const holds = order.status === "open";
  return {
    fees: fees.toFixed(),
    averagePrice: order.filled.isZero() ? "0" : order.cost.div(order.filled).toDecimalPlaces(16).toFixed(),
    valueAfterFees: (order.side === "buy" ? order.cost.plus(fees) : order.cost.minus(fees)).toFixed(),
    completion: order.amount.isZero() ? "0" : order.filled.div(order.amount).times(100).toDecimalPlaces(2).toFixed(),
    hold: holds ? (order.side === "buy" ? left.times(order.price ?? ZERO) : left).toFixed() : "0",
    count: String(fills.length),
  };
}

/** An order as `orders/historical` shows it. */
export function orderRow({ notes }: CoinbaseContext, account: SimAccount, order: SimOrder, fills: readonly SimFill[]): unknown {
  const note = notes.ofOrder(order);
  const sums = sumsOf(order, fills);
  const canceled = order.status === "canceled" || order.status === "expired";
  return {
    order_id: order.id,
    product_id: productIdOf(order.symbol),
    user_id: stableUuid("user", account.id),
    order_configuration: configurationOf(order, notes),
    side: order.side.toUpperCase(),
    client_order_id: order.clientOrderId ?? "",
    status: statusOf(order, notes),
    time_in_force: timeInForceOf(order, notes),
    created_time: iso(order.createdAt),
    completion_percentage: sums.completion,
    filled_size: order.filled.toFixed(),
    average_filled_price: sums.averagePrice,
    fee: "",
    number_of_fills: sums.count,
    filled_value: order.cost.toFixed(),
    pending_cancel: false,
    size_in_quote: note?.sizeInQuote ?? false,
    total_fees: sums.fees,
    size_inclusive_of_fees: order.type === "market" && (note?.sizeInQuote ?? false),
    total_value_after_fees: sums.valueAfterFees,
    trigger_status: triggerStatusOf(order),
    order_type: orderTypeOf(order),
    reject_reason: "REJECT_REASON_UNSPECIFIED",
    settled: order.status === "filled",
    product_type: "SPOT",
    reject_message: "",
    cancel_message: canceled ? "User requested cancel" : "",
    order_placement_source: "RETAIL_ADVANCED",
    outstanding_hold_amount: sums.hold,
    is_liquidation: false,
    last_fill_time: fills.length === 0 ? null : iso(fills[fills.length - 1]?.at ?? order.updatedAt),
    edit_history: [],
    leverage: "",
    margin_type: "UNKNOWN_MARGIN_TYPE",
    retail_portfolio_id: portfolioOf(account),
    originating_order_id: "",
    attached_order_id: "",
    attached_order_configuration: null,
  };
}

export function orderTypeOf(order: SimOrder): "STOP_LIMIT" | "LIMIT" | "MARKET" {
  if (order.trigger !== undefined) return "STOP_LIMIT";
  return order.type === "limit" ? "LIMIT" : "MARKET";
}

export function triggerStatusOf({ trigger }: SimOrder): "INVALID_ORDER_TYPE" | "STOP_PENDING" | "STOP_TRIGGERED" {
  if (trigger === undefined) return "INVALID_ORDER_TYPE";
  return trigger.triggeredAt === null ? "STOP_PENDING" : "STOP_TRIGGERED";
}

/** The way the price has to move for this order's trigger. */
export function stopDirectionOf(side: SimSide, trigger: SimTrigger): "STOP_DIRECTION_STOP_UP" | "STOP_DIRECTION_STOP_DOWN" {
  const up = (side === "buy") === (trigger.kind === "stop-loss");
  return up ? "STOP_DIRECTION_STOP_UP" : "STOP_DIRECTION_STOP_DOWN";
}

/** As the client sent it, with the prices and size of the last edit. */
export function configurationOf(order: SimOrder, notes: OrderNotes): unknown {
  const [name, fields] = Object.entries(notes.ofOrder(order)?.configuration ?? {})[0] ?? [];
  if (order.type === "market") return { [name ?? "market_market_ioc"]: fields ?? { base_size: order.amount.toFixed() } };
  const size = { base_size: order.amount.toFixed(), limit_price: order.price?.toFixed() ?? "" };
  const { trigger } = order;
  const common = trigger === undefined ? size : { ...size, stop_price: trigger.price.toFixed() };
  if (name !== undefined && fields !== undefined) {
    const { quote_size: _, ...rest } = fields;
    return { [name]: { ...rest, ...common } };
  }
  if (trigger !== undefined) {
    return { stop_limit_stop_limit_gtc: { ...common, stop_direction: stopDirectionOf(order.side, trigger) } };
  }
  if (order.timeInForce === "GTC") return { limit_limit_gtc: { ...common, post_only: order.postOnly } };
  return { [order.timeInForce === "IOC" ? "sor_limit_ioc" : "limit_limit_fok"]: common };
}

/** A fill of an order that was sized in quote tells its size in quote: amount = size / price, exactly. */
export function fillRow({ notes }: CoinbaseContext, account: SimAccount, fill: SimFill): unknown {
  const sizeInQuote = notes.of(fill.orderId)?.sizeInQuote ?? false;
  return {
    entry_id: stableUuid("entry", fill.accountId, fill.id),
    trade_id: fill.id,
    order_id: fill.orderId,
    trade_time: iso(fill.at),
    trade_type: "FILL",
    price: fill.price.toFixed(),
    size: (sizeInQuote ? fill.amount.times(fill.price) : fill.amount).toFixed(),
    commission: fill.fee.toFixed(),
    product_id: productIdOf(fill.symbol),
    sequence_timestamp: iso(fill.at),
    liquidity_indicator: fill.maker ? "MAKER" : "TAKER",
    size_in_quote: sizeInQuote,
    user_id: stableUuid("user", account.id),
    side: fill.side.toUpperCase(),
    retail_portfolio_id: portfolioOf(account),
  };
}

export function portfolioOf(account: SimAccount): string {
  return stableUuid("portfolio", account.id);
}
