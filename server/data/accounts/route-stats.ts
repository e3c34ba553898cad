import { type RawBreaker, toBreaker } from "#server/data/protection/breakers.ts";
import type { OrderSide } from "#server/domain/order/order.ts";
import { admitsEntry } from "#server/domain/protection/breaker.ts";
import { ACCOUNT_MODES, type AccountMode, VENUE_IDS, type VenueId } from "#server/domain/venue.ts";
import { setStatement, type Statements, statement, type Tx } from "#server/data/tx.ts";

/** How a venue's last order calls went, for everybody and in one market. Paper and live are two venues. */
export interface VenueStats {
  readonly venueSuccesses: number;
  readonly venueTries: number;
  readonly pairSuccesses: number;
  readonly pairTries: number;
}

export type VenueKey = `${AccountMode}:${VenueId}`;
export type VenueStatsByKey = ReadonlyMap<VenueKey, VenueStats>;

export interface AccountStats {
  /** Of its last 20 order calls; null before the first. */
  readonly latencyMsP50: number | null;
  readonly ordersWaiting: number;
  /** No entry may go there now: the venue or the account is rested, or refuses this kind of order again and again. */
  readonly breakerOpen: boolean;
}

// Refusals for the user's own reasons are recorded as 'refused' and are no failures of the venue.
const VENUES = statement(
  "routes.venue-stats",
  `select m.mode, a.venue, v.successes as venue_successes, v.tries as venue_tries, p.successes as pair_successes, p.tries as pair_tries
   from unnest($1::text[]) as m (mode) cross join unnest($2::text[]) as a (venue)
   cross join lateral (select count(*) filter (where outcome <> 'unknown')::int as successes, count(*)::int as tries from
     (select outcome from venue_calls where mode = m.mode and venue = a.venue and kind = 'submit' order by id desc limit 100) c) v
   cross join lateral (select count(*) filter (where outcome <> 'unknown')::int as successes, count(*)::int as tries from
     (select outcome from venue_calls where mode = m.mode and venue = a.venue and symbol = $3 and kind = 'submit'
      order by id desc limit 100) c) p`,
);
const ACCOUNTS = setStatement(
  "routes.account-stats",
  { workspace_id: "uuid", symbol: "text", side: "text" },
  (items) => `select item.n::int as n, a.id,
     (select percentile_disc(0.5) within group (order by c.latency_ms) from
       (select latency_ms from venue_calls where venue_account_id = a.id and kind = 'submit' order by id desc limit 20) c) as latency_ms_p50,
     (select count(*)::int from jobs j where j.lane = a.id and j.state = 'QUEUED') as orders_waiting,
     to_jsonb(v) as venue_breaker, to_jsonb(b) as account_breaker,
     coalesce(s.next_probe_at > clock_timestamp(), false) as held_back, clock_timestamp() as now
   from ${items}
   cross join lateral (select id, mode, venue from venue_accounts where workspace_id = item.workspace_id offset 0) a
   left join venue_breakers v on v.mode = a.mode and v.venue = a.venue
   left join account_breakers b on b.venue_account_id = a.id
   left join rejection_streaks s on s.venue_account_id = a.id and s.symbol = item.symbol and s.side = item.side and not s.is_exit`,
);

/** For one market. The worker sees every workspace's calls, the web only those of the workspace it is in. */
export async function readVenueStats(tx: Statements, symbol: string): Promise<VenueStatsByKey> {
  const rows = await tx.query<{
    mode: AccountMode;
    venue: VenueId;
    venue_successes: number;
    venue_tries: number;
    pair_successes: number;
    pair_tries: number;
  }>(VENUES, [ACCOUNT_MODES, VENUE_IDS, symbol]);
  return new Map(
    rows.map((row) => [
      `${row.mode}:${row.venue}` satisfies VenueKey,
      {
        venueSuccesses: row.venue_successes,
        venueTries: row.venue_tries,
        pairSuccesses: row.pair_successes,
        pairTries: row.pair_tries,
      },
    ]),
  );
}

/** By venue account of the workspace, for entries of one side in one market. */
export async function readAccountStats(
  tx: Tx,
  workspaceId: string,
  symbol: string,
  side: OrderSide,
): Promise<ReadonlyMap<string, AccountStats>> {
  const rows = await tx.query<{
    id: string;
    latency_ms_p50: number | null;
    orders_waiting: number;
    venue_breaker: RawBreaker | null;
    account_breaker: RawBreaker | null;
    held_back: boolean;
    now: Date;
  }>(ACCOUNTS, [workspaceId, symbol, side]);
  return new Map(
    rows.map((row) => {
      const admits = admitsEntry(toBreaker(row.venue_breaker), row.now) && admitsEntry(toBreaker(row.account_breaker), row.now);
      const breakerOpen = row.held_back || !admits;
      return [row.id, { latencyMsP50: row.latency_ms_p50, ordersWaiting: row.orders_waiting, breakerOpen }];
    }),
  );
}
