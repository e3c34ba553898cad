import { Decimal, parseDecimal } from "#server/domain/decimal.ts";

export { Decimal };

/** Reads a decimal string of the wire; null for null and for anything that is not a plain decimal. */
export function toDecimal(text: string | null | undefined): Decimal | null {
  return text === null || text === undefined ? null : parseDecimal(text);
}

/** Plain text without an exponent and without trailing zeros, as the contracts want it. */
export function toText(value: Decimal): string {
  return value.toFixed();
}

/** The largest multiple of `step` that is not above `value`: nobody gets more than was asked for. */
export function floorTo(value: Decimal, step: Decimal): Decimal {
  return step.gt(0) ? value.dividedBy(step).floor().times(step) : value;
}

/** Digits after the point that a tick or step such as "0.01000" really has. */
export function digitsOf(step: string): number {
  return toDecimal(step)?.decimalPlaces() ?? 0;
}

/**
 * Reads what a person types: spaces and apostrophes are dropped, one decimal comma is a point. Returns null for what is no
 * number, so that a half-typed amount is never taken for another one. A comma before three digits is refused: "1,234" is a
 * thousand to some and one to others.
 */
export function readTyped(text: string): Decimal | null {
  const compact = text.replace(/[\s_']/g, "");
  if (compact === "") return null;
  const pointed = /^\d+,(\d{1,2}|\d{4,})$/.test(compact) ? compact.replace(",", ".") : compact;
  if (!/^(\d{1,20}(\.\d{0,18})?|\.\d{1,18})$/.test(pointed)) return null;
  return new Decimal(pointed.startsWith(".") ? `0${pointed}` : pointed.replace(/\.$/, ""));
}
