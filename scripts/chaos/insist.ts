import { setTimeout as sleep } from "node:timers/promises";
import { DatabaseUnavailable } from "#server/data/errors.ts";

const TRY_FOR_MS = 60_000;
const TRY_EVERY_MS = 100;

export interface Insisted {
  /** How often the connection broke before the answer came. */
  lostConnections: number;
  /** Of those: it broke during COMMIT, so that nobody knew what had become of the request. */
  unknownCommits: number;
}

export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

/** What a caller of the product does when the database is away: asks the same thing again, with the same id, until it is told. */
export async function insist<T>(work: () => Promise<T>, count: Insisted): Promise<T> {
  for (const deadline = Date.now() + TRY_FOR_MS; ; await sleep(TRY_EVERY_MS)) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof DatabaseUnavailable) || Date.now() > deadline) throw error;
      count.lostConnections += 1;
      if (error.outcome === "unknown") count.unknownCommits += 1;
    }
  }
}
