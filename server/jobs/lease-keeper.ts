import type { Database } from "#server/data/database.ts";
import type { HeldLane } from "./assert-lane.ts";
import { heartbeat } from "./heartbeat.ts";
import { type ClaimedJob, LaneLost, LeaseLost } from "./job.ts";

/** Something under a lease: `signal` aborts when the lease is lost, or may be because the database has not confirmed it in time. */
interface Kept {
  readonly controller: AbortController;
  /** `performance.now()` before the statement that last confirmed the lease was sent. */
  confirmedAtMs: number;
}

interface KeptJob extends Kept {
  readonly job: ClaimedJob;
}

interface KeptLane extends Kept {
  readonly lane: HeldLane;
}

export interface LeaseKeeper {
  /** A job that is kept already goes on as it is now, with the lease that it has. */
  addJob(job: ClaimedJob, claimedAtMs: number): AbortSignal;
  removeJob(jobId: string): void;
  addLane(lane: HeldLane, takenAtMs: number): AbortSignal;
  removeLane(venueAccountId: string): void;
  readonly jobCount: number;
  /** Renews everything; never throws. What the database says is lost, and what it did not confirm within the lease, aborts. */
  beat(): Promise<void>;
  abortAll(reason: Error): void;
}

export interface LeaseKeeperOptions {
  readonly database: Database;
  readonly workerId: string;
  readonly leaseMs: number;
  readonly onError: (error: unknown) => void;
}

export function createLeaseKeeper({ database, workerId, leaseMs, onError }: LeaseKeeperOptions): LeaseKeeper {
  const jobs = new Map<string, KeptJob>();
  const lanes = new Map<string, KeptLane>();

  const lanesToKeep = (): Pick<HeldLane, "venueAccountId" | "token">[] => {
    const tokens = new Map([...lanes.values()].map(({ lane }) => [lane.venueAccountId, lane.token]));
    for (const { job } of jobs.values()) if (job.lane !== null && job.laneToken !== null) tokens.set(job.lane, job.laneToken);
    return [...tokens].map(([venueAccountId, token]) => ({ venueAccountId, token }));
  };

  function lose(lostJobIds: ReadonlySet<string>, lostLaneIds: ReadonlySet<string>): void {
    for (const { job, controller } of jobs.values()) {
      if (lostJobIds.has(job.id)) controller.abort(new LeaseLost(job.id));
      else if (job.lane !== null && lostLaneIds.has(job.lane)) controller.abort(new LaneLost(job.lane));
    }
    for (const [id, { controller }] of lanes) {
      if (!lostLaneIds.has(id)) continue;
      lanes.delete(id);
      controller.abort(new LaneLost(id));
    }
  }

  // Half a lease without an answer is still ours, a whole one is not: whoever works on then could be the second one to do so.
  function loseUnconfirmed(): void {
    const oldest = performance.now() - leaseMs;
    const isOver = (kept: Kept): boolean => kept.confirmedAtMs <= oldest;
    lose(
      new Set([...jobs.values()].filter(isOver).map(({ job }) => job.id)),
      new Set([...lanes.values()].filter(isOver).map(({ lane }) => lane.venueAccountId)),
    );
  }

  async function renew(): Promise<void> {
    const beganAtMs = performance.now();
    const beating = [...jobs.values()];
    const beatingLanes = [...lanes.values()];
    try {
      const { renewed, lost } = await heartbeat(database.autocommit, {
        workerId,
        leaseMs,
        jobs: beating.map(({ job }) => job),
        lanes: lanesToKeep(),
      });
      for (const kept of beating) if (renewed.jobIds.has(kept.job.id)) kept.confirmedAtMs = beganAtMs;
      for (const kept of beatingLanes) if (renewed.venueAccountIds.has(kept.lane.venueAccountId)) kept.confirmedAtMs = beganAtMs;
      // A job that ended meanwhile is among the losses too, and not in the map any more.
      lose(lost.jobIds, lost.venueAccountIds);
    } catch (error) {
      onError(error);
    }
  }

  return {
    addJob(job, claimedAtMs) {
      const controller = new AbortController();
      jobs.set(job.id, { job, controller, confirmedAtMs: jobs.get(job.id)?.confirmedAtMs ?? claimedAtMs });
      return controller.signal;
    },
    removeJob: (jobId) => void jobs.delete(jobId),
    addLane(lane, takenAtMs) {
      const known = lanes.get(lane.venueAccountId);
      if (known?.lane.token === lane.token) return known.controller.signal;
      const controller = new AbortController();
      lanes.set(lane.venueAccountId, { lane, controller, confirmedAtMs: takenAtMs });
      return controller.signal;
    },
    removeLane: (venueAccountId) => void lanes.delete(venueAccountId),
    get jobCount() {
      return jobs.size;
    },
    async beat() {
      // A database that does not answer must not stop the clock: the check runs beside the renewal as well as after it.
      const watch = setInterval(loseUnconfirmed, Math.max(10, leaseMs / 8));
      try {
        await renew();
      } finally {
        clearInterval(watch);
        loseUnconfirmed();
      }
    },
    abortAll(reason) {
      for (const { controller } of [...jobs.values(), ...lanes.values()]) controller.abort(reason);
    },
  };
}
