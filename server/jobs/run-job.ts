import type { Database } from "#server/data/database.ts";
import type { Tx } from "#server/data/tx.ts";
import { finishJob, parkJob, repeatJob, retryJob } from "./finish.ts";
import { type ClaimedJob, LaneLost, LeaseLost } from "./job.ts";

/** Thrown by a handler: retrying cannot help, a person must look. */
export class ParkJob extends Error {
  override readonly name = "ParkJob";
}

export interface JobContext {
  readonly workerId: string;
  /** Aborts when the job or its lane is lost, and when the worker gives up waiting at shutdown. */
  readonly signal: AbortSignal;
  /** Ends the job inside the handler's own transaction, so that its effect and its end are one. Throws `LeaseLost`. */
  finish(tx: Tx): Promise<void>;
}

/** Nothing: done. `repeatAfterMs`: not finished, look again then; that is no failure and uses up no attempt. */
export type JobOutcome = undefined | { readonly repeatAfterMs: number };

export type JobHandler = (job: ClaimedJob, context: JobContext) => Promise<JobOutcome | void>;

export interface RunOptions {
  readonly database: Database;
  readonly workerId: string;
  readonly signal: AbortSignal;
  readonly handler: JobHandler;
  /** Told about failures that a person may want to see, after the job has been put back or parked. */
  readonly onFailure: (job: ClaimedJob, error: unknown, outcome: "retried" | "parked") => void;
}

/**
 * Runs one claimed job to whatever end it has; answers in how many milliseconds it wants to be repeated, if it does. Lost leases end
 * quietly: another worker has the job then. Throws only database errors.
 */
export async function runJob(
  job: ClaimedJob,
  { database, workerId, signal, handler, onFailure }: RunOptions,
): Promise<number | undefined> {
  const held = { ...job, workerId };
  const tx = database.autocommit;
  let isFinished = false;
  try {
    const outcome = await attempt();
    if (outcome.kind === "failed") {
      const parks = outcome.error instanceof ParkJob;
      const reason = describe(outcome.error);
      if (parks) await parkJob(tx, held, reason);
      onFailure(job, outcome.error, parks ? "parked" : await retryJob(tx, held, reason));
    } else if (outcome.repeatAfterMs !== undefined) {
      await repeatJob(tx, held, outcome.repeatAfterMs);
      return outcome.repeatAfterMs;
    } else if (!isFinished) await finishJob(tx, held);
  } catch (error) {
    if (!(error instanceof LeaseLost)) throw error;
  }
  return undefined;

  async function attempt(): Promise<{ kind: "failed"; error: unknown } | { kind: "ended"; repeatAfterMs?: number }> {
    try {
      const result = await handler(job, {
        workerId,
        signal,
        async finish(own) {
          await finishJob(own, held);
          isFinished = true;
        },
      });
      return { kind: "ended", ...result };
    } catch (error) {
      if (error instanceof LeaseLost) throw error;
      // The lane went to another worker, which will want the job: back into the queue for it, at once and without blame.
      if (error instanceof LaneLost) return { kind: "ended", repeatAfterMs: 0 };
      return { kind: "failed", error };
    }
  }
}

/** Names and messages only: a stack or a cause may hold what must not be stored. */
function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : "a handler threw something that is no error";
}
