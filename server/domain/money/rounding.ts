import { assert } from "#server/domain/assert.ts";
import { Decimal } from "#server/domain/decimal.ts";

/** Digits after the point of every money column: `numeric(38,18)`. */
export const MONEY_SCALE = 18;
const INTEGER_DIGITS_MAX = 20;
const MONEY_LIMIT = new Decimal(10).pow(INTEGER_DIGITS_MAX);

/** `DOWN` gives the lower price, `UP` the higher one. */
export type RoundingDirection = "UP" | "DOWN" | "NEAREST";

const MODES = {
  UP: Decimal.ROUND_CEIL,
  DOWN: Decimal.ROUND_FLOOR,
  NEAREST: Decimal.ROUND_HALF_EVEN,
} as const satisfies Record<RoundingDirection, number>;

/** Number of digits after the point that the value really uses: 1.500 uses one. */
export function decimalPlaces(value: Decimal): number {
  return value.decimalPlaces();
}

/** True when the value is stored by `numeric(38,18)` without loss. */
export function fitsMoneyColumn(value: Decimal): boolean {
  return value.isFinite() && value.abs().lt(MONEY_LIMIT) && value.decimalPlaces() <= MONEY_SCALE;
}

/** Rounds half-even to the 18 digits a money column holds, so that memory and database never differ. */
export function roundToColumn(value: Decimal): Decimal {
  return value.toDecimalPlaces(MONEY_SCALE, Decimal.ROUND_HALF_EVEN);
}

/** Rounds away from zero to 18 digits: for reserves, where a unit too little would be a unit not covered. */
export function roundUpToColumn(value: Decimal): Decimal {
  return value.toDecimalPlaces(MONEY_SCALE, Decimal.ROUND_UP);
}

/** True when `value` is a whole multiple of `step`. */
export function isMultipleOf(value: Decimal, step: Decimal): boolean {
  assert(step.gt(0), "a step must be positive");
  return value.modulo(step).isZero();
}

/** The largest multiple of `step` that is not above `quantity`. Quantities are cut, never rounded up: nobody asked for more. */
export function floorToStep(quantity: Decimal, step: Decimal): Decimal {
  assert(step.gt(0), "a step must be positive");
  return quantity.dividedBy(step).floor().times(step);
}

/** The smallest multiple of `step` that is not below `quantity`. */
export function ceilToStep(quantity: Decimal, step: Decimal): Decimal {
  assert(step.gt(0), "a step must be positive");
  return quantity.dividedBy(step).ceil().times(step);
}

/** Moves a price onto the venue's tick grid. A buyer's worst price goes `DOWN`, a seller's goes `UP`. */
export function roundToTick(price: Decimal, tick: Decimal, direction: RoundingDirection): Decimal {
  assert(tick.gt(0), "a tick must be positive");
  return price.dividedBy(tick).toDecimalPlaces(0, MODES[direction]).times(tick);
}
