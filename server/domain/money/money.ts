import { assert } from "#server/domain/assert.ts";
import { Decimal } from "#server/domain/decimal.ts";

/** An amount of one asset, e.g. 0.5 BTC. Signed. */
export interface Money {
  readonly amount: Decimal;
  readonly asset: string;
}

/** Builds a Money; `amount` may be given as a decimal string. */
export function money(amount: Decimal | string, asset: string): Money {
  assert(asset.length > 0, "money needs an asset");
  const value = typeof amount === "string" ? new Decimal(amount) : amount;
  assert(value.isFinite(), `money amount is not finite for ${asset}`);
  return { amount: value, asset };
}

function assertSameAsset(a: Money, b: Money): void {
  // INVARIANT: two assets are never added or compared; a conversion needs a price and is written out where it happens.
  assert(a.asset === b.asset, `cannot mix ${a.asset} with ${b.asset}`);
}

/** Throws `InvariantError` on mixed assets, like the other operations of this file. */
export function addMoney(a: Money, b: Money): Money {
  assertSameAsset(a, b);
  return { amount: a.amount.plus(b.amount), asset: a.asset };
}

export function subtractMoney(a: Money, b: Money): Money {
  assertSameAsset(a, b);
  return { amount: a.amount.minus(b.amount), asset: a.asset };
}

export function negateMoney(a: Money): Money {
  return { amount: a.amount.negated(), asset: a.asset };
}

/** -1, 0 or 1, as `Array.prototype.sort` wants it. */
export function compareMoney(a: Money, b: Money): -1 | 0 | 1 {
  assertSameAsset(a, b);
  const order = a.amount.comparedTo(b.amount);
  return order < 0 ? -1 : order > 0 ? 1 : 0;
}
