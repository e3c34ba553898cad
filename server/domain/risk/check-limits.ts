import { type Decimal, ZERO } from "#server/domain/decimal.ts";
import { costMinOf, type MarketRules } from "#server/domain/market.ts";
import { ceilToStep, floorToStep } from "#server/domain/money/rounding.ts";
import type { OrderSide } from "#server/domain/order/order.ts";
import { deny } from "#server/domain/risk/check-terms.ts";
import type { Denial } from "#server/domain/risk/denial-codes.ts";
import type { EffectiveLimits, LimitSource } from "#server/domain/risk/tiers.ts";

/** What the workspace uses of its limits now, read under the workspace's risk lock. */
export interface RiskUsage {
  /** USD value of the position in this market, dust aside, plus its open buys. */
  readonly marketExposureUsd: Decimal;
  /** Markets with a position, dust aside, or an open buy. */
  readonly openPositions: number;
  /** Orders that are not terminal. */
  readonly ordersInFlight: number;
  readonly venuesConnected: number;
  /** Today's loss (UTC) as a positive number, zero on a day in profit. */
  readonly dailyLossUsd: Decimal;
}

function overLimit(code: Denial["code"], limit: { value: Decimal | number; source: LimitSource }): Denial {
  return deny(code, { limit: limit.value.toString(), source: limit.source });
}

/** Checks an entry of `orderUsd` against every limit in force. Exits never come here. */
export function checkLimits(side: OrderSide, orderUsd: Decimal, usage: RiskUsage, limits: EffectiveLimits): Denial | null {
  const { maxVenues, maxOrdersInFlight, maxDailyLossUsd, maxOrderUsd, maxOpenPositions, maxPositionUsd } = limits;
  if (limits.contractMissing) return deny("LIMIT_CONTRACT_MISSING");
  if (maxVenues !== null && usage.venuesConnected > maxVenues.value) return overLimit("LIMIT_VENUES", maxVenues);
  if (maxOrdersInFlight !== null && usage.ordersInFlight >= maxOrdersInFlight.value) {
    return overLimit("LIMIT_ORDERS_IN_FLIGHT", maxOrdersInFlight);
  }
  if (maxDailyLossUsd !== null && usage.dailyLossUsd.gte(maxDailyLossUsd.value)) {
    return overLimit("LIMIT_DAILY_LOSS", maxDailyLossUsd);
  }
  if (maxOrderUsd !== null && orderUsd.gt(maxOrderUsd.value)) return overLimit("LIMIT_ORDER_SIZE", maxOrderUsd);
  // A sell of holdings that the platform did not buy adds no exposure.
  if (side === "SELL") return null;
  const opensPosition = usage.marketExposureUsd.lte(0);
  if (opensPosition && maxOpenPositions !== null && usage.openPositions >= maxOpenPositions.value) {
    return overLimit("LIMIT_OPEN_POSITIONS", maxOpenPositions);
  }
  if (maxPositionUsd !== null && usage.marketExposureUsd.plus(orderUsd).gt(maxPositionUsd.value)) {
    return overLimit("LIMIT_POSITION_SIZE", maxPositionUsd);
  }
  return null;
}

export type SizeFloor = "amountMin" | "costMin";
export type SizeCeiling = "maxPositionUsd" | "maxOrderUsd";

export type OrderSizeRange =
  | { readonly ok: true; readonly min: Decimal; readonly max: Decimal | null }
  | { readonly ok: false; readonly floor: SizeFloor; readonly ceiling: SizeCeiling; readonly source: LimitSource };

/**
 * The buy quantities that both the venue's minimums and the limits allow, in whole steps; `max` is null without a limit.
 * When none exists, the two sides that exclude each other are named, for the screen to say so. `priceUsd` is USD per base
 * and `price` quote per base.
 */
export function orderSizeRange(
  rules: MarketRules,
  price: Decimal,
  priceUsd: Decimal,
  limits: EffectiveLimits,
  marketExposureUsd: Decimal,
): OrderSizeRange {
  const byAmount = ceilToStep(rules.amountMin, rules.amountStep);
  const byCost = ceilToStep(costMinOf(rules, "BUY").dividedBy(price), rules.amountStep);
  const floor: SizeFloor = byCost.gt(byAmount) ? "costMin" : "amountMin";
  const smallest = floor === "costMin" ? byCost : byAmount;
  const min = smallest.isZero() ? rules.amountStep : smallest;
  let ceiling: { name: SizeCeiling; source: LimitSource; usd: Decimal } | null = null;
  if (limits.maxPositionUsd !== null) {
    const left = limits.maxPositionUsd.value.minus(marketExposureUsd);
    ceiling = { name: "maxPositionUsd", source: limits.maxPositionUsd.source, usd: left.isNegative() ? ZERO : left };
  }
  if (limits.maxOrderUsd !== null && (ceiling === null || limits.maxOrderUsd.value.lt(ceiling.usd))) {
    ceiling = { name: "maxOrderUsd", source: limits.maxOrderUsd.source, usd: limits.maxOrderUsd.value };
  }
  if (ceiling === null) return { ok: true, min, max: null };
  const max = floorToStep(ceiling.usd.dividedBy(priceUsd), rules.amountStep);
  return max.gte(min) ? { ok: true, min, max } : { ok: false, floor, ceiling: ceiling.name, source: ceiling.source };
}
