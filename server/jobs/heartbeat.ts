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

export interface HeartbeatLosses {
  readonly jobIds: readonly string[];
  readonly venueAccountIds: readonly string[];
}

// Rows are locked in the order of their keys, so that two statements over the same rows cannot wait for each other.
const HEARTBEAT = statement(
  "jobs_heartbeat",
  `with seen as (
     update workers set last_seen_at = now() where id = $1
   ), my_jobs as materialized (
     select j.id from jobs j join unnest($3::uuid[], $4::int[]) as mine (id, attempt) on mine.id = j.id and mine.attempt = j.attempt
     where j.holder = $1 and j.state = 'RUNNING' order by j.id for no key update of j
   ), jobs_kept as (
     update jobs set lease_until = now() + $2 * interval '1 ms' from my_jobs where jobs.id = my_jobs.id returning jobs.id
   ), my_lanes as materialized (
     select l.venue_account_id from lane_leases l
     join unnest($5::uuid[], $6::bigint[]) as mine (id, token) on mine.id = l.venue_account_id and mine.token = l.token
     where l.holder = $1 order by l.venue_account_id for no key update of l
   ), lanes_kept as (
     update lane_leases l set lease_until = now() + $2 * interval '1 ms'
     from my_lanes where l.venue_account_id = my_lanes.venue_account_id returning l.venue_account_id
   )
   select array(select id::text from jobs_kept) as "jobIds", array(select venue_account_id::text from lanes_kept) as "venueAccountIds"`,
);

/** Extends the leases of this worker's jobs and lanes from now, in one round trip, and answers which of them are lost for good. */
export async function heartbeat(tx: Statements, { workerId, leaseMs, jobs, lanes }: HeartbeatOptions): Promise<HeartbeatLosses> {
  const [kept] = await tx.query<{ jobIds: string[]; venueAccountIds: string[] }>(HEARTBEAT, [
    workerId,
    leaseMs,
    jobs.map((job) => job.id),
    jobs.map((job) => job.attempt),
    lanes.map((lane) => lane.venueAccountId),
    lanes.map((lane) => lane.token),
  ]);
  const jobIds = new Set(kept?.jobIds);
  const venueAccountIds = new Set(kept?.venueAccountIds);
  return {
    jobIds: jobs.map((job) => job.id).filter((id) => !jobIds.has(id)),
    venueAccountIds: lanes.map((lane) => lane.venueAccountId).filter((id) => !venueAccountIds.has(id)),
  };
}
