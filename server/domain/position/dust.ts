import type { Decimal } from "#server/domain/decimal.ts";
import type { MarketRules } from "#server/domain/market.ts";
import { floorToStep } from "#server/domain/money/rounding.ts";

/** The part of a market's rules that bounds amounts. */
export type AmountRules = Pick<MarketRules, "amountStep" | "amountMin" | "costMin">;

/**
 * True for what its own venue takes no order for: less than a step or the minimum amount, or worth less than the minimum cost at
 * `price` (quote per base). Such a rest stays when a fee was taken in the base. What cannot be judged is not dust: without rules
 * never, without a price by the amount alone.
 */
export function isDust(quantity: Decimal, rules: AmountRules | null, price: Decimal | null): boolean {
  if (rules === null || quantity.isZero()) return false;
  const sendable = floorToStep(quantity.abs(), rules.amountStep);
  if (sendable.isZero() || sendable.lt(rules.amountMin)) return true;
  return price !== null && sendable.times(price).lt(rules.costMin);
}
