import { setStatement, type Tx } from "#server/data/tx.ts";
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
 * INVARIANT: a change of holder locks the lane's row FOR UPDATE; see claim.ts. A lane that is ours is asserted as by `assertLane`, so that it
 * stays ours until the commit.
 */
const ENTER = setStatement(
  "jobs_enter-lane",
  {
    id: "uuid",
    holder: "uuid",
    attempt: "int",
    kind: "text",
    lane: "uuid",
    priority: "smallint",
    lease_ms: "int",
    running_max: "int",
  },
  (items) => `with item as materialized (select * from ${items}), room as materialized (
     select item.lane, item.holder, item.lease_ms, l.holder as held_by, l.lease_until, l.token
     from item cross join lateral (select * from lane_leases where venue_account_id = item.lane offset 0) l
     where (l.paused_until is null or l.paused_until <= now())
       and (select count(*) from jobs r where r.state = 'RUNNING' and r.lane = item.lane) < item.running_max
       and not exists (select from jobs q where q.state = 'QUEUED' and q.lane = item.lane and q.run_at <= now() and q.priority <= item.priority)
   ), free as materialized (
     select l.venue_account_id, room.holder, room.lease_ms from room cross join lateral (
       select venue_account_id from lane_leases where venue_account_id = room.lane and (holder is null or lease_until <= now())
       for update skip locked
     ) l where room.held_by is null or room.lease_until <= now()
   ), taken as (
     update lane_leases l set holder = free.holder, token = l.token + 1, lease_until = now() + free.lease_ms * interval '1 ms'
     from free where l.venue_account_id = free.venue_account_id
     returning l.venue_account_id as lane, l.token
   ), kept as materialized (
     select room.lane, l.token from room cross join lateral (
       select token from lane_leases where venue_account_id = room.lane and holder = room.holder and lease_until > clock_timestamp()
       for key share
     ) l where room.held_by = room.holder
   ), granted as materialized (
     select lane, token from taken union all select lane, token from kept
   ), moved as (
     update jobs j set kind = item.kind, lane = item.lane, priority = item.priority,
       state = case when granted.token is null then 'QUEUED' else 'RUNNING' end,
       holder = case when granted.token is not null then item.holder end,
       lease_until = case when granted.token is not null then j.lease_until end,
       run_at = now()
     from item left join granted on granted.lane = item.lane
     where j.id = item.id and j.holder = item.holder and j.attempt = item.attempt and j.state = 'RUNNING'
     returning item.n, granted.token
   )
   select n::int as n, token, case when token is null then pg_notify('${JOBS_CHANNEL}', '') end from moved`,
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
