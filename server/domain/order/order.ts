import { assert } from "#server/domain/assert.ts";
import { type Decimal, ZERO } from "#server/domain/decimal.ts";
import { roundToColumn } from "#server/domain/money/rounding.ts";
import { type OrderState, transition } from "#server/domain/order/state.ts";

export const ORDER_SIDES = ["BUY", "SELL"] as const;
export type OrderSide = (typeof ORDER_SIDES)[number];

export const ORDER_TYPES = ["MARKET", "LIMIT"] as const;
export type OrderType = (typeof ORDER_TYPES)[number];

export const TIMES_IN_FORCE = ["GTC", "IOC", "FOK"] as const;
export type TimeInForce = (typeof TIMES_IN_FORCE)[number];

/** What an order asks for. `quantity` is in base; `limitPrice` is quote per base and null for market orders. */
export interface OrderTerms {
  readonly symbol: string;
  readonly side: OrderSide;
  readonly type: OrderType;
  readonly quantity: Decimal;
  readonly limitPrice: Decimal | null;
  readonly timeInForce: TimeInForce;
  readonly postOnly: boolean;
}

/** The fee of one fill in whatever asset the venue took it; negative is a rebate. */
export interface FillFee {
  readonly asset: string;
  readonly amount: Decimal;
}

/** One execution as the venue reported it. `venueTradeId` is unique within the venue account. */
export interface Fill {
  readonly venueTradeId: string;
  readonly side: OrderSide;
  readonly base: string;
  readonly quote: string;
  readonly quantity: Decimal;
  readonly price: Decimal;
  readonly fees: readonly FillFee[];
}

/** What moves when an order is filled. `averagePrice` is null until the first fill. */
export interface OrderProgress {
  readonly state: OrderState;
  readonly quantity: Decimal;
  readonly filledQuantity: Decimal;
  readonly averagePrice: Decimal | null;
}

export interface FillApplied extends OrderProgress {
  /** The venue filled more than was asked for. Booked as it happened, and worth an alert. */
  readonly overfilled: boolean;
}

/** Quote value of an execution, at the 18 digits every money column holds. */
export function quoteValue(quantity: Decimal, price: Decimal): Decimal {
  return roundToColumn(quantity.times(price));
}

/** What is still to be filled, never below zero. */
export function remainingQuantity(order: Pick<OrderProgress, "quantity" | "filledQuantity">): Decimal {
  const remaining = order.quantity.minus(order.filledQuantity);
  return remaining.isNegative() ? ZERO : remaining;
}

/**
 * Counts one fill. The caller has made sure that it is new (unique trade id): this function cannot tell a duplicate.
 * Every state takes fills, because a venue's execution is a fact whatever we believed about the order.
 */
export function applyFillToOrder(order: OrderProgress, fill: Pick<Fill, "quantity" | "price">): FillApplied {
  assert(fill.quantity.gt(0), "a fill needs a positive quantity");
  assert(fill.price.gt(0), "a fill needs a positive price");
  const filledQuantity = order.filledQuantity.plus(fill.quantity);
  const complete = filledQuantity.gte(order.quantity);
  const moved = transition(order.state, complete ? "FILL_COMPLETE" : "FILL_PARTIAL", { hasFills: true, acknowledged: true });
  assert(moved.ok, `state ${order.state} refuses a fill`);
  const value = (order.averagePrice ?? ZERO).times(order.filledQuantity).plus(fill.price.times(fill.quantity));
  return {
    state: moved.state,
    quantity: order.quantity,
    filledQuantity,
    averagePrice: roundToColumn(value.dividedBy(filledQuantity)),
    overfilled: filledQuantity.gt(order.quantity),
  };
}
