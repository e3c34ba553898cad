import type { VenueId } from "#server/domain/venue.ts";

/** Venues that cancel by themselves what is open when they do not hear from us, by a countdown that any key may start. */
export const DEAD_MAN_VENUES: readonly VenueId[] = ["kraken", "okx", "kucoin", "gate"];

/**
 * What an owner may choose. Less than 30 s would fire while another worker takes over from a crashed one; more than 120 s is more
 * than okx takes.
 */
export const DEAD_MAN_SECONDS = [30, 60, 120] as const;
export type DeadManSeconds = (typeof DEAD_MAN_SECONDS)[number];

export interface DeadManFacts {
  /** Null: the owner does not want it. */
  readonly seconds: number | null;
  /** From then on the venue may have fired; null: it does not count. */
  readonly armedUntil: Date | null;
  /** Orders at the account that open a position and may rest. */
  readonly entries: number;
  /** Orders at the account that close one, whatever their kind. */
  readonly exits: number;
}

/** `keep`: the venue counts, and long enough. `rest`: it does not count, and should not. */
export type DeadManStep = "arm" | "keep" | "disarm" | "rest";

/** A countdown is begun anew once a quarter of it is over, so that three more tries fit in before it ends. */
const RENEW_AFTER = 0.25;

/** The switch would cancel exits too, and a position without its exit is worse than a forgotten entry. */
export function isHeldBack({ seconds, entries, exits }: DeadManFacts): boolean {
  return seconds !== null && entries > 0 && exits > 0;
}

/** What to do about an account's switch now. The venue cancels ALL that is open, so it counts only while entries alone rest there. */
export function deadManStep(facts: DeadManFacts, now: Date): DeadManStep {
  const { seconds, armedUntil, entries, exits } = facts;
  if (seconds === null || entries === 0 || exits > 0) return armedUntil === null ? "rest" : "disarm";
  if (armedUntil === null) return "arm";
  const leftMs = armedUntil.getTime() - now.getTime();
  // More than all of it is left only of a longer countdown than is wanted now.
  const isDue = leftMs <= seconds * 1000 * (1 - RENEW_AFTER) || leftMs > seconds * 1000;
  return isDue ? "arm" : "keep";
}

/** Nobody renewed it in time: the venue has fired, or does at any moment. */
export function hasLapsed({ armedUntil }: Pick<DeadManFacts, "armedUntil">, now: Date): boolean {
  return armedUntil !== null && armedUntil <= now;
}
