const SECOND_MS = 1_000;
const CALLERS_KEPT = 10_000;

export interface CoinbaseLimits {
  readonly publicPerSecond: number;
  readonly privatePerSecond: number;
}

/** The venue's published limits in 2026: public per address, private per user. */
export const REAL_LIMITS: CoinbaseLimits = { publicPerSecond: 10, privatePerSecond: 30 };

export interface RateAnswer {
  readonly allowed: boolean;
  readonly headers: Readonly<Record<string, string>>;
}

/** Counts requests per caller in fixed seconds of the venue's clock. */
export class CoinbaseRateLimiter {
  readonly #limits: CoinbaseLimits;
  readonly #windows = new Map<string, { second: number; used: number }>();

  constructor(limits: CoinbaseLimits) {
    this.#limits = limits;
  }

  take(caller: string, scope: "public" | "private", now: number): RateAnswer {
    const limit = scope === "public" ? this.#limits.publicPerSecond : this.#limits.privatePerSecond;
    const second = Math.floor(now / SECOND_MS);
    const name = `${scope}:${caller}`;
    const known = this.#windows.get(name);
    if (known === undefined && this.#windows.size >= CALLERS_KEPT) this.#windows.clear();
    const window = known?.second === second ? known : { second, used: 0 };
    window.used += 1;
    this.#windows.set(name, window);
    return {
      allowed: window.used <= limit,
      headers: {
        "x-ratelimit-limit": String(limit),
        "x-ratelimit-remaining": String(Math.max(0, limit - window.used)),
        "x-ratelimit-reset": "1",
      },
    };
  }
}
