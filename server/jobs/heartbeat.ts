import { type Statements, statement } from "#server/data/tx.ts";
import type { HeldLane } from "./assert-lane.ts";
import type { ClaimedJob } from "./job.ts";

export interface HeartbeatOptions {
  readonly workerId: string;
  readonly leaseMs: number;
  readonly jobs: readonly Pick<ClaimedJob, "id" | "attempt">[];
  /** Lanes to keep: those of the jobs, and those held without one. */
  readonly lanes: readonly Pick<HeldLane, "venueAccountId" | "token">[];
}

/** Ids of jobs and of venue accounts. */
export interface Leases {
  readonly jobIds: ReadonlySet<string>;
  readonly venueAccountIds: ReadonlySet<string>;
}

/** What is in neither is still ours, but was not renewed this time. */
export interface HeartbeatResult {
  readonly renewed: Leases;
  readonly lost: Leases;
}

// A row that a transaction has locked at this moment is renewed next time. To wait for it while holding the others would make that
// transaction wait for us, for a commit that ends several jobs.
const HEARTBEAT = statement(
  "jobs_heartbeat",
  `with seen as (
     update workers set last_seen_at = now() where id = $1
   ), my_jobs as materialized (
     select j.id from unnest($3::uuid[], $4::int[]) as mine (id, attempt)
     cross join lateral (select id, attempt, holder, state from jobs where jobs.id = mine.id offset 0) j
     where j.attempt = mine.attempt and j.holder = $1 and j.state = 'RUNNING'
   ), free_jobs as materialized (
     select id from jobs where id = any (array(select id from my_jobs)) and holder = $1 and state = 'RUNNING'
     for no key update skip locked
   ), jobs_renewed as (
     update jobs set lease_until = now() + $2 * interval '1 ms' from free_jobs where jobs.id = free_jobs.id returning jobs.id
   ), my_lanes as materialized (
     select l.venue_account_id from unnest($5::uuid[], $6::bigint[]) as mine (id, token)
     cross join lateral (select venue_account_id, token, holder from lane_leases where venue_account_id = mine.id offset 0) l
     where l.token = mine.token and l.holder = $1
   ), free_lanes as materialized (
     select venue_account_id from lane_leases
     where venue_account_id = any (array(select venue_account_id from my_lanes)) and holder = $1
     for no key update skip locked
   ), lanes_renewed as (
     update lane_leases l set lease_until = now() + $2 * interval '1 ms'
     from free_lanes where l.venue_account_id = free_lanes.venue_account_id returning l.venue_account_id
   )
   select array(select id::text from my_jobs) as "myJobs", array(select id::text from jobs_renewed) as jobs,
     array(select venue_account_id::text from my_lanes) as "myLanes", array(select venue_account_id::text from lanes_renewed) as lanes`,
);

/** Extends the leases of this worker's jobs and lanes from now, in one round trip, and answers which of them are lost for good. */
export async function heartbeat(tx: Statements, { workerId, leaseMs, jobs, lanes }: HeartbeatOptions): Promise<HeartbeatResult> {
  const [kept] = await tx.query<Record<"myJobs" | "jobs" | "myLanes" | "lanes", string[]>>(HEARTBEAT, [
    workerId,
    leaseMs,
    jobs.map((job) => job.id),
    jobs.map((job) => job.attempt),
    lanes.map((lane) => lane.venueAccountId),
    lanes.map((lane) => lane.token),
  ]);
  const [myJobs, myLanes] = [new Set(kept?.myJobs), new Set(kept?.myLanes)];
  const lostJobs = jobs.map(({ id }) => id).filter((id) => !myJobs.has(id));
  const lostLanes = lanes.map(({ venueAccountId }) => venueAccountId).filter((id) => !myLanes.has(id));
  return {
    renewed: { jobIds: new Set(kept?.jobs), venueAccountIds: new Set(kept?.lanes) },
    lost: { jobIds: new Set(lostJobs), venueAccountIds: new Set(lostLanes) },
  };
}
