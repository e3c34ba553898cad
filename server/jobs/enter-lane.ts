import { statement, type Tx } from "#server/data/tx.ts";
import type { HeldJob } from "./finish.ts";
import { JOBS_CHANNEL, type JobPriority, LeaseLost } from "./job.ts";

/** What a running job goes on as, once it is known for which venue account. */
export interface NextWork {
  readonly kind: string;
  readonly lane: string;
  readonly priority: JobPriority;
}

/** `token` null: the job waits in the lane's queue now, for whoever may have the lane. Otherwise this worker goes on with it at once. */
export interface LaneEntry extends NextWork {
  readonly token: string | null;
}

export interface LaneTerms {
  readonly leaseMs: number;
  readonly laneRunningMax: number;
}

/*
 * The same conditions as a claim's: the lane is ours, free or expired and not paused, has room, and nobody waits in it who comes first.
 * INVARIANT: a change of holder locks the lane's row FOR UPDATE; see claim.ts.
 */
const ENTER = statement(
  "jobs_enter-lane",
  `with room as (
     select 1 from lane_leases
     where venue_account_id = $5 and (paused_until is null or paused_until <= now())
       and (select count(*) from jobs where state = 'RUNNING' and lane = $5) < $8
       and not exists (select 1 from jobs where state = 'QUEUED' and lane = $5 and run_at <= now() and priority <= $6)
   ), free as materialized (
     select venue_account_id from lane_leases
     where venue_account_id = $5 and (holder is null or lease_until <= now()) and exists (select from room)
     for update skip locked
   ), taken as (
     update lane_leases l set holder = $2, token = l.token + 1, lease_until = now() + $7 * interval '1 ms'
     from free where l.venue_account_id = free.venue_account_id
     returning l.token
   ), granted as (
     select token from taken
     union all
     select token from lane_leases where venue_account_id = $5 and holder = $2 and lease_until > now() and exists (select from room)
   ), moved as (
     update jobs set kind = $4, lane = $5, priority = $6,
       state = case when exists (select from granted) then 'RUNNING' else 'QUEUED' end,
       holder = case when exists (select from granted) then $2 end,
       lease_until = case when exists (select from granted) then lease_until end,
       run_at = now()
     where id = $1 and holder = $2 and attempt = $3 and state = 'RUNNING'
     returning state
   )
   select (select token from granted) as token, case when moved.state = 'QUEUED' then pg_notify('${JOBS_CHANNEL}', $4) end from moved`,
);

/**
 * Turns the running job into one that speaks for a venue account, in the transaction that decided so: without a second job, a second claim
 * and the wait for it. Throws `LeaseLost`.
 */
export async function enterLane(tx: Tx, job: HeldJob, next: NextWork, terms: LaneTerms): Promise<LaneEntry> {
  const [row] = await tx.query<{ token: string | null }>(ENTER, [
    job.id,
    job.workerId,
    job.attempt,
    next.kind,
    next.lane,
    next.priority,
    terms.leaseMs,
    terms.laneRunningMax,
  ]);
  if (row === undefined) throw new LeaseLost(job.id);
  return { ...next, token: row.token };
}
