import { Decimal, digitsOf, toDecimal } from "#lib/format/decimal.ts";

/** Shown wherever a value is not known: never a zero. */
export const UNKNOWN_TEXT = "\u2014";

const SIGN_MINUS = "\u2212";
const DOLLAR_LIKE: ReadonlySet<string> = new Set(["USD", "USDT", "USDC"]);
const formatters = new Map<string, Intl.NumberFormat>();

function formatter(digitsMin: number, digitsMax: number): Intl.NumberFormat {
  const key = `${digitsMin}/${digitsMax}`;
  const known = formatters.get(key);
  if (known !== undefined) return known;
  const made = new Intl.NumberFormat(undefined, { minimumFractionDigits: digitsMin, maximumFractionDigits: digitsMax });
  formatters.set(key, made);
  return made;
}

/** Intl takes a string without going through a float, so no digit is lost. */
function localised(value: Decimal, digitsMin: number, digitsMax: number): string {
  const rounded = value.abs().toDecimalPlaces(digitsMax, Decimal.ROUND_HALF_EVEN);
  return formatter(digitsMin, digitsMax).format(rounded.toFixed() as Intl.StringNumericLiteral);
}

type Input = string | null | undefined;

/** A price on the tick of its market; without a tick, as many digits as its size makes useful. */
export function formatPrice(text: Input, tick?: string): string {
  const value = toDecimal(text);
  if (value === null) return UNKNOWN_TEXT;
  const digits = tick === undefined ? (value.abs().gte(1000) ? 2 : value.abs().gte(1) ? 4 : 8) : digitsOf(tick);
  return withSign(value, localised(value, tick === undefined ? Math.min(2, digits) : digits, digits));
}

/** An amount of base on its step, trailing zeros dropped. */
export function formatQuantity(text: Input, step?: string): string {
  const value = toDecimal(text);
  if (value === null) return UNKNOWN_TEXT;
  return withSign(value, localised(value, 0, step === undefined ? 8 : digitsOf(step)));
}

/** What is filled of an order; while its outcome is unknown and no fill is booked, that is not known and so no zero. */
export function formatFilled(order: { readonly state: string; readonly filledQuantity: string }): string {
  return order.state === "UNKNOWN" && signOf(order.filledQuantity) === 0 ? UNKNOWN_TEXT : formatQuantity(order.filledQuantity);
}

/** An amount of quote: two digits, two significant ones when it would otherwise read as zero. `$` for dollars and dollar coins. */
export function formatMoney(text: Input, asset = "USD", sign: "auto" | "always" = "auto"): string {
  const value = toDecimal(text);
  if (value === null) return UNKNOWN_TEXT;
  const small = !value.isZero() && value.abs().lt("0.01");
  const digits = small ? localised(value.toSignificantDigits(2), 2, 18) : localised(value, 2, 2);
  const body = DOLLAR_LIKE.has(asset) ? `$${digits}` : `${digits} ${asset}`;
  return sign === "always" && value.gt(0) ? `+${body}` : withSign(value, body);
}

/** A fraction such as "0.0123" as "1.23%". */
export function formatPercent(text: Input, sign: "auto" | "always" = "auto", digits = 2): string {
  const value = toDecimal(text);
  if (value === null) return UNKNOWN_TEXT;
  const scaled = value.times(100);
  const body = `${localised(scaled, digits, digits)}%`;
  return sign === "always" && value.gt(0) ? `+${body}` : withSign(value, body);
}

/** Basis points with one digit, e.g. "12.4 bps". */
export function formatBps(text: Input): string {
  const value = toDecimal(text);
  return value === null ? UNKNOWN_TEXT : `${withSign(value, localised(value, 1, 1))} bps`;
}

/** -1, 0 or 1; 0 also for what is not known. */
export function signOf(text: Input): -1 | 0 | 1 {
  const value = toDecimal(text);
  if (value === null || value.isZero()) return 0;
  return value.isNegative() ? -1 : 1;
}

function withSign(value: Decimal, body: string): string {
  return value.isNegative() && !value.isZero() ? `${SIGN_MINUS}${body}` : body;
}
