import { type Statements, statement } from "#server/data/tx.ts";
import { JOBS_CHANNEL } from "./job.ts";

// An attempt that a shutdown cut short is not a failure, so the limit moves along with it.
const RELEASE = statement(
  "workers_release",
  `with jobs_freed as (
     update jobs set state = 'QUEUED', holder = null, lease_until = null, attempts_max = least(attempts_max::bigint + 1, 2147483647)::int
     where holder = $1 and state = 'RUNNING' returning id
   ), lanes_freed as (
     update lane_leases set holder = null, lease_until = null where holder = $1 returning venue_account_id
   ), leases_freed as (
     update leases set lease_until = now() where holder = $1 and lease_until > now() returning name
   ), stopped as (
     update workers set stopped_at = now() where id = $1 returning id
   )
   select (select count(*) from jobs_freed)::int as jobs, (select count(*) from lanes_freed)::int as lanes,
     pg_notify('${JOBS_CHANNEL}', '') from (values (1)) as once`,
);

/** On an orderly shutdown: everything this worker holds is free at once, without waiting for leases to end. */
export async function releaseWorker(
  tx: Statements,
  workerId: string,
): Promise<{ readonly jobs: number; readonly lanes: number }> {
  const [row] = await tx.query<{ jobs: number; lanes: number }>(RELEASE, [workerId]);
  return { jobs: row?.jobs ?? 0, lanes: row?.lanes ?? 0 };
}
