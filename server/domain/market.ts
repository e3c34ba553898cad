import { Decimal } from "#server/domain/decimal.ts";
import { isMultipleOf } from "#server/domain/money/rounding.ts";
import type { OrderSide } from "#server/domain/order/order.ts";
import type { DenialCode } from "#server/domain/risk/denial-codes.ts";

/** What one venue demands of orders in one market. Prices are quote per base, amounts are base, costs are quote. */
export interface MarketRules {
  /** Unified symbol, e.g. BTC/USDT. */
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  readonly priceTick: Decimal;
  readonly amountStep: Decimal;
  readonly amountMin: Decimal;
  readonly costMin: Decimal;
  /** Only where a venue asks more of buys than of sells. */
  readonly costMinBuy?: Decimal;
  readonly active: boolean;
}

export type PrecisionCode = Extract<
  DenialCode,
  "MARKET_CLOSED" | "QUANTITY_TOO_PRECISE" | "QUANTITY_BELOW_MINIMUM" | "PRICE_TOO_PRECISE" | "NOTIONAL_BELOW_MINIMUM"
>;

export type PrecisionCheck =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: PrecisionCode; readonly details: Record<string, string> };

/** The least that an order of this side must cost, in quote. */
export function costMinOf({ costMin, costMinBuy }: Pick<MarketRules, "costMin" | "costMinBuy">, side: OrderSide): Decimal {
  return side === "BUY" && costMinBuy !== undefined ? Decimal.max(costMin, costMinBuy) : costMin;
}

/**
 * Checks one order against the venue's steps and minimums before it is sent. `referencePrice` values a market order for
 * the minimum notional; without it a market order's notional is left to the venue.
 */
export function checkPrecision(
  rules: MarketRules,
  order: {
    /** Of a change of an open order it is not known, and what is asked of both sides holds. */
    readonly side?: OrderSide;
    readonly quantity: Decimal;
    readonly limitPrice: Decimal | null;
    readonly referencePrice?: Decimal | null;
  },
): PrecisionCheck {
  const { quantity, limitPrice } = order;
  if (!rules.active) return { ok: false, code: "MARKET_CLOSED", details: { symbol: rules.symbol } };
  if (!isMultipleOf(quantity, rules.amountStep)) {
    return { ok: false, code: "QUANTITY_TOO_PRECISE", details: { step: rules.amountStep.toString(), asset: rules.base } };
  }
  if (quantity.lt(rules.amountMin)) {
    return { ok: false, code: "QUANTITY_BELOW_MINIMUM", details: { minimum: rules.amountMin.toString(), asset: rules.base } };
  }
  if (limitPrice !== null && !isMultipleOf(limitPrice, rules.priceTick)) {
    return { ok: false, code: "PRICE_TOO_PRECISE", details: { tick: rules.priceTick.toString(), asset: rules.quote } };
  }
  const price = limitPrice ?? order.referencePrice ?? null;
  const costMin = costMinOf(rules, order.side ?? "SELL");
  if (price !== null && quantity.times(price).lt(costMin)) {
    return { ok: false, code: "NOTIONAL_BELOW_MINIMUM", details: { minimum: costMin.toString(), asset: rules.quote } };
  }
  return { ok: true };
}
