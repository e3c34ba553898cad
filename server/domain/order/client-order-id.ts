import { assert } from "#server/domain/assert.ts";
import type { OrderId } from "#server/domain/ids.ts";

/** Fits every venue: 18 characters is kraken's limit for free text, and all take `[a-z0-9]`. */
export const CLIENT_ORDER_ID_PATTERN = /^[a-z0-9]{18}$/;

const ORDER_CHARACTERS = 16;
const ATTEMPT_CHARACTERS = 2;
const ATTEMPT_MAX = 36 ** ATTEMPT_CHARACTERS - 1;
const ORDER_SPACE = 36n ** BigInt(ORDER_CHARACTERS);
const MASK_128 = (1n << 128n) - 1n;

// Any odd number makes the multiplication reversible modulo 2^128; these are the fractional bits of sqrt(2) and sqrt(3).
const ODD_A = 0x6a09e667f3bcc908b2fb1366ea957d3fn;
const ODD_B = 0xbb67ae8584caa73b25742d7078b83b89n;

/**
 * Spreads all 128 bits of the UUID over the number, so that cutting it down keeps a share of every bit. Each step is
 * reversible, so two different UUIDs never meet here; only the cut can make them meet.
 */
function mix128(value: bigint): bigint {
  let x = ((value ^ (value >> 67n)) * ODD_A) & MASK_128;
  x = ((x ^ (x >> 59n)) * ODD_B) & MASK_128;
  return x ^ (x >> 64n);
}

/**
 * The id under which a venue knows one attempt to place one order. Deterministic, so that after a crash the order is
 * found by it instead of being sent again.
 *
 * 16 characters carry 82.7 bits of the order's UUID (the chance that any two of a thousand million orders meet is about
 * 1 in 10 million, and only a meeting inside one venue account would matter; that is a unique constraint). The last two
 * characters are the attempt, so attempts of one order never meet.
 */
export function clientOrderIdFor(orderId: OrderId, attempt: number): string {
  assert(Number.isInteger(attempt) && attempt >= 1 && attempt <= ATTEMPT_MAX, `attempt out of range: ${attempt}`);
  const uuid = BigInt(`0x${orderId.replaceAll("-", "")}`);
  const head = (mix128(uuid) % ORDER_SPACE).toString(36).padStart(ORDER_CHARACTERS, "0");
  return head + attempt.toString(36).padStart(ATTEMPT_CHARACTERS, "0");
}
