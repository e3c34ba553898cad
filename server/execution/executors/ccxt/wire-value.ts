import { Decimal } from "#server/domain/decimal.ts";

/** The venue answered something that does not have the documented shape. Never a refusal: nobody knows what it did. */
export class MalformedAnswer extends Error {
  override readonly name = "MalformedAnswer";
}

export type WireRecord = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is WireRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function asRecord(value: unknown, what: string): WireRecord {
  if (!isRecord(value)) throw new MalformedAnswer(`${what} is not an object`);
  return value;
}

export function asList(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new MalformedAnswer(`${what} is not a list`);
  return value;
}

/** The field as text, or null if it is absent or empty. Venues send ids as text or as integers. */
export function textOrNull(record: WireRecord, key: string): string | null {
  const value = record[key];
  if (typeof value === "string") return value === "" ? null : value;
  if (typeof value === "number" && Number.isSafeInteger(value)) return String(value);
  return null;
}

export function text(record: WireRecord, key: string): string {
  const value = textOrNull(record, key);
  if (value === null) throw new MalformedAnswer(`${key} is missing`);
  return value;
}

/** Exact: the answer was parsed so that a number keeps the digits it was written with (see `parseExactJson`). */
export function toDecimal(value: unknown, what: string): Decimal {
  if (typeof value === "string" || typeof value === "number") {
    const written = String(value);
    if (/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$/.test(written)) return new Decimal(written);
  }
  throw new MalformedAnswer(`${what} is not a number`);
}

export function decimal(record: WireRecord, key: string): Decimal {
  return toDecimal(record[key], key);
}

export function decimalOrNull(record: WireRecord, key: string): Decimal | null {
  const value = record[key];
  return value === undefined || value === null || value === "" ? null : toDecimal(value, key);
}

/** A time in milliseconds, seconds with a fraction, or ISO text, by the unit named. */
export function instant(value: unknown, unit: "ms" | "s" | "iso", what: string): Date {
  const at =
    unit === "iso" && typeof value === "string"
      ? Date.parse(value)
      : unit === "iso"
        ? Number.NaN
        : toDecimal(value, what)
            .times(unit === "s" ? 1000 : 1)
            .floor()
            .toNumber();
  if (!Number.isFinite(at)) throw new MalformedAnswer(`${what} is not a time`);
  return new Date(at);
}

/** What ECMAScript gives a reviver besides key and value; TypeScript's library does not name it yet. */
type SourceReviver = (key: string, value: unknown, context?: { readonly source?: string }) => unknown;

const keepDigits: SourceReviver = (_key, value, context) =>
  typeof value === "number" && !Number.isSafeInteger(value) ? (context?.source ?? String(value)) : value;

/** JSON in which a number that a double may not hold exactly becomes the text it was written as. Undefined if it is no JSON. */
export function parseExactJson(body: string): unknown {
  if (!/^\s*[[{]/.test(body)) return undefined;
  try {
    return JSON.parse(body, keepDigits);
  } catch {
    return undefined;
  }
}
