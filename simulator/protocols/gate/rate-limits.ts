const CALLERS_KEPT = 10_000;

/**
 * What a call counts against. `public`: per address and endpoint. `private` and `other`: per account and endpoint. `order`
 * (placing and amending): per account and market. `cancel`: per account.
 */
export type LimitClass = "public" | "private" | "other" | "order" | "cancel";

export type GateLimits = Readonly<Record<LimitClass, number>>;

/** The venue's published limits in 2026, per window. */
export const REAL_LIMITS: GateLimits = { public: 200, private: 200, other: 150, order: 10, cancel: 200 };

const NEVER_REACHED = 1_000_000_000;

/** For benchmarks and tests that are not about limits. */
export const NO_LIMITS: GateLimits = {
  public: NEVER_REACHED,
  private: NEVER_REACHED,
  other: NEVER_REACHED,
  order: NEVER_REACHED,
  cancel: NEVER_REACHED,
};

const WINDOW_MS: Readonly<Record<LimitClass, number>> = {
  public: 10_000,
  private: 10_000,
  other: 10_000,
  order: 1_000,
  cancel: 1_000,
};

export interface RateAnswer {
  readonly allowed: boolean;
  readonly headers: Readonly<Record<string, string>>;
}

/** Counts calls in fixed windows of the venue's clock. */
export class GateRateLimiter {
  readonly #limits: GateLimits;
  readonly #windows = new Map<string, { start: number; used: number }>();

  constructor(limits: GateLimits) {
    this.#limits = limits;
  }

  /** Takes one call; `what` is whatever the class counts by. A refused call counts no further. */
  take(limitClass: LimitClass, what: string, now: number): RateAnswer {
    const [limit, length] = [this.#limits[limitClass], WINDOW_MS[limitClass]];
    const window = this.#window(`${limitClass}|${what}`, Math.floor(now / length) * length);
    const allowed = window.used < limit;
    if (allowed) window.used += 1;
    const resetAt = allowed ? now : window.start + length;
    return {
      allowed,
      headers: {
        "X-Gate-RateLimit-Requests-Remain": String(limit - window.used),
        "X-Gate-RateLimit-Limit": String(limit),
        // In seconds, and never before the window's real end.
        "X-Gate-RateLimit-Reset-Timestamp": String(allowed ? Math.floor(resetAt / 1000) : Math.ceil(resetAt / 1000)),
      },
    };
  }

  #window(name: string, start: number): { start: number; used: number } {
    const window = this.#windows.get(name);
    if (window !== undefined) {
      if (window.start !== start) Object.assign(window, { start, used: 0 });
      return window;
    }
    // Bounded: a flood of invented callers must not grow the simulator without end.
    if (this.#windows.size >= CALLERS_KEPT) this.#windows.clear();
    const fresh = { start, used: 0 };
    this.#windows.set(name, fresh);
    return fresh;
  }
}
