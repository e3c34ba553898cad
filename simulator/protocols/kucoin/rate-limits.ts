const WINDOW_MS = 30_000;
const CALLERS_KEPT = 10_000;

/** The venue's resource pools: public ones are counted per address, all others per user. */
export type Pool = "public" | "spot" | "management";

/** Weight per 30 seconds. */
export type KucoinLimits = Readonly<Record<Pool, number>>;

/** What the venue publishes for its lowest level, VIP0. */
export const REAL_LIMITS: KucoinLimits = { public: 2_000, spot: 4_000, management: 2_000 };

export interface PoolUsage {
  readonly limit: number;
  readonly remaining: number;
  readonly resetMs: number;
}

export class KucoinRateLimited extends Error {
  readonly usage: PoolUsage;

  constructor(usage: PoolUsage) {
    super("rate limited");
    this.usage = usage;
  }
}

export function usageHeaders({ limit, remaining, resetMs }: PoolUsage): Record<string, string> {
  return {
    "gw-ratelimit-limit": String(limit),
    "gw-ratelimit-remaining": String(remaining),
    "gw-ratelimit-reset": String(resetMs),
  };
}

export function refusedHeaders(resetMs: number, limit = REAL_LIMITS.spot): Record<string, string> {
  return usageHeaders({ limit, remaining: 0, resetMs });
}

/** Counts weight in windows of 30 seconds that begin with a caller's first request, by the venue's clock. */
export class KucoinRateLimiter {
  readonly #limits: KucoinLimits;
  readonly #windows = new Map<string, { start: number; used: number }>();

  constructor(limits: KucoinLimits) {
    this.#limits = limits;
  }

  /** Takes the weight and answers what is left. Throws KucoinRateLimited, with nothing taken, when it does not fit. */
  take(pool: Pool, caller: string, weight: number, now: number): PoolUsage {
    const limit = this.#limits[pool];
    const name = `${pool}:${caller}`;
    let window = this.#windows.get(name);
    // A clock that jumped back (a fault) must not leave a window open for as long.
    if (window === undefined || now >= window.start + WINDOW_MS || now < window.start) {
      // Bounded: a flood of invented callers must not grow the simulator without end.
      if (this.#windows.size >= CALLERS_KEPT) this.#windows.clear();
      window = { start: now, used: 0 };
      this.#windows.set(name, window);
    }
    const resetMs = window.start + WINDOW_MS - now;
    if (window.used + weight > limit) throw new KucoinRateLimited({ limit, remaining: 0, resetMs });
    window.used += weight;
    return { limit, remaining: limit - window.used, resetMs };
  }
}
