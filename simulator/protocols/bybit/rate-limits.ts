const SECOND_MS = 1_000;
const ADDRESS_WINDOW_MS = 5_000;
const BAN_MS = 600_000;
const CALLERS_KEPT = 10_000;

export interface BybitLimits {
  /** Requests of one address within any five seconds. */
  readonly addressPerFiveSeconds: number;
  /** Calls of one account to one endpoint within any second; null takes the published figure of each endpoint. */
  readonly accountPerSecond: number | null;
}

/** The venue's published limits in 2026. */
export const REAL_LIMITS: BybitLimits = { addressPerFiveSeconds: 600, accountPerSecond: null };

export interface RateAnswer {
  readonly allowed: boolean;
  readonly headers: Readonly<Record<string, string>>;
}

/** Counts in rolling windows of the venue's clock: addresses over everything, accounts per endpoint. */
export class BybitRateLimiter {
  readonly #limits: BybitLimits;
  readonly #addresses = new Map<string, number[]>();
  readonly #accounts = new Map<string, number[]>();
  readonly #bannedUntil = new Map<string, number>();

  constructor(limits: BybitLimits) {
    this.#limits = limits;
  }

  /** False when the address has sent too much. It is then shut out for ten minutes. */
  takeAddress(address: string, now: number): boolean {
    const until = this.#bannedUntil.get(address);
    if (until !== undefined && now < until) return false;
    this.#bannedUntil.delete(address);
    const times = recent(this.#addresses, address, now - ADDRESS_WINDOW_MS);
    if (times.length >= this.#limits.addressPerFiveSeconds) {
      if (this.#bannedUntil.size >= CALLERS_KEPT) this.#bannedUntil.clear();
      this.#bannedUntil.set(address, now + BAN_MS);
      return false;
    }
    times.push(now);
    return true;
  }

  /** Takes `calls` from the account's allowance at an endpoint, all or none; the headers say what is left. */
  takeAccount(accountId: string, endpoint: string, published: number, calls: number, now: number): RateAnswer {
    const limit = this.#limits.accountPerSecond ?? published;
    const times = recent(this.#accounts, `${accountId} ${endpoint}`, now - SECOND_MS);
    const allowed = times.length + calls <= limit;
    const first = times[0];
    if (allowed) for (let call = 0; call < calls; call += 1) times.push(now);
    const resetAt = allowed || first === undefined ? now : first + SECOND_MS;
    return { allowed, headers: limitHeaders(limit, Math.max(0, limit - times.length), resetAt) };
  }
}

/** `X-Bapi-Limit-Reset-Timestamp` names the time at which the next call is allowed, or the present. */
export function limitHeaders(limit: number, left: number, resetAt: number): Record<string, string> {
  return {
    "X-Bapi-Limit": String(limit),
    "X-Bapi-Limit-Status": String(left),
    "X-Bapi-Limit-Reset-Timestamp": String(Math.ceil(resetAt)),
  };
}

function recent(calls: Map<string, number[]>, name: string, after: number): number[] {
  const times = calls.get(name);
  if (times === undefined) {
    // Bounded: a flood of invented keys must not grow the simulator without end.
    if (calls.size >= CALLERS_KEPT) calls.clear();
    const fresh: number[] = [];
    calls.set(name, fresh);
    return fresh;
  }
  const old = times.findIndex((at) => at > after);
  times.splice(0, old < 0 ? times.length : old);
  return times;
}
