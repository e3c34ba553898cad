import { createHash } from "node:crypto";
import type { VenueId } from "#server/domain/venue.ts";
import { type Budget, Limiter, Turnstile } from "#server/execution/executors/ccxt/limiter.ts";

/** What one call costs at the venue, in that venue's own weights. */
export interface CallWeight {
  readonly ip: number;
  readonly key: number;
}

export interface VenueBudgets {
  readonly ip: Budget;
  readonly key: Budget;
}

/** What all connections with one API key share in this process. */
export class KeyState {
  readonly limiter: Limiter;
  readonly turnstile = new Turnstile();
  #lastNonce = 0;

  constructor(budget: Budget) {
    this.limiter = new Limiter(budget);
  }

  /** INVARIANT: strictly rising per key, whatever the clock does and however many connections ask. */
  nextNonce(clockMs: number): number {
    this.#lastNonce = Math.max(this.#lastNonce + 1, Math.floor(clockMs));
    return this.#lastNonce;
  }

  /** Skips this many nonces, for when somebody else has used the key with a clock ahead of ours. */
  leap(nonces: number): void {
    this.#lastNonce = Math.max(this.#lastNonce, Date.now()) + nonces;
  }
}

interface Pause {
  readonly key: KeyState | null;
  readonly until: Date;
}

/** One venue as reached from this process's address: the IP's budget, and who has been told to pause. */
export class VenueLimits {
  readonly ip: Limiter;
  readonly #budgets: VenueBudgets;
  readonly #keys = new Map<string, KeyState>();
  #lastPause: Pause | null = null;

  constructor(budgets: VenueBudgets) {
    this.#budgets = budgets;
    this.ip = new Limiter(budgets.ip);
  }

  key(apiKey: string): KeyState {
    const name = createHash("sha256").update(apiKey).digest("base64");
    let state = this.#keys.get(name);
    if (state === undefined) {
      state = new KeyState(this.#budgets.key);
      this.#keys.set(name, state);
    }
    return state;
  }

  /**
   * Pauses whoever was told to. One key's limit must not stop other tenants, so the address is paused only when its own
   * public calls hear it, or (where the venue counts per address) a second key hears it during the first one's pause.
   */
  pause(key: KeyState | null, until: Date, countsPerAddress: boolean): void {
    const before = this.#lastPause;
    const secondKey = before !== null && before.key !== key && before.until.getTime() > Date.now();
    if (key === null || (countsPerAddress && secondKey)) this.ip.pause(until);
    key?.limiter.pause(until);
    this.#lastPause = { key, until };
  }
}

/** The limits of every venue for one process; a process makes one executor factory and so one of these. */
export class SharedLimits {
  readonly #venues = new Map<string, VenueLimits>();

  venue(venue: VenueId, mode: "PAPER" | "LIVE", budgets: VenueBudgets): VenueLimits {
    const name = `${mode}:${venue}`;
    let limits = this.#venues.get(name);
    if (limits === undefined) {
      limits = new VenueLimits(budgets);
      this.#venues.set(name, limits);
    }
    return limits;
  }
}
