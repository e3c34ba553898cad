import type { Decimal } from "#server/domain/decimal.ts";
import { checkPrecision, type MarketRules } from "#server/domain/market.ts";
import { isMultipleOf } from "#server/domain/money/rounding.ts";
import type { RestingTrigger } from "#server/domain/trigger/resting.ts";
import type { OrderChange, OrderToSubmit, Rejected } from "#server/execution/executors/executor.ts";
import { toRejected } from "#server/execution/executors/ccxt/outcome.ts";

/**
 * Why an order is refused before anything is sent, or null. Whether the market is open is left to the venue: what we know of
 * that may be minutes old, and an exit must not wait for it.
 */
export function refuseUnsent(
  order: OrderToSubmit,
  rules: MarketRules,
  restingTriggers: readonly RestingTrigger[] = [],
): Rejected | null {
  const { type, limitPrice, trigger } = order;
  if (order.postOnly && (type !== "LIMIT" || order.timeInForce !== "GTC" || trigger !== undefined)) {
    return invalid("post-only needs a resting limit order");
  }
  if (type === "LIMIT" && limitPrice === null) return invalid("a limit order needs a price");
  if (trigger !== undefined) {
    const wanted: RestingTrigger = type === "LIMIT" ? `${trigger.kind}_LIMIT` : trigger.kind;
    if (!restingTriggers.includes(wanted)) return invalid(`${wanted} orders cannot wait at this venue`);
    if (!isPrice(trigger.price, rules)) return invalid("the trigger price does not fit the tick");
  }
  const price = type === "MARKET" ? null : limitPrice;
  return refuseTerms(rules, {
    side: order.side,
    quantity: order.quantity,
    limitPrice: price,
    referencePrice: trigger?.price ?? null,
  });
}

/** The same for a change of an open order. */
export function refuseChange(change: OrderChange, rules: MarketRules): Rejected | null {
  return refuseTerms(rules, change);
}

function refuseTerms(rules: MarketRules, terms: Parameters<typeof checkPrecision>[1]): Rejected | null {
  if (!(terms.quantity.isFinite() && terms.quantity.gt(0))) return invalid("the quantity is not above zero");
  if (terms.limitPrice !== null && !isPrice(terms.limitPrice, rules)) return invalid("the price does not fit the tick");
  const check = checkPrecision({ ...rules, active: true }, terms);
  return check.ok ? null : invalid(`${check.code} ${JSON.stringify(check.details)}`);
}

function isPrice(price: Decimal, rules: MarketRules): boolean {
  return price.isFinite() && price.gt(0) && isMultipleOf(price, rules.priceTick);
}

function invalid(detail: string): Rejected {
  return toRejected("INVALID_ORDER", detail);
}
