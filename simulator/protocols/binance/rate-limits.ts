import { BinanceError } from "#simulator/protocols/binance/errors.ts";

const MINUTE_MS = 60_000;
const TEN_SECONDS_MS = 10_000;
const DAY_MS = 86_400_000;
const REFUSALS_BEFORE_BAN = 50;
const BAN_MS = 120_000;
const CALLERS_KEPT = 10_000;

export interface BinanceLimits {
  readonly weightPerMinute: number;
  readonly sapiWeightPerMinute: number;
  readonly ordersPerTenSeconds: number;
  readonly ordersPerDay: number;
}

/** The venue's published limits in 2026. */
export const REAL_LIMITS: BinanceLimits = {
  weightPerMinute: 6_000,
  sapiWeightPerMinute: 12_000,
  ordersPerTenSeconds: 100,
  ordersPerDay: 200_000,
};

export class BinanceRateLimited extends Error {
  readonly banned: boolean;
  readonly retryAfterSeconds: number;

  constructor(banned: boolean, retryAfterMs: number) {
    super("rate limited");
    this.banned = banned;
    this.retryAfterSeconds = Math.max(1, Math.ceil(retryAfterMs / 1_000));
  }
}

interface Window {
  start: number;
  used: number;
}

/** Counts weight per caller and unfilled orders per account in the venue's fixed windows (its own clock). */
export class BinanceRateLimiter {
  readonly #limits: BinanceLimits;
  readonly #windows = new Map<string, Window>();
  readonly #refusals = new Map<string, Window>();
  readonly #bannedUntil = new Map<string, number>();

  constructor(limits: BinanceLimits) {
    this.#limits = limits;
  }

  get limits(): BinanceLimits {
    return this.#limits;
  }

  /** Takes weight; answers what the caller has used this minute. Past the limit: 429, and 418 for those who do not stop. */
  takeWeight(caller: string, weight: number, now: number, family: "api" | "sapi"): number {
    const banned = this.#bannedUntil.get(caller);
    if (banned !== undefined) {
      if (now < banned) throw new BinanceRateLimited(true, banned - now);
      this.#bannedUntil.delete(caller);
    }
    const window = this.#window(this.#windows, `${family}:${caller}`, MINUTE_MS, now);
    const limit = family === "api" ? this.#limits.weightPerMinute : this.#limits.sapiWeightPerMinute;
    window.used += weight;
    if (window.used <= limit) return window.used;
    const refusals = this.#window(this.#refusals, caller, MINUTE_MS, now);
    refusals.used += 1;
    if (refusals.used > REFUSALS_BEFORE_BAN) {
      this.#bannedUntil.set(caller, now + BAN_MS);
      throw new BinanceRateLimited(true, BAN_MS);
    }
    throw new BinanceRateLimited(false, window.start + MINUTE_MS - now);
  }

  /** Throws -1015 when the account has too many unfilled orders; call before placing. */
  checkOrders(accountId: string, now: number): void {
    const { tenSeconds, day } = this.orderCounts(accountId, now);
    const { ordersPerTenSeconds, ordersPerDay } = this.#limits;
    if (tenSeconds >= ordersPerTenSeconds) throw tooManyOrders(ordersPerTenSeconds, "10 SECOND");
    if (day >= ordersPerDay) throw tooManyOrders(ordersPerDay, "1 DAY");
  }

  countOrder(accountId: string, now: number): void {
    this.#window(this.#windows, `10s:${accountId}`, TEN_SECONDS_MS, now).used += 1;
    this.#window(this.#windows, `1d:${accountId}`, DAY_MS, now).used += 1;
  }

  orderCounts(accountId: string, now: number): { readonly tenSeconds: number; readonly day: number } {
    return {
      tenSeconds: this.#window(this.#windows, `10s:${accountId}`, TEN_SECONDS_MS, now).used,
      day: this.#window(this.#windows, `1d:${accountId}`, DAY_MS, now).used,
    };
  }

  #window(windows: Map<string, Window>, name: string, lengthMs: number, now: number): Window {
    const start = Math.floor(now / lengthMs) * lengthMs;
    const window = windows.get(name);
    if (window !== undefined) {
      if (window.start !== start) Object.assign(window, { start, used: 0 });
      return window;
    }
    // Bounded: a flood of invented keys must not grow the simulator without end.
    if (windows.size >= CALLERS_KEPT) windows.clear();
    const fresh = { start, used: 0 };
    windows.set(name, fresh);
    return fresh;
  }
}

function tooManyOrders(limit: number, interval: string): BinanceError {
  return new BinanceError(429, -1015, `Too many new orders; current limit is ${limit} orders per ${interval}.`);
}
