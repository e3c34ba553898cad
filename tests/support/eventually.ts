import { setTimeout as sleep } from "node:timers/promises";

/**
 * Waits until `probe` answers something other than undefined, null or false, and returns that answer.
 * A probe that throws counts as "not yet"; its last error is the cause when the time is over.
 * The limit is generous on purpose: it bounds a hang and never asserts a speed.
 */
export async function eventually<T>(
  probe: () => Promise<T> | T,
  {
    timeoutMs = 30_000,
    intervalMs = 10,
    what = "the condition",
  }: { timeoutMs?: number; intervalMs?: number; what?: string } = {},
): Promise<Exclude<T, undefined | null | false>> {
  const deadline = Date.now() + timeoutMs;
  let lastError: unknown;
  for (;;) {
    try {
      const answer = await probe();
      if (answer !== undefined && answer !== null && answer !== false) return answer as Exclude<T, undefined | null | false>;
    } catch (error) {
      lastError = error;
    }
    if (Date.now() > deadline) throw new Error(`${what} did not hold within ${timeoutMs} ms`, { cause: lastError });
    await sleep(intervalMs);
  }
}
