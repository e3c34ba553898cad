import { Decimal as DecimalBase } from "decimal.js";

/**
 * The one Decimal of the project. decimal.js rounds every result to 20 significant digits by default, which silently
 * loses units of a `numeric(38,18)` column; 60 digits hold the exact product of two such numbers with room to spare.
 */
export const Decimal = DecimalBase.clone({
  precision: 60,
  rounding: DecimalBase.ROUND_HALF_EVEN,
  toExpNeg: -60,
  toExpPos: 60,
});
export type Decimal = DecimalBase;

export const ZERO: Decimal = new Decimal(0);

/** Parses a plain decimal string (no exponent, no NaN, no Infinity). Returns null for anything else. */
export function parseDecimal(text: string): Decimal | null {
  return /^-?\d{1,38}(\.\d{1,38})?$/.test(text) ? new Decimal(text) : null;
}
