import { Decimal } from "#server/domain/decimal.ts";

interface RawJson {
  rawJSON(text: string): unknown;
}

/**
 * A JSON number with exactly `decimals` digits after the point. The v2 socket sends prices and quantities as numbers at the
 * engine's precision, trailing zeros included, and the book checksum is taken over those digits; a double would lose them.
 */
export function wireNumber(value: Decimal, decimals: number): unknown {
  return wireDigits(wireText(value, decimals));
}

/** A text of `wireText` as a JSON number with just these digits. */
export function wireDigits(text: string): unknown {
  return (JSON as unknown as RawJson).rawJSON(text);
}

/** A decimal string with at least `decimals` digits: padded, never rounded, so that books can be compared to the last digit. */
export function wireText(value: Decimal, decimals: number): string {
  return value.toFixed(Math.max(decimals, value.decimalPlaces()));
}

/** A decimal string with exactly `decimals` digits, half up: for averages and fees in quote, which kraken rounds itself. */
export function roundedText(value: Decimal, decimals: number): string {
  return value.toDecimalPlaces(decimals, Decimal.ROUND_HALF_UP).toFixed(decimals);
}

/** Seconds with a fraction, as REST timestamps have it. */
export function wireSeconds(at: number): number {
  return at / 1000;
}

/** RFC 3339 with microseconds, as the v2 socket has it. */
export function wireInstant(at: number): string {
  return new Date(at).toISOString().replace("Z", "000Z");
}
