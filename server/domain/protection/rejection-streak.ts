/** The same refusal of the same kind of order in one market, again and again. */
export interface RejectionStreak {
  readonly reason: string;
  /** How often in a row. */
  readonly count: number;
  /** Null while the kind is not held back. */
  readonly nextProbeAt: Date | null;
}

/** What the venue keeps saying, and when the next order of this kind may try. */
export interface HeldBack {
  readonly reason: string;
  readonly until: Date;
}

export const REJECTIONS_MAX = 3;
const ENTRY_PROBE_MS = 60_000;
/** An exit that waits costs more than a call that is refused; this only keeps a loop from spinning. */
const EXIT_PROBE_MS = 5_000;

function probeAfter(now: Date, isExit: boolean): Date {
  return new Date(now.getTime() + (isExit ? EXIT_PROBE_MS : ENTRY_PROBE_MS));
}

/** The streak after one more refusal. Another reason begins another streak. */
export function afterRejection(streak: RejectionStreak | null, reason: string, isExit: boolean, now: Date): RejectionStreak {
  const count = streak?.reason === reason ? streak.count + 1 : 1;
  return { reason, count, nextProbeAt: count >= REJECTIONS_MAX ? probeAfter(now, isExit) : null };
}

/** True at the very refusal that makes the kind held back: the moment to raise the alarm. */
export function beginsHolding(streak: RejectionStreak): boolean {
  return streak.count === REJECTIONS_MAX;
}

/** Is an order of this kind held back now? */
export function isHeldBack(streak: RejectionStreak | null, now: Date): boolean {
  return streak !== null && streak.nextProbeAt !== null && now < streak.nextProbeAt;
}

/**
 * The streak with this order as its probe, so that the next one has to wait; the same object when nothing is held back. Null: the order
 * must not be sent. Nothing here changes an order: it goes out as it was asked for, or not at all.
 */
export function takeStreakProbe(streak: RejectionStreak, isExit: boolean, now: Date): RejectionStreak | null {
  if (streak.nextProbeAt === null) return streak;
  return now < streak.nextProbeAt ? null : { ...streak, nextProbeAt: probeAfter(now, isExit) };
}
