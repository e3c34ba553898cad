const MINUTE_MS = 60_000;
const CALLERS_KEPT = 10_000;

export interface AlpacaLimits {
  /** Calls of one account to the trading API. */
  readonly tradingPerMinute: number;
  /** Calls for market data, of one address that sends no key or of one account. */
  readonly dataPerMinute: number;
}

/** The venue's published limits in 2026, for the plan that costs nothing. */
export const REAL_LIMITS: AlpacaLimits = { tradingPerMinute: 200, dataPerMinute: 200 };

export interface RateAnswer {
  readonly allowed: boolean;
  readonly headers: Readonly<Record<string, string>>;
  /** Whole seconds until the minute ends. */
  readonly resetSeconds: number;
}

/** Counts requests per caller in whole minutes of the venue's clock. */
export class AlpacaRateLimiter {
  readonly #limits: AlpacaLimits;
  readonly #windows = new Map<string, { minute: number; used: number }>();

  constructor(limits: AlpacaLimits) {
    this.#limits = limits;
  }

  take(caller: string, scope: "trading" | "data", now: number): RateAnswer {
    const limit = scope === "trading" ? this.#limits.tradingPerMinute : this.#limits.dataPerMinute;
    const minute = Math.floor(now / MINUTE_MS);
    const name = `${scope}:${caller}`;
    const known = this.#windows.get(name);
    if (known === undefined && this.#windows.size >= CALLERS_KEPT) this.#windows.clear();
    const window = known?.minute === minute ? known : { minute, used: 0 };
    window.used += 1;
    this.#windows.set(name, window);
    const resetAt = (minute + 1) * MINUTE_MS;
    return {
      allowed: window.used <= limit,
      resetSeconds: Math.ceil((resetAt - now) / 1_000),
      headers: {
        "X-Ratelimit-Limit": String(limit),
        "X-Ratelimit-Remaining": String(Math.max(0, limit - window.used)),
        "X-Ratelimit-Reset": String(resetAt / 1_000),
      },
    };
  }
}
