import { type Statements, statement } from "#server/data/tx.ts";
import type { ClaimedJob } from "./job.ts";

export interface ClaimOptions {
  readonly workerId: string;
  /** Only jobs of these kinds. */
  readonly kinds: readonly string[];
  readonly jobsMax: number;
  readonly leaseMs: number;
  /** How many jobs of one lane may run at once. */
  readonly laneRunningMax: number;
  /** How many jobs of which workspaces are at work here, which count in their shares; default none. */
  readonly atWork?: ReadonlyMap<string, number>;
  /** How many jobs without a lane are taken for one workspace at once; default as many as there are. */
  readonly workspaceRunningMax?: number;
}

/** Candidates without a lane are looked at beyond what is wanted, since other workers may hold the first of them at this moment. */
const LOOK_AHEAD = 4;

/*
 * The best jobs without a lane, no workspace having more than its share of them: whoever has hundreds waiting has them wait behind each
 * other, and a job of somebody else that came later goes first.
 */
const bestFree = (ids: string, counts: string, share: string): string => `
  select id from (
    select id, workspace_id, row_number() over (partition by workspace_id order by nija_claim_order(priority, run_at), id) as nth from (
      select id, workspace_id, priority, run_at from jobs
      where state = 'QUEUED' and lane is null and run_at <= now() and kind = any ($2::text[])
        and (workspace_id is null or workspace_id <> all (array(
          select w.id from unnest(${ids}::uuid[], ${counts}::int[]) as w (id, at_work) where w.at_work >= ${share}::int)))
      order by nija_claim_order(priority, run_at), id limit $3 * ${LOOK_AHEAD}
    ) best
  ) ranked where workspace_id is null or nth <= ${share}::int - coalesce(
    (select w.at_work from unnest(${ids}::uuid[], ${counts}::int[]) as w (id, at_work) where w.id = workspace_id), 0)`;

const NOBODY: ReadonlyMap<string, number> = new Map();

type ClaimedRow = ClaimedJob & { readonly claimOrder: number };

const CLAIMED = `j.id, j.kind, j.workspace_id as "workspaceId", j.lane, granted.token as "laneToken", j.priority, j.attempt,
     j.attempts_max as "attemptsMax", j.payload, j.run_at as "runAt",
     extract(epoch from nija_claim_order(j.priority, j.run_at))::float8 as "claimOrder"`;

function inOrder(rows: readonly ClaimedRow[]): ClaimedJob[] {
  const sorted = [...rows].sort((a, b) => a.claimOrder - b.claimOrder || (a.id < b.id ? -1 : 1));
  return sorted.map(({ claimOrder: _order, ...job }) => job);
}

/*
 * One statement and one snapshot:
 * - waiting: the lanes with work that is due. Every account has work for later, so only an index over time finds these without looking at
 *   every account. Order and offset tell the planner to go by that index, and from its lanes to their leases, whatever it expects;
 * - lanes: those of them that are ours, free or expired and not paused by the venue, with the room left in them;
 * - locked: the best jobs over all of those and the jobs without a lane; rows that another claim holds are passed over;
 * - taken: the lanes of those jobs that are not ours yet. INVARIANT: a change of holder locks the row FOR UPDATE, which waits for nobody
 *   here but is impossible while a transaction of the old holder has asserted the lane (FOR KEY SHARE);
 * - renewed: our lanes whose lease is half over; an array, because a join may be done once for each lane we hold. Its lock goes together with such assertions of our own.
 * A claimed job gives its dedupe key up: what runs may have read already what a new request is about, so that one makes a job of its own.
 */
