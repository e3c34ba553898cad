import { statement, type Tx } from "#server/data/tx.ts";

/** How an account's and its venue's last calls went. */
export interface RouteStats {
  readonly latencyMsP50: number | null;
  readonly venueSuccesses: number;
  readonly venueTries: number;
  readonly pairSuccesses: number;
  readonly pairTries: number;
  readonly ordersWaiting: number;
  /** The last five calls of the venue all ended unknown, the latest within the rest time. */
  readonly venueFailing: boolean;
}

// Refusals for the user's own reasons are recorded as 'refused' and are no failures of the venue.
const READ = statement(
  "routes.stats",
  `select a.id,
     (select percentile_disc(0.5) within group (order by c.latency_ms) from
       (select latency_ms from venue_calls where venue_account_id = a.id and kind = 'submit' order by id desc limit 100) c) as latency_ms_p50,
     v.successes as venue_successes, v.tries as venue_tries, p.successes as pair_successes, p.tries as pair_tries,
     (select count(*)::int from jobs j where j.lane = a.id and j.state = 'QUEUED') as orders_waiting,
     coalesce(f.failing, false) as venue_failing
   from venue_accounts a
   cross join lateral (select count(*) filter (where outcome <> 'unknown')::int as successes, count(*)::int as tries from
     (select outcome from venue_calls where venue = a.venue and kind = 'submit' order by id desc limit 100) c) v
   cross join lateral (select count(*) filter (where outcome <> 'unknown')::int as successes, count(*)::int as tries from
     (select outcome from venue_calls where venue = a.venue and symbol = $2 and kind = 'submit' order by id desc limit 100) c) p
   cross join lateral (select count(*) = 5 and bool_and(outcome = 'unknown') and max(at) > now() - interval '30 seconds' as failing from
     (select outcome, at from venue_calls where venue = a.venue order by id desc limit 5) c) f
   where a.workspace_id = $1::uuid`,
);

/** Learned figures per venue account of the workspace. The worker sees every workspace's calls, the web only its own. */
export async function readRouteStats(tx: Tx, workspaceId: string, symbol: string): Promise<ReadonlyMap<string, RouteStats>> {
  const rows = await tx.query<{
    id: string;
    latency_ms_p50: number | null;
    venue_successes: number;
    venue_tries: number;
    pair_successes: number;
    pair_tries: number;
    orders_waiting: number;
    venue_failing: boolean;
  }>(READ, [workspaceId, symbol]);
  return new Map(
    rows.map((row) => [
      row.id,
      {
        latencyMsP50: row.latency_ms_p50,
        venueSuccesses: row.venue_successes,
        venueTries: row.venue_tries,
        pairSuccesses: row.pair_successes,
        pairTries: row.pair_tries,
        ordersWaiting: row.orders_waiting,
        venueFailing: row.venue_failing,
      },
    ]),
  );
}
