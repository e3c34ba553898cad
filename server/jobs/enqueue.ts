import { v7 as uuidv7 } from "uuid";
import { setStatement, type Tx } from "#server/data/tx.ts";
import { assert } from "#server/domain/assert.ts";
import { FREE_WORK, JOBS_CHANNEL, type JobPriority } from "./job.ts";

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

// INVARIANT: a job that waits for the same is locked until our commit, so it cannot run before it would see what we write.
const ENQUEUE = setStatement(
  "jobs_enqueue",
  {
    id: "uuid",
    workspace_id: "uuid",
    kind: "text",
    lane: "uuid",
    priority: "smallint",
    payload: "jsonb",
    run_at: "timestamptz",
    dedupe_key: "text",
    attempts_max: "int",
  },
  (items) => `with item as materialized (select * from ${items}), asked as (
     insert into jobs (id, workspace_id, kind, lane, priority, payload, run_at, dedupe_key, attempts_max)
     select id, workspace_id, kind, lane, priority, payload, coalesce(run_at, now()), dedupe_key, attempts_max from item
     on conflict (workspace_id, dedupe_key) where dedupe_key is not null do update set run_at = least(jobs.run_at, excluded.run_at)
     returning id, workspace_id, dedupe_key, lane, run_at, xmax = 0 as is_new
   )
   select item.n::int as n, asked.id, asked.is_new as "isNew",
     case when asked.run_at <= now() then pg_notify('${JOBS_CHANNEL}', case when asked.lane is null then '${FREE_WORK}' else '' end) end
   from asked join item on item.id = asked.id
     or (item.dedupe_key = asked.dedupe_key and item.workspace_id is not distinct from asked.workspace_id)`,
);

function values(job: NewJob): readonly unknown[] {
  return [
    uuidv7(),
    job.workspaceId,
    job.kind,
    job.lane ?? null,
    job.priority,
    job.payload,
    job.runAt ?? null,
    job.dedupeKey ?? null,
    job.attemptsMax ?? ATTEMPTS_MAX_DEFAULT,
  ];
}

/**
 * Enqueues inside the caller's transaction: the job exists if and only if the transaction commits, and wakes the workers then. A job with
 * the same key that waits already takes its place, and is due at the earlier of the two times.
 */
export function enqueue(tx: Tx, job: NewJob): void {
  tx.send(ENQUEUE, values(job));
}

/** The same, and tells which job it is. */
export async function enqueueNamed(tx: Tx, job: NewJob): Promise<EnqueuedJob> {
  const [row] = await tx.query<EnqueuedJob>(ENQUEUE, values(job));
  assert(row !== undefined, `job ${job.kind} could neither be made nor found`);
  return { id: row.id, isNew: row.isNew };
}