const CLAIM = statement(
  "jobs_claim",
  `with waiting as materialized (
     select distinct lane from (
       select lane from jobs where state = 'QUEUED' and lane is not null and run_at <= now() order by run_at offset 0
     ) due
   ), lanes as materialized (
     select l.venue_account_id as lane, l.token,
       coalesce(l.holder = $1 and l.lease_until > now(), false) as is_ours,
       coalesce(l.holder = $1 and l.lease_until > now() + $4 * interval '0.5 ms', false) as is_fresh,
       greatest($5 - (select count(*) from jobs r where r.state = 'RUNNING' and r.lane = l.venue_account_id), 0) as room
     from waiting cross join lateral (select * from lane_leases where venue_account_id = waiting.lane offset 0) l
     where (l.holder is null or l.holder = $1 or l.lease_until <= now()) and (l.paused_until is null or l.paused_until <= now())
   ), candidates as materialized (
     select j.id from lanes cross join lateral (
       select id from jobs where state = 'QUEUED' and lane = lanes.lane and run_at <= now() and kind = any ($2::text[])
       order by nija_claim_order(priority, run_at), id limit least(lanes.room, $3)
     ) j
     union all
     (${bestFree("$6", "$7", "$8")})
   ), locked as materialized (
     select j.id, j.lane from jobs j
     where j.id = any (array(select id from candidates)) and j.state = 'QUEUED'
     order by nija_claim_order(j.priority, j.run_at), j.id limit $3 for update of j skip locked
   ), taking as materialized (
     select venue_account_id from lane_leases
     where venue_account_id in (select lane from locked) and (holder is null or (holder <> $1 and lease_until <= now()))
     order by venue_account_id for update skip locked
   ), taken as (
     update lane_leases l set holder = $1, token = l.token + 1, lease_until = now() + $4 * interval '1 ms'
     from taking where l.venue_account_id = taking.venue_account_id
     returning l.venue_account_id as lane, l.token
   ), renewing as materialized (
     select venue_account_id from lane_leases
     where venue_account_id = any (array(select lane from locked join lanes using (lane) where not is_fresh)) and holder = $1
     order by venue_account_id for no key update skip locked
   ), renewed as (
     update lane_leases l set lease_until = now() + $4 * interval '1 ms'
     from renewing where l.venue_account_id = renewing.venue_account_id
     returning l.venue_account_id as lane, l.token
   ), granted as (
     select lane, token from taken
     union all select lane, token from renewed
     union all select lane, token from lanes where is_ours and lane not in (select venue_account_id from renewing)
   )
   update jobs j set state = 'RUNNING', dedupe_key = null, holder = $1, attempt = j.attempt + 1, lease_until = now() + $4 * interval '1 ms'
   from locked left join granted on granted.lane = locked.lane
   where j.id = locked.id and (locked.lane is null or granted.lane is not null)
   returning ${CLAIMED}`,
);

// The same for jobs without a lane alone, which most new orders are: no lane is looked at.
const CLAIM_FREE = statement(
  "jobs_claim-free",
  `with locked as materialized (
     select id from jobs where id = any (array(${bestFree("$5", "$6", "$7")})) and state = 'QUEUED'
     order by nija_claim_order(priority, run_at), id limit $3 for update skip locked
   )
   update jobs j set state = 'RUNNING', dedupe_key = null, holder = $1, attempt = j.attempt + 1, lease_until = now() + $4 * interval '1 ms'
   from locked where j.id = locked.id
   returning ${CLAIMED.replace("granted.token", "null")}`,
);

/** Takes up to `jobsMax` jobs that need no lane, best first. Whoever had no room for all of them next asks for the best of everything. */
export async function claimFreeJobs(tx: Statements, options: Omit<ClaimOptions, "laneRunningMax">): Promise<ClaimedJob[]> {
  const { workerId, kinds, jobsMax, leaseMs, atWork = NOBODY, workspaceRunningMax = jobsMax } = options;
  const values = [workerId, kinds, jobsMax, leaseMs, [...atWork.keys()], [...atWork.values()], workspaceRunningMax];
  return inOrder(await tx.query<ClaimedRow>(CLAIM_FREE, values));
}

/**
 * Takes up to `jobsMax` jobs for this worker, best first, with a lease on each and on their lanes: priority 1 before everything, the rest
 * by priority with 10 s of waiting worth one level, first come first served inside a level. Jobs of a lane that another live worker
 * holds are left alone. One round trip; give it `database.autocommit` of the worker's role.
 */
export async function claimJobs(tx: Statements, options: ClaimOptions): Promise<ClaimedJob[]> {
  const { workerId, kinds, jobsMax, leaseMs, laneRunningMax, atWork = NOBODY, workspaceRunningMax = jobsMax } = options;
  const working = [[...atWork.keys()], [...atWork.values()]];
  const values = [workerId, kinds, jobsMax, leaseMs, laneRunningMax, ...working, workspaceRunningMax];
  return inOrder(await tx.query<ClaimedRow>(CLAIM, values));
}
