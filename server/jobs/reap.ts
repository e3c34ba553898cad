import { type Statements, statement } from "#server/data/tx.ts";
import { JOBS_CHANNEL } from "./job.ts";

export interface ReapedJob {
  readonly id: string;
  readonly kind: string;
  readonly state: "QUEUED" | "PARKED";
}

const REAP = statement(
  "jobs_reap",
  `with expired as materialized (
     select id from jobs where state = 'RUNNING' and lease_until <= now() order by lease_until limit 500 for update skip locked
   ), reaped as (
     update jobs j set holder = null, lease_until = null, last_error = 'the worker that ran this attempt stopped answering',
       state = case when j.attempt >= j.attempts_max then 'PARKED' else 'QUEUED' end,
       finished_at = case when j.attempt >= j.attempts_max then now() end
     from expired where j.id = expired.id
     returning j.id, j.kind, j.state
   )
   select id, kind, state, case when state = 'QUEUED' then pg_notify('${JOBS_CHANNEL}', '') end from reaped`,
);

/** Puts jobs whose worker stopped answering back into the queue, or parks those that used up their attempts that way. */
export async function reapJobs(tx: Statements): Promise<ReapedJob[]> {
  const rows = await tx.query<ReapedJob>(REAP);
  return rows.map(({ id, kind, state }) => ({ id, kind, state }));
}
