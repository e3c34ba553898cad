import { setTimeout as sleep } from "node:timers/promises";

/** Asks until the answer is true; false when the time is over. */
export async function waitUntil(probe: () => Promise<boolean>, timeoutMs: number, everyMs = 200): Promise<boolean> {
  for (const deadline = Date.now() + timeoutMs; ; await sleep(everyMs)) {
    if (await probe()) return true;
    if (Date.now() > deadline) return false;
  }
}
