/**
 * A circuit breaker, as a pure machine over what is stored. CLOSED lets everything through. It opens when the latest calls failed, rests,
 * and is half-open from then on: one entry at a time goes out as a probe. The probe's success closes it, its failure opens it for
 * longer. Exits and cancels never ask it.
 */
export interface Breaker {
  readonly state: "CLOSED" | "OPEN";
  /** How often in a row it has opened; 0 while closed. */
  readonly opens: number;
  /** Null while closed. Half-open from then on. */
  readonly restUntil: Date | null;
  readonly probe: Probe | null;
  /** When it last closed: calls before that count no more. Null: never opened. */
  readonly closedAt: Date | null;
}

/** The entry that is out to see whether things work again. A lost one frees its place at `until`. */
export interface Probe {
  readonly orderId: string;
  readonly until: Date;
}

export type BreakerPhase = "CLOSED" | "OPEN" | "HALF_OPEN";

/** What became of a call, for one breaker. `NEUTRAL` says nothing about it, and only gives a probe's place back. */
export interface CallSeen {
  readonly evidence: "SUCCESS" | "FAILURE" | "NEUTRAL";
  readonly orderId: string;
  readonly startedAt: Date;
}

/** The latest calls that count, newest first; true is a success. */
export type RecentCalls = readonly boolean[];

export const NEW_BREAKER: Breaker = { state: "CLOSED", opens: 0, restUntil: null, probe: null, closedAt: null };

export const FAILURES_IN_A_ROW = 5;
export const WINDOW_CALLS = 20;
const REST_MS_MIN = 30_000;
const REST_MS_MAX = 10 * 60_000;
/** Longer than a call with its resync and look-up may take; after a crash nobody gives the place back. */
const PROBE_MS_MAX = 60_000;

/** True for five failures in a row, or when at least half of the last twenty calls failed. */
export function isFailing(recent: RecentCalls): boolean {
  const window = recent.slice(0, WINDOW_CALLS);
  if (window.length >= FAILURES_IN_A_ROW && !window.slice(0, FAILURES_IN_A_ROW).includes(true)) return true;
  return window.filter((isSuccess) => !isSuccess).length * 2 >= WINDOW_CALLS;
}

/** A call at a venue, and whose it was. */
export interface VenueCall {
  readonly ok: boolean;
  readonly account: string;
}

/**
 * The calls that say something about a venue, newest first. While only one account fails and others get through, its failures are its own
 * trouble and its own breaker's: one tenant must not rest a venue for everybody.
 */
export function venueEvidence(calls: readonly VenueCall[]): RecentCalls {
  const window = calls.slice(0, WINDOW_CALLS);
  const failing = new Set(window.filter(({ ok }) => !ok).map(({ account }) => account));
  const getsThrough = window.some(({ ok, account }) => ok && !failing.has(account));
  const counted = failing.size === 1 && getsThrough ? window.filter(({ account }) => !failing.has(account)) : window;
  return counted.map(({ ok }) => ok);
}

/** How long it rests at its n-th opening in a row, in ms: doubles from 30 s to 10 minutes. */
export function restMs(opens: number): number {
  return Math.min(REST_MS_MIN * 2 ** Math.min(opens - 1, 16), REST_MS_MAX);
}

export function breakerPhase({ state, restUntil }: Breaker, now: Date): BreakerPhase {
  if (state === "CLOSED" || restUntil === null) return "CLOSED";
  return now < restUntil ? "OPEN" : "HALF_OPEN";
}

/** May an entry go this way now? Half-open, only while no probe is out. */
export function admitsEntry(breaker: Breaker, now: Date): boolean {
  const phase = breakerPhase(breaker, now);
  return phase === "CLOSED" || (phase === "HALF_OPEN" && !isProbing(breaker, now));
}

/** The breaker with this entry as its probe; unchanged when closed. Null: the entry must not go out. */
export function takeProbe(breaker: Breaker, orderId: string, now: Date): Breaker | null {
  if (!admitsEntry(breaker, now)) return null;
  if (breaker.state === "CLOSED") return breaker;
  return { ...breaker, probe: { orderId, until: new Date(now.getTime() + PROBE_MS_MAX) } };
}

/**
 * The breaker after a call, and the same object when nothing changes. Half-open, only the probe's failure counts: a cancel that fails again
 * and again for one account's reasons must not keep everybody's probe away. Any success of a call that began after the rest closes it.
 */
export function afterCall(breaker: Breaker, call: CallSeen, recent: RecentCalls, now: Date): Breaker {
  if (breaker.state === "CLOSED") {
    return call.evidence === "FAILURE" && isFailing(recent) ? opened(breaker, now) : breaker;
  }
  const isProbe = breaker.probe?.orderId === call.orderId;
  if (call.evidence === "SUCCESS" && (isProbe || isAfterRest(breaker, call, now))) return closed(now);
  if (!isProbe) return breaker;
  return call.evidence === "FAILURE" ? opened(breaker, now) : { ...breaker, probe: null };
}

/** Whether `afterCall` might change anything, so that nobody locks a breaker that everybody shares for nothing. */
export function concerns(breaker: Breaker, call: CallSeen, recent: RecentCalls, now: Date): boolean {
  return afterCall(breaker, call, recent, now) !== breaker;
}

function isProbing({ probe }: Breaker, now: Date): boolean {
  return probe !== null && now < probe.until;
}

function isAfterRest(breaker: Breaker, { startedAt }: CallSeen, now: Date): boolean {
  return breakerPhase(breaker, now) === "HALF_OPEN" && breaker.restUntil !== null && startedAt >= breaker.restUntil;
}

function opened({ opens, closedAt }: Breaker, now: Date): Breaker {
  const restUntil = new Date(now.getTime() + restMs(opens + 1));
  return { state: "OPEN", opens: opens + 1, restUntil, probe: null, closedAt };
}

function closed(now: Date): Breaker {
  return { ...NEW_BREAKER, closedAt: now };
}
