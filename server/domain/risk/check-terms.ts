import type { Decimal } from "#server/domain/decimal.ts";
import { checkPrecision, type MarketRules, type PrecisionCheck } from "#server/domain/market.ts";
import { fitsMoneyColumn } from "#server/domain/money/rounding.ts";
import type { OrderTerms } from "#server/domain/order/order.ts";
import type { Denial, DenialCode } from "#server/domain/risk/denial-codes.ts";

/** A limit price may be this fraction worse than the market; beyond that it is a slip of the finger. */
const PRICE_BAND = "0.1";

export function deny(code: DenialCode, details: Record<string, string> = {}): Denial {
  return { code, details };
}

function isStorable(value: Decimal): boolean {
  return value.isFinite() && value.gt(0) && fitsMoneyColumn(value);
}

/** Do type, price, time in force and post-only make one order? Null when they do. */
export function checkTerms(terms: OrderTerms): Denial | null {
  if (!isStorable(terms.quantity)) return deny("QUANTITY_INVALID");
  if (terms.limitPrice !== null && !isStorable(terms.limitPrice)) return deny("PRICE_INVALID");
  if ((terms.type === "LIMIT") !== (terms.limitPrice !== null)) return deny("ORDER_TERMS_CONFLICT", { field: "limitPrice" });
  if (terms.postOnly && (terms.type !== "LIMIT" || terms.timeInForce !== "GTC")) {
    return deny("ORDER_TERMS_CONFLICT", { field: "postOnly" });
  }
  if (terms.type === "MARKET" && terms.timeInForce === "FOK") return deny("ORDER_TERMS_CONFLICT", { field: "timeInForce" });
  return null;
}

/**
 * Is there a market among `markets` (the rules of every venue account that might take the order) that the terms fit?
 * Returns the rules, or the first market's reason.
 */
export function findFittingMarket(
  terms: OrderTerms,
  markets: readonly MarketRules[],
  referencePrice: Decimal | null,
): { readonly rules: MarketRules } | { readonly denial: Denial } {
  let refusal: Extract<PrecisionCheck, { ok: false }> | null = null;
  for (const rules of markets) {
    if (rules.symbol !== terms.symbol) continue;
    const check = checkPrecision(rules, {
      side: terms.side,
      quantity: terms.quantity,
      limitPrice: terms.limitPrice,
      referencePrice,
    });
    if (check.ok) return { rules };
    refusal ??= check;
  }
  if (refusal === null) return { denial: deny("MARKET_UNKNOWN", { symbol: terms.symbol }) };
  return { denial: deny(refusal.code, refusal.details) };
}

/** Refuses a buy far above or a sell far below the market; resting far away on the good side is fine. */
export function checkPriceBand(terms: OrderTerms, referencePrice: Decimal): Denial | null {
  if (terms.limitPrice === null) return null;
  const band = referencePrice.times(PRICE_BAND);
  const tooFar =
    terms.side === "BUY" ? terms.limitPrice.gt(referencePrice.plus(band)) : terms.limitPrice.lt(referencePrice.minus(band));
  return tooFar ? deny("PRICE_FAR_FROM_MARKET", { reference: referencePrice.toString() }) : null;
}
