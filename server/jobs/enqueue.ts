import { v7 as uuidv7 } from "uuid";
import { statement, type Tx } from "#server/data/tx.ts";
import { assert } from "#server/domain/assert.ts";
import { JOBS_CHANNEL, type JobPriority } from "./job.ts";

export interface NewJob {
  readonly kind: string;
  /** Null for the platform's own work; only the worker's role may enqueue that. */
  readonly workspaceId: string | null;
  /** The venue account that the work speaks for; absent while an order is not routed. Its lane row must exist. */
  readonly lane?: string | null;
  readonly priority: JobPriority;
  /** A plain object without secrets. */
  readonly payload: Readonly<Record<string, unknown>>;
  /** Not before this instant; default now. */
  readonly runAt?: Date;
  /**
   * While a job of this workspace with the same key waits, no second one is made. One that runs already may have read the state before
   * the caller changed it, so it does not count; a handler must bear a second run of itself.
   */
  readonly dedupeKey?: string;
  /** Default 10, then the job parks. `ATTEMPTS_UNLIMITED` for what must never be given up. */
  readonly attemptsMax?: number;
}

export interface EnqueuedJob {
  readonly id: string;
  /** False: a job with the same key was there, and this is its id. */
  readonly isNew: boolean;
}

const ATTEMPTS_MAX_DEFAULT = 10;
const DEDUPE_TRIES_MAX = 5;

const ENQUEUE = statement(
  "jobs_enqueue",
  `with fresh as (
     insert into jobs (id, workspace_id, kind, lane, priority, payload, run_at, dedupe_key, attempts_max)
     values ($1, $2, $3, $4, $5, $6, coalesce($7::timestamptz, now()), $8, $9)
     on conflict (workspace_id, dedupe_key) where dedupe_key is not null do nothing
     returning id, kind, run_at
   )
   select id, true as "isNew", case when run_at <= now() then pg_notify('${JOBS_CHANNEL}', kind) end from fresh
   union all
   select id, false, null from jobs
   where workspace_id is not distinct from $2 and dedupe_key = $8 and not exists (select from fresh)`,
);

/** Enqueues inside the caller's transaction: the job exists if and only if the transaction commits, and wakes the workers then. */
export async function enqueue(tx: Tx, job: NewJob): Promise<EnqueuedJob> {
  // Another transaction may have made the job after this statement began to look: it refuses ours, and the next look finds it.
  for (let tries = 0; tries < DEDUPE_TRIES_MAX; tries += 1) {
    const [row] = await tx.query<EnqueuedJob>(ENQUEUE, [
      uuidv7(),
      job.workspaceId,
      job.kind,
      job.lane ?? null,
      job.priority,
      job.payload,
      job.runAt ?? null,
      job.dedupeKey ?? null,
      job.attemptsMax ?? ATTEMPTS_MAX_DEFAULT,
    ]);
    if (row) return { id: row.id, isNew: row.isNew };
  }
  assert(false, `job ${job.kind} could neither be made nor found`);
}
