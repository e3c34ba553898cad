import { assert } from "#server/domain/assert.ts";
import { Decimal, ZERO } from "#server/domain/decimal.ts";
import type { BookLevel } from "#server/domain/routing/types.ts";

/** Digits that books print; a price or quantity that needs more takes the slow way. */
const DIGITS = 8;
const SCALE = 10 ** DIGITS;

/** The number as a whole of `10^-8`, when that is exactly the decimal it prints as. */
function scaled(value: number): bigint | null {
  const whole = Math.round(value * SCALE);
  return Number.isSafeInteger(whole) && whole / SCALE === value ? BigInt(whole) : null;
}

/** With whole numbers: a large order reads hundreds of levels, and Decimal would spend the whole budget on them. */
function inWholes(levels: readonly BookLevel[], quantity: Decimal): Decimal | null {
  const wanted = quantity.times(SCALE);
  if (!wanted.isInteger()) return null;
  let left = BigInt(wanted.toFixed());
  let sum = 0n;
  let lastPrice = 0n;
  for (const level of levels) {
    const price = scaled(level.price);
    const offered = scaled(level.quantity);
    if (price === null || offered === null) return null;
    const take = offered < left ? offered : left;
    sum += price * take;
    left -= take;
    lastPrice = price;
    if (left === 0n) break;
  }
  return new Decimal((sum + lastPrice * left).toString()).dividedBy(new Decimal(SCALE).times(SCALE));
}

function inDecimals(levels: readonly BookLevel[], quantity: Decimal): Decimal {
  let left = quantity;
  let sum = ZERO;
  let lastPrice = ZERO;
  for (const level of levels) {
    const take = Decimal.min(level.quantity, left);
    lastPrice = new Decimal(level.price);
    sum = sum.plus(lastPrice.times(take));
    left = left.minus(take);
    if (left.isZero()) break;
  }
  return sum.plus(lastPrice.times(left));
}

/**
 * What taking `quantity` (base) from the levels, best first, is worth in quote: exact for the decimals that the book's
 * numbers print as. The caller has checked that the levels hold the quantity; what rounding leaves over counts at the last price.
 */
export function exactNotional(levels: readonly BookLevel[], quantity: Decimal): Decimal {
  assert(levels.length > 0 && quantity.gt(0), "a notional needs levels and a quantity");
  return inWholes(levels, quantity) ?? inDecimals(levels, quantity);
}
