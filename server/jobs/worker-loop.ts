import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { Database } from "#server/data/database.ts";
import type { HeldLane } from "./assert-lane.ts";
import { claimJobs } from "./claim.ts";
import { holdLane, releaseLane } from "./hold-lane.ts";
import { type ClaimedJob, JOBS_CHANNEL } from "./job.ts";
import { createLeaseKeeper } from "./lease-keeper.ts";
import { reapJobs } from "./reap.ts";
import { registerWorker } from "./register-worker.ts";
import { releaseWorker } from "./release-worker.ts";
import { type JobHandler, runJob } from "./run-job.ts";
import { fireDueSchedules } from "./schedules.ts";

export interface WorkerLoopOptions {
  /** Of the role nija_worker. Needs a few connections beyond `concurrency`, so that heartbeats never wait behind handlers. */
  readonly database: Database;
  /** A UUID that is new with every start. */
  readonly workerId: string;
  readonly handlers: Readonly<Record<string, JobHandler>>;
  /** Jobs at once, default 32. */
  readonly concurrency?: number;
  /** Jobs of one lane at once, default 8. */
  readonly laneRunningMax?: number;
  /** A crashed worker's work is taken over after this plus one poll; default 6 s. */
  readonly leaseMs?: number;
  /** Default a third of the lease. */
  readonly heartbeatMs?: number;
  /** How long new work can stay unseen when a notification is lost; default 1 s. */
  readonly pollMs?: number;
  readonly onFailure?: (job: ClaimedJob, error: unknown, outcome: "retried" | "parked") => void;
  /** The database could not be reached, or refused: the loop goes on by itself. */
  readonly onError?: (error: unknown) => void;
}

/** A lane held without a job, until `release` or until `signal` aborts. */
export interface LaneHold extends HeldLane {
  readonly signal: AbortSignal;
  release(): Promise<void>;
}

export interface WorkerLoop {
  start(): Promise<void>;
  /** Null: another worker has it now; ask again later. */
  holdLane(venueAccountId: string): Promise<LaneHold | null>;
  /** Takes nothing new, waits up to `drainMs` for what runs, aborts the rest, and frees everything for other workers. */
  stop(drainMs?: number): Promise<void>;
}

const DRAIN_MS = 10_000;
const ABORT_GRACE_MS = 1_000;

export function createWorkerLoop(options: WorkerLoopOptions): WorkerLoop {
  const { database, workerId, handlers } = options;
  const { concurrency = 32, laneRunningMax = 8, leaseMs = 6_000, pollMs = 1_000 } = options;
  const onError = options.onError ?? (() => undefined);
  const keeper = createLeaseKeeper({ database, workerId, leaseMs, onError });
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();
  const bell = createBell();
  let loops: Promise<unknown> = Promise.resolve();
  let stopListening: () => void = () => undefined;

  function launch(job: ClaimedJob, claimedAtMs: number): void {
    const handler = handlers[job.kind];
    if (handler === undefined) return;
    const signal = keeper.addJob(job, claimedAtMs);
    const run = runJob(job, { database, workerId, signal, handler, onFailure: options.onFailure ?? (() => undefined) })
      .catch(onError)
      .finally(() => {
        keeper.removeJob(job.id);
        running.delete(run);
        bell.ring();
      });
    running.add(run);
  }

  async function claimLoop(): Promise<void> {
    const kinds = Object.keys(handlers);
    while (!stopping.signal.aborted) {
      const jobsMax = concurrency - running.size;
      let claimed = 0;
      if (jobsMax > 0) {
        const claimedAtMs = performance.now();
        try {
          const jobs = await claimJobs(database.autocommit, { workerId, kinds, jobsMax, leaseMs, laneRunningMax });
          claimed = jobs.length;
          for (const job of jobs) launch(job, claimedAtMs);
        } catch (error) {
          onError(error);
        }
      }
      if (claimed === 0) await bell.wait(pollMs);
    }
  }

  async function every(ms: number, work: () => Promise<unknown>): Promise<void> {
    while (!stopping.signal.aborted) {
      await work().catch(onError);
      await sleep(ms, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  // Not in `loops`: jobs that drain still need their leases.
  async function heartbeatLoop(isOver: AbortSignal): Promise<void> {
    while (!isOver.aborted) {
      await sleep(options.heartbeatMs ?? leaseMs / 3, undefined, { signal: isOver }).catch(() => undefined);
      await keeper.beat();
    }
  }
  const drained = new AbortController();
  let beating: Promise<void> = Promise.resolve();

  return {
    async start() {
      await registerWorker(database.autocommit, workerId, hostname(), process.pid);
      stopListening = await database.listen(JOBS_CHANNEL, bell.ring);
      beating = heartbeatLoop(drained.signal);
      loops = Promise.all([
        claimLoop(),
        every(pollMs, () => reapJobs(database.autocommit)),
        every(pollMs, () => fireDueSchedules(database)),
      ]);
    },

    async holdLane(venueAccountId) {
      const takenAtMs = performance.now();
      const lane = await holdLane(database.autocommit, venueAccountId, workerId, leaseMs);
      if (lane === null) return null;
      const signal = keeper.addLane(lane, takenAtMs);
      const release = async (): Promise<void> => {
        keeper.removeLane(venueAccountId);
        await releaseLane(database.autocommit, lane);
        bell.ring();
      };
      return { ...lane, signal, release };
    },

    async stop(drainMs = DRAIN_MS) {
      stopping.abort();
      stopListening();
      bell.ring();
      await loops;
      const everyJob = (): Promise<unknown> => Promise.all(running);
      await Promise.race([everyJob(), sleep(drainMs, undefined, { ref: false })]);
      keeper.abortAll(new Error("the worker stops"));
      await Promise.race([everyJob(), sleep(ABORT_GRACE_MS, undefined, { ref: false })]);
      drained.abort();
      await beating;
      await releaseWorker(database.autocommit, workerId).catch(onError);
    },
  };
}

/** Wakes one waiter; a ring while nobody waits is remembered. */
function createBell(): { ring: () => void; wait(timeoutMs: number): Promise<void> } {
  let hasRung = false;
  let wake: () => void = () => undefined;
  return {
    ring() {
      hasRung = true;
      wake();
    },
    async wait(timeoutMs) {
      if (!hasRung) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, timeoutMs);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      hasRung = false;
    },
  };
}
