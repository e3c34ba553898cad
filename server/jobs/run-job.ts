import type { Database } from "#server/data/database.ts";
import type { Tx } from "#server/data/tx.ts";
import { enterLane, type LaneEntry, type LaneTerms, type NextWork } from "./enter-lane.ts";
import { finishJob, finishWith, parkJob, repeatJob, retryJob } from "./finish.ts";
import { type ClaimedJob, LaneLost, LeaseLost } from "./job.ts";

/** Thrown by a handler: retrying cannot help, a person must look. */
export class ParkJob extends Error {
  override readonly name = "ParkJob";
}

export interface JobContext {
  readonly workerId: string;
  /** Aborts when the job or its lane is lost, and when the worker gives up waiting at shutdown. */
  readonly signal: AbortSignal;
  /** Ends the job inside the handler's last transaction; answer `FINISHED` once that has committed. */
  finish(tx: Tx): void;
  /** Lets the job go on for a venue account; return what this answers, once its transaction has committed. Throws `LeaseLost`. */
  enterLane(tx: Tx, next: NextWork): Promise<LaneEntry>;
}

/** The job ended in the handler's own transaction. */
export const FINISHED = { isFinished: true } as const;

/**
 * Nothing: done. `repeatAfterMs`: not finished, look again then; that is no failure and uses up no attempt. A lane: the job is another one
 * by now, and goes on in that lane.
 */
export type JobOutcome = undefined | typeof FINISHED | { readonly repeatAfterMs: number } | LaneStart;

/** What the handler began for the lane in its transaction goes on with `proceed`; whoever has the job after a crash begins with its kind. */
export interface LaneStart extends LaneEntry {
  readonly proceed?: Proceed;
}
type Proceed = (context: JobContext) => Promise<JobOutcome>;

export type JobHandler = (job: ClaimedJob, context: JobContext) => Promise<JobOutcome | void>;

export interface RunOptions extends LaneTerms {
  readonly database: Database;
  readonly workerId: string;
  readonly handlers: Readonly<Record<string, JobHandler>>;
  /** Puts the job under this worker's leases, in place of what it was before; answers the signal of its loss. */
  readonly keep: (job: ClaimedJob) => AbortSignal;
  /** Told about failures that a person may want to see, after the job has been put back or parked. */
  readonly onFailure: (job: ClaimedJob, error: unknown, outcome: "retried" | "parked") => void;
}

/**
 * Runs one claimed job to whatever end it has, also through the lane that it enters on its way; answers in how many milliseconds it wants
 * to be repeated, if it does. Lost leases end quietly: another worker has the job then. Throws only database errors.
 */
export async function runJob(job: ClaimedJob, options: RunOptions): Promise<number | undefined> {
  let next: Next = await runOnce(job, undefined, options);
  while (next.kind === "on") next = await runOnce(next.job, next.proceed, options);
  return next.kind === "again" ? next.afterMs : undefined;
}

type Next =
  | { readonly kind: "over" }
  | { readonly kind: "again"; readonly afterMs: number }
  | { readonly kind: "on"; readonly job: ClaimedJob; readonly proceed: Proceed | undefined };
const OVER: Next = { kind: "over" };

async function runOnce(job: ClaimedJob, proceed: Proceed | undefined, options: RunOptions): Promise<Next> {
  const { database, workerId, onFailure } = options;
  const held = { ...job, workerId };
  const tx = database.autocommit;
  try {
    const attempt = await attemptJob(job, proceed, options);
    if (attempt.kind === "failed") {
      const parks = attempt.error instanceof ParkJob;
      const reason = describe(attempt.error);
      if (parks) await parkJob(tx, held, reason);
      onFailure(job, attempt.error, parks ? "parked" : await retryJob(tx, held, reason));
      return OVER;
    }
    const { outcome } = attempt;
    if (outcome !== undefined && "lane" in outcome) {
      const { token, lane, kind, priority } = outcome;
      if (token === null) return OVER;
      return { kind: "on", job: { ...job, kind, lane, priority, laneToken: token }, proceed: outcome.proceed };
    }
    if (outcome !== undefined && "repeatAfterMs" in outcome) {
      await repeatJob(tx, held, outcome.repeatAfterMs);
      return { kind: "again", afterMs: outcome.repeatAfterMs };
    }
    if (outcome === undefined) await finishJob(tx, held);
  } catch (error) {
    if (!(error instanceof LeaseLost)) throw error;
  }
  return OVER;
}

type Attempt = { readonly kind: "failed"; readonly error: unknown } | { readonly kind: "ended"; readonly outcome: JobOutcome };

async function attemptJob(job: ClaimedJob, proceed: Proceed | undefined, options: RunOptions): Promise<Attempt> {
  const { workerId, handlers, keep, leaseMs, laneRunningMax } = options;
  const held = { ...job, workerId };
  try {
    const handler = handlers[job.kind];
    if (handler === undefined) throw new Error(`nobody here can do ${job.kind}`);
    const context: JobContext = {
      workerId,
      signal: keep(job),
      finish: (own) => finishWith(own, held),
      enterLane: (own, next) => enterLane(own, held, next, { leaseMs, laneRunningMax }),
    };
    const outcome = await (proceed === undefined ? handler(job, context) : proceed(context));
    return { kind: "ended", outcome: outcome ?? undefined };
  } catch (error) {
    if (error instanceof LeaseLost) throw error;
    // The lane went to another worker, which will want the job: back into the queue for it, at once and without blame.
    if (error instanceof LaneLost) return { kind: "ended", outcome: { repeatAfterMs: 0 } };
    return { kind: "failed", error };
  }
}

/** Names and messages only: a stack or a cause may hold what must not be stored. */
function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : "a handler threw something that is no error";
}
