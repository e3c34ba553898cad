import { KrakenRefusal } from "#simulator/protocols/kraken/errors.ts";

export interface CounterLimit {
  readonly max: number; // points
  readonly decayPerSecond: number; // points
}

export interface KrakenLimits {
  /** Per key: every private call adds 1, histories and ledgers add 2, orders and cancels add nothing. */
  readonly calls: CounterLimit;
  /** Per account and pair: an order adds 1, a change or cancel adds more the younger its order is. */
  readonly orders: CounterLimit;
}

/**
 * Kraken's documented ceilings for its highest tier (20 points for calls, 180 for orders). The decay is a little quicker than
 * its 1 and 3.75 per second, so that a client which keeps to one request per second, with one order in each, never meets a limit.
 */
export const DEFAULT_LIMITS: KrakenLimits = {
  calls: { max: 20, decayPerSecond: 2 },
  orders: { max: 180, decayPerSecond: 9 },
};

export const NO_LIMITS: KrakenLimits = {
  calls: { max: Number.POSITIVE_INFINITY, decayPerSecond: 1 },
  orders: { max: Number.POSITIVE_INFINITY, decayPerSecond: 1 },
};

/** Points for cancelling an order of this age; changing one costs a little less. */
export function cancelPoints(ageMs: number): number {
  if (ageMs < 5_000) return 8;
  if (ageMs < 10_000) return 6;
  if (ageMs < 15_000) return 5;
  if (ageMs < 45_000) return 4;
  if (ageMs < 90_000) return 2;
  return ageMs < 300_000 ? 1 : 0;
}

export function amendPoints(ageMs: number): number {
  if (ageMs < 5_000) return 4;
  if (ageMs < 10_000) return 3;
  return ageMs < 15_000 ? 2 : 1;
}

/** A counter per name that rises with use and falls with time. */
export class DecayingCounters {
  readonly #limit: CounterLimit;
  readonly #code: string;
  readonly #monotonicMs: () => number;
  readonly #counters = new Map<string, { points: number; at: number }>();

  constructor(limit: CounterLimit, code: string, monotonicMs: () => number) {
    this.#limit = limit;
    this.#code = code;
    this.#monotonicMs = monotonicMs;
  }

  value(name: string): number {
    const counter = this.#counters.get(name);
    if (counter === undefined) return 0;
    const elapsedMs = this.#monotonicMs() - counter.at;
    return Math.max(0, counter.points - (elapsedMs / 1000) * this.#limit.decayPerSecond);
  }

  /** Adds the points, or refuses without adding if they do not fit. */
  add(name: string, points: number): void {
    const next = this.value(name) + points;
    if (points > 0 && next > this.#limit.max) throw new KrakenRefusal(this.#code);
    this.#counters.set(name, { points: next, at: this.#monotonicMs() });
  }

  /** Adds the points without a check: cancelling always works, it only makes the next order wait. */
  charge(name: string, points: number): void {
    this.#counters.set(name, { points: this.value(name) + points, at: this.#monotonicMs() });
  }
}
