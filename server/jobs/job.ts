/** A job that this worker holds. `attempt` fences it: only the holder of this very attempt can finish it. */
export interface ClaimedJob {
  readonly id: string;
  readonly kind: string;
  readonly workspaceId: string | null;
  /** The venue account whose lane the job needs, and the token under which this worker holds it. */
  readonly lane: string | null;
  readonly laneToken: string | null;
  readonly priority: number;
  readonly attempt: number;
  readonly attemptsMax: number;
  readonly payload: unknown;
  readonly runAt: Date;
}

/** 1 kill switch, close-all, stop-loss; 2 exit; 3 take-profit; 4 entry; 5 everything else. */
export type JobPriority = 1 | 2 | 3 | 4 | 5;

/** For work that must be done however often it fails, such as an order: it never parks by running out of attempts. */
export const ATTEMPTS_UNLIMITED = 2_147_483_647;

export const JOBS_CHANNEL = "nija_jobs";
/** What a notification says of the work that waits now: all of it is without a lane. Anything else means that some may have one. */
export const FREE_WORK = "free";

/** Another worker has, or may have, this attempt's job by now. Stop; whatever is left to do, the other does. */
export class LeaseLost extends Error {
  override readonly name = "LeaseLost";

  constructor(jobId: string) {
    super(`the lease of job ${jobId} is lost`);
  }
}

/** Another worker may speak for this venue account by now: nothing more may be written for it. */
export class LaneLost extends Error {
  override readonly name = "LaneLost";

  constructor(venueAccountId: string) {
    super(`the lane of venue account ${venueAccountId} is lost`);
  }
}
