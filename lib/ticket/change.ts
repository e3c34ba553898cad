import { type Decimal, readTyped, toDecimal, toText } from "#lib/format/decimal.ts";
import { formatPrice, formatQuantity } from "#lib/format/number.ts";
import type { MarketDto, OrderDto } from "#lib/contracts/trade.ts";

type ChangeOrder = Pick<OrderDto, "side" | "quantity" | "filledQuantity" | "limitPrice">;
type ChangeRules = Pick<MarketDto, "base" | "quote" | "priceTick" | "amountStep" | "amountMin" | "costMin" | "costMinBuy">;

/** What the person has typed; texts are as typed. */
export interface ChangeDraft {
  readonly priceText: string;
  /** The whole order's, with what is filled. */
  readonly quantityText: string;
}

export interface ChangeTerms {
  /** What is sent; null while something is missing, wrong, or the same as before. */
  readonly terms: { readonly quantity: string; readonly limitPrice: string } | null;
  readonly priceProblem: string | null;
  readonly quantityProblem: string | null;
  /** Base that would work at the new price; null while that cannot be said. */
  readonly left: string | null;
}

interface Read {
  readonly value: Decimal | null;
  readonly problem: string | null;
}

function readPrice(text: string, rules: ChangeRules | null): Read {
  const value = readTyped(text);
  if (value === null || value.isZero()) return { value: null, problem: "Enter a price above zero." };
  if (rules === null || value.modulo(rules.priceTick).isZero()) return { value, problem: null };
  const near = value.dividedBy(rules.priceTick).round().times(rules.priceTick);
  return {
    value: null,
    problem: `Prices move in steps of ${rules.priceTick}. Nearest: ${formatPrice(toText(near), rules.priceTick)}`,
  };
}

function quantityProblem(order: ChangeOrder, value: Decimal, price: Decimal | null, rules: ChangeRules | null): string | null {
  const left = value.minus(order.filledQuantity);
  if (left.lte(0)) return `${formatQuantity(order.filledQuantity)} is filled already. Enter more, or cancel the order.`;
  if (rules === null) return null;
  if (!value.modulo(rules.amountStep).isZero()) return `Quantities move in steps of ${rules.amountStep} ${rules.base}.`;
  if (left.lt(rules.amountMin)) return `At least ${formatQuantity(rules.amountMin)} ${rules.base} has to be left.`;
  const costMin = order.side === "BUY" ? rules.costMinBuy : rules.costMin;
  const isSmall = price !== null && left.times(price).lt(costMin);
  return isSmall ? `What is left has to be worth ${formatQuantity(costMin)} ${rules.quote}.` : null;
}

function readQuantity(text: string, order: ChangeOrder, price: Decimal | null, rules: ChangeRules | null): Read {
  const value = readTyped(text);
  if (value === null || value.isZero()) return { value: null, problem: "Enter a quantity above zero." };
  const problem = quantityProblem(order, value, price, rules);
  return { value: problem === null ? value : null, problem };
}

/** What the form starts from: the order as it is. */
export function draftOf({ quantity, limitPrice }: ChangeOrder): ChangeDraft {
  return { priceText: limitPrice ?? "", quantityText: quantity };
}

/** Turns what was typed into new terms of an order. Nothing is rounded: a value off its step is refused with the reason. */
export function readChange(draft: ChangeDraft, order: ChangeOrder, rules: ChangeRules | null): ChangeTerms {
  const price = readPrice(draft.priceText, rules);
  const quantity = readQuantity(draft.quantityText, order, price.value, rules);
  const problems = { priceProblem: price.problem, quantityProblem: quantity.problem };
  const left = quantity.value === null ? null : toText(quantity.value.minus(order.filledQuantity));
  if (price.value === null || quantity.value === null) return { ...problems, left, terms: null };
  const isSame = price.value.eq(toDecimal(order.limitPrice) ?? 0) && quantity.value.eq(order.quantity);
  const terms = isSame ? null : { quantity: toText(quantity.value), limitPrice: toText(price.value) };
  return { ...problems, left, terms };
}
