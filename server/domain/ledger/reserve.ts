import { assert } from "#server/domain/assert.ts";
import type { Decimal } from "#server/domain/decimal.ts";
import { type Money, money } from "#server/domain/money/money.ts";
import { roundUpToColumn } from "#server/domain/money/rounding.ts";
import { type OrderSide, remainingQuantity } from "#server/domain/order/order.ts";

/** What decides how much an order sets aside. */
export interface ReserveTerms {
  readonly side: OrderSide;
  readonly base: string;
  readonly quote: string;
  readonly quantity: Decimal;
}

/**
 * Funds an order needs at worst: a buy sets aside `quantity * priceCap * (1 + feeRate)` of quote, a sell sets aside its
 * base quantity (its fee comes out of the proceeds). `priceCap` is the limit price or the worst price of a market order;
 * `feeRate` is a fraction (0.001 is 10 bps). Rounded up to the last stored digit.
 */
export function reserveFor(order: ReserveTerms, priceCap: Decimal, feeRate: Decimal): Money {
  assert(order.quantity.gte(0), "a reserve needs a quantity");
  if (order.side === "SELL") return money(order.quantity, order.base);
  assert(priceCap.gt(0), "a buy needs a price cap");
  // A maker rebate may never come (the order may take instead), so it does not lower the reserve.
  const rate = feeRate.isNegative() ? feeRate.times(0) : feeRate;
  return money(roundUpToColumn(order.quantity.times(priceCap).times(rate.plus(1))), order.quote);
}

/**
 * What an order must still hold after `filledQuantity`; zero when complete. What a fill gives back is the reserve held
 * before it minus this.
 */
export function remainingReserve(order: ReserveTerms, filledQuantity: Decimal, priceCap: Decimal, feeRate: Decimal): Money {
  const quantity = remainingQuantity({ quantity: order.quantity, filledQuantity });
  return reserveFor({ ...order, quantity }, priceCap, feeRate);
}
