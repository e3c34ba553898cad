import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { Database } from "#server/data/database.ts";
import type { HeldLane } from "./assert-lane.ts";
import { claimFreeJobs, claimJobs } from "./claim.ts";
import { holdLane, releaseLane } from "./hold-lane.ts";
import { type ClaimedJob, FREE_WORK, JOBS_CHANNEL } from "./job.ts";
import { JobPlaces } from "./job-places.ts";
import { createLeaseKeeper, type LeaseKeeper } from "./lease-keeper.ts";
import { reapJobs } from "./reap.ts";
import { registerWorker } from "./register-worker.ts";
import { releaseWorker } from "./release-worker.ts";
import { type JobHandler, runJob } from "./run-job.ts";
import { fireDueSchedules } from "./schedules.ts";

export interface WorkerLoopOptions {
  /** Of the role nija_worker. */
  readonly database: Database;
  /** A UUID that is new with every start. */
  readonly workerId: string;
  readonly handlers: Readonly<Record<string, JobHandler>>;
  /** Jobs at once, default 96: most of them wait for a venue, and those that write share transactions. */
  readonly concurrency?: number;
  /** Jobs of one lane at once, default 8. */
  readonly laneRunningMax?: number;
  /** Jobs of one workspace at once before jobs of others that need no lane are taken first; default as many as run at all. */
  readonly workspaceRunningMax?: number;
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

const DEFAULTS = {
  concurrency: 96,
  laneRunningMax: 8,
  leaseMs: 6_000,
  pollMs: 1_000,
  onFailure: () => undefined,
  onError: () => undefined,
} as const;
const DRAIN_MS = 10_000;
const ABORT_GRACE_MS = 1_000;

/** Everything that the parts of one worker share. */
interface LoopState {
  readonly options: Required<Omit<WorkerLoopOptions, "heartbeatMs">>;
  readonly places: JobPlaces;
  readonly keeper: LeaseKeeper;
  readonly stopping: AbortController;
  readonly bell: Bell;
}

export function createWorkerLoop(given: WorkerLoopOptions): WorkerLoop {
  const options = { ...DEFAULTS, workspaceRunningMax: given.concurrency ?? DEFAULTS.concurrency, ...given };
  const { database, workerId, leaseMs, pollMs, onError } = options;
  const bell = createBell();
  const state: LoopState = {
    options,
    places: new JobPlaces(options, () => bell.ring("any")),
    keeper: createLeaseKeeper({ database, workerId, leaseMs, onError }),
    stopping: new AbortController(),
    bell,
  };
  const drained = new AbortController();
  let loops: Promise<unknown> = Promise.resolve();
  let beating: Promise<void> = Promise.resolve();
  let stopListening: () => void = () => undefined;

  return {
    async start() {
      await registerWorker(database.autocommit, workerId, hostname(), process.pid);
      stopListening = await database.listen(JOBS_CHANNEL, ({ payload }) =>
        state.bell.ring(payload === FREE_WORK ? "free" : "any"),
      );
      // Not among the loops that a stop ends first: jobs that drain still need their leases.
      beating = every(given.heartbeatMs ?? leaseMs / 3, drained.signal, onError, () => state.keeper.beat());
      loops = Promise.all([
        claimLoop(state),
        every(pollMs, state.stopping.signal, onError, () => reapJobs(database.autocommit)),
        every(pollMs, state.stopping.signal, onError, () => fireDueSchedules(database)),
      ]);
    },
    holdLane: (venueAccountId) => hold(state, venueAccountId),
    async stop(drainMs = DRAIN_MS) {
      state.stopping.abort();
      stopListening();
      state.bell.ring("any");
      await loops;
      await allEnded(state, drainMs);
      state.keeper.abortAll(new Error("the worker stops"));
      await allEnded(state, ABORT_GRACE_MS);
      drained.abort();
      await beating;
      await releaseWorker(database.autocommit, workerId).catch(onError);
    },
  };
}

async function claimLoop(state: LoopState): Promise<void> {
  const { database, workerId, handlers, leaseMs, laneRunningMax, workspaceRunningMax, pollMs, onError } = state.options;
  const kinds = Object.keys(handlers);
  let news: News = "any";
  let lanesSeenAtMs = 0;
  while (!state.stopping.signal.aborted) {
    const jobsMax = state.places.room;
    let isMore = false;
    if (jobsMax > 0) {
      const claimedAtMs = performance.now();
      // What falls due in a lane rings for nobody, so lanes are looked at in any case now and then.
      const isFree: boolean = news === "free" && claimedAtMs - lanesSeenAtMs < pollMs;
      if (!isFree) lanesSeenAtMs = claimedAtMs;
      const claim = isFree ? claimFreeJobs : claimJobs;
      try {
        const atWork = state.places.atWorkOf;
        const jobs: readonly ClaimedJob[] = await claim(database.autocommit, {
          workerId,
          kinds,
          jobsMax,
          leaseMs,
          laneRunningMax,
          atWork,
          workspaceRunningMax,
        });
        for (const job of jobs) launch(state, job, claimedAtMs);
        // Whoever has taken its share by now may have stood in the way of others.
        isMore = jobs.length === jobsMax || isFuller(state.places.atWorkOf, atWork, workspaceRunningMax);
      } catch (error) {
        onError(error);
      }
    }
    // Fewer than there was room for means that nothing else can be had now: what comes later rings.
    news = isMore ? "any" : await state.bell.wait(pollMs);
  }
}

/** Some workspace has come to its share since. */
function isFuller(now: ReadonlyMap<string, number>, before: ReadonlyMap<string, number>, share: number): boolean {
  return [...now].some(([id, count]) => count >= share && (before.get(id) ?? 0) < share);
}

function launch(state: LoopState, job: ClaimedJob, claimedAtMs: number): void {
  const { database, workerId, handlers, pollMs, leaseMs, laneRunningMax, onFailure, onError } = state.options;
  state.places.take(job, async () => {
    try {
      const dueInMs = await runJob(job, {
        database,
        workerId,
        handlers,
        leaseMs,
        laneRunningMax,
        onFailure,
        keep(current) {
          state.places.change(current);
          return state.keeper.addJob(current, claimedAtMs);
        },
      });
      if (dueInMs !== undefined && dueInMs < pollMs) setTimeout(() => state.bell.ring("any"), dueInMs).unref();
    } catch (error) {
      onError(error);
    } finally {
      state.keeper.removeJob(job.id);
    }
  });
}

async function hold(state: LoopState, venueAccountId: string): Promise<LaneHold | null> {
  const { database, workerId, leaseMs } = state.options;
  const takenAtMs = performance.now();
  const lane = await holdLane(database.autocommit, venueAccountId, workerId, leaseMs);
  if (lane === null) return null;
  const signal = state.keeper.addLane(lane, takenAtMs);
  const release = async (): Promise<void> => {
    state.keeper.removeLane(venueAccountId);
    await releaseLane(database.autocommit, lane);
  };
  return { ...lane, signal, release };
}

async function allEnded({ places }: LoopState, timeoutMs: number): Promise<void> {
  const timer = new AbortController();
  const all = Promise.all(places.all);
  await Promise.race([all, sleep(timeoutMs, undefined, { signal: timer.signal }).catch(() => undefined)]);
  timer.abort();
}

async function every(
  ms: number,
  until: AbortSignal,
  onError: (error: unknown) => void,
  work: () => Promise<unknown>,
): Promise<void> {
  while (!until.aborted) {
    await work().catch(onError);
    await sleep(ms, undefined, { signal: until }).catch(() => undefined);
  }
}

/** `free`: only work without a lane has come. */
type News = "free" | "any";

interface Bell {
  readonly ring: (news: News) => void;
  /** Whatever was rung for since the last wait, or `any` when the time is over. */
  wait(timeoutMs: number): Promise<News>;
}

/** Wakes one waiter; a ring while nobody waits is remembered. */
function createBell(): Bell {
  let rung: News | null = null;
  let wake: () => void = () => undefined;
  return {
    ring(news) {
      if (rung !== "any") rung = news;
      wake();
    },
    async wait(timeoutMs) {
      if (rung === null) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, timeoutMs);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      const news = rung ?? "any";
      rung = null;
      return news;
    },
  };
}
