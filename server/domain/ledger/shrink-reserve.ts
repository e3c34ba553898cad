import { assert } from "#server/domain/assert.ts";
import { type Decimal, ZERO } from "#server/domain/decimal.ts";
import { roundUpToColumn } from "#server/domain/money/rounding.ts";

/**
 * What an order still holds of its reserve after its open quantity went from `openBefore` to `openAfter` (base), in
 * proportion and rounded up, so that the rest of the order stays covered. Nothing open holds nothing.
 */
export function shrinkReserve(reserveLeft: Decimal, openBefore: Decimal, openAfter: Decimal): Decimal {
  assert(openAfter.gte(0) && openAfter.lte(openBefore), "an open quantity only falls");
  if (openAfter.isZero() || reserveLeft.isZero()) return ZERO;
  const left = roundUpToColumn(reserveLeft.times(openAfter).dividedBy(openBefore));
  return left.gt(reserveLeft) ? reserveLeft : left;
}
