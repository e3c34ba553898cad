import type { VenueId } from "#server/domain/venue.ts";
import { VENUE_IDS } from "#server/domain/venue.ts";
import { type Statements, statement, type Tx } from "#server/data/tx.ts";

/** How a venue's last order calls went, for everybody and in one market. */
export interface VenueStats {
  readonly venueSuccesses: number;
  readonly venueTries: number;
  readonly pairSuccesses: number;
  readonly pairTries: number;
  /** The last five calls of the venue all ended unknown, the latest within the rest time. */
  readonly venueFailing: boolean;
}

export interface AccountStats {
  /** Of its last 20 order calls; null before the first. */
  readonly latencyMsP50: number | null;
  readonly ordersWaiting: number;
}

// Refusals for the user's own reasons are recorded as 'refused' and are no failures of the venue.
const VENUES = statement(
  "routes.venue-stats",
  `select a.venue, v.successes as venue_successes, v.tries as venue_tries, p.successes as pair_successes, p.tries as pair_tries,
     coalesce(f.failing, false) as venue_failing
   from unnest($1::text[]) as a (venue)
   cross join lateral (select count(*) filter (where outcome <> 'unknown')::int as successes, count(*)::int as tries from
     (select outcome from venue_calls where venue = a.venue and kind = 'submit' order by id desc limit 100) c) v
   cross join lateral (select count(*) filter (where outcome <> 'unknown')::int as successes, count(*)::int as tries from
     (select outcome from venue_calls where venue = a.venue and symbol = $2 and kind = 'submit' order by id desc limit 100) c) p
   cross join lateral (select count(*) = 5 and bool_and(outcome = 'unknown') and max(at) > now() - interval '30 seconds' as failing from
     (select outcome, at from venue_calls where venue = a.venue order by id desc limit 5) c) f`,
);
const ACCOUNTS = statement(
  "routes.account-stats",
  `select a.id,
     (select percentile_disc(0.5) within group (order by c.latency_ms) from
       (select latency_ms from venue_calls where venue_account_id = a.id and kind = 'submit' order by id desc limit 20) c) as latency_ms_p50,
     (select count(*)::int from jobs j where j.lane = a.id and j.state = 'QUEUED') as orders_waiting
   from venue_accounts a where a.workspace_id = $1::uuid`,
);

/** By venue, for one market. The worker sees every workspace's calls, the web only those of the workspace it is in. */
export async function readVenueStats(tx: Statements, symbol: string): Promise<ReadonlyMap<VenueId, VenueStats>> {
  const rows = await tx.query<{
    venue: VenueId;
    venue_successes: number;
    venue_tries: number;
    pair_successes: number;
    pair_tries: number;
    venue_failing: boolean;
  }>(VENUES, [VENUE_IDS, symbol]);
  return new Map(
    rows.map((row) => [
      row.venue,
      {
        venueSuccesses: row.venue_successes,
        venueTries: row.venue_tries,
        pairSuccesses: row.pair_successes,
        pairTries: row.pair_tries,
        venueFailing: row.venue_failing,
      },
    ]),
  );
}

/** By venue account of the workspace. */
export async function readAccountStats(tx: Tx, workspaceId: string): Promise<ReadonlyMap<string, AccountStats>> {
  const rows = await tx.query<{ id: string; latency_ms_p50: number | null; orders_waiting: number }>(ACCOUNTS, [workspaceId]);
  return new Map(rows.map((row) => [row.id, { latencyMsP50: row.latency_ms_p50, ordersWaiting: row.orders_waiting }]));
}
