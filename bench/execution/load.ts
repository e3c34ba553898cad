import { setTimeout as sleep } from "node:timers/promises";

/** The moment in ms since the epoch by this process's monotonic clock, finer than `Date.now()`. */
export const epochMs = (): number => performance.timeOrigin + performance.now();

/**
 * Open loop: starts `issue` at evenly spaced planned times, however long earlier ones take, and resolves when all have ended.
 * `issue` gets its planned time, so that a late start counts as latency.
 */
export async function openLoop(
  ratePerSecond: number,
  seconds: number,
  issue: (plannedMs: number) => Promise<void>,
): Promise<void> {
  const startMs = epochMs();
  const running: Promise<void>[] = [];
  const total = Math.round(ratePerSecond * seconds);
  for (let at = 0; at < total; at += 1) {
    const plannedMs = startMs + (at * 1_000) / ratePerSecond;
    const waitMs = plannedMs - epochMs();
    if (waitMs > 0) await sleep(waitMs);
    running.push(issue(plannedMs));
  }
  await Promise.all(running);
}

/** Closed loop: `width` callers, each of which starts again when its last one has ended; answers how many ended per second. */
export async function closedLoop(width: number, seconds: number, issue: () => Promise<void>): Promise<number> {
  const startMs = epochMs();
  const untilMs = startMs + seconds * 1_000;
  let ended = 0;
  const caller = async (): Promise<void> => {
    while (epochMs() < untilMs) {
      await issue();
      ended += 1;
    }
  };
  await Promise.all(Array.from({ length: width }, caller));
  return (ended * 1_000) / (epochMs() - startMs);
}
