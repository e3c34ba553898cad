import { assert } from "#server/domain/assert.ts";
import { type Decimal, ZERO } from "#server/domain/decimal.ts";
import { roundToColumn } from "#server/domain/money/rounding.ts";
import { quoteValue } from "#server/domain/order/order.ts";
import type { Position } from "#server/domain/position/position.ts";

/** A position after base was put into it or taken out of it without a trade. */
export interface Carried {
  readonly position: Position;
  /** Quote that went with the base, never negative. */
  readonly cost: Decimal;
}

/** The position with `quantity` of the owner's own base in it, as if paid for at `unitCost` quote each. Nothing is won or lost. */
export function adopt(position: Position, quantity: Decimal, unitCost: Decimal): Carried {
  assert(quantity.gt(0) && unitCost.gt(0), "what is adopted has an amount and a price");
  const cost = roundToColumn(quoteValue(quantity, unitCost));
  const next = { quantity: position.quantity.plus(quantity), costBasis: position.costBasis.plus(cost) };
  return { position: { ...position, ...next }, cost };
}

/** The position without `quantity` of what it holds, which leaves at average cost. Nothing is won or lost. */
export function release(position: Position, quantity: Decimal): Carried {
  assert(quantity.gt(0) && quantity.lte(position.quantity), "only what is held is released");
  const isAll = quantity.eq(position.quantity);
  const cost = isAll ? position.costBasis : roundToColumn(position.costBasis.times(quantity).dividedBy(position.quantity));
  const next = { quantity: position.quantity.minus(quantity), costBasis: position.costBasis.minus(cost) };
  return { position: { ...position, ...next }, cost };
}

/** What stops and targets, or an exit that has been accepted, will sell of a position. */
export interface Claim {
  /** Only the largest of a group counts: its members end each other. */
  readonly group: string;
  readonly quantity: Decimal;
}

/** What of `held` nothing will sell. Zero where more is claimed than is held. */
export function unclaimed(held: Decimal, claims: readonly Claim[]): Decimal {
  const largest = new Map<string, Decimal>();
  for (const { group, quantity } of claims) {
    const before = largest.get(group) ?? ZERO;
    largest.set(group, quantity.gt(before) ? quantity : before);
  }
  const free = [...largest.values()].reduce((left, quantity) => left.minus(quantity), held);
  return free.isNegative() ? ZERO : free;
}
