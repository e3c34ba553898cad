import type { Breaker } from "#server/domain/protection/breaker.ts";
import type { RejectionStreak } from "#server/domain/protection/rejection-streak.ts";
import type { SwitchSet } from "#server/domain/risk/trading-state.ts";
import type { TradingState } from "#server/domain/risk/trading-state.ts";
import type { AccountMode, VenueId } from "#server/domain/venue.ts";
import { setStatement, type Tx } from "#server/data/tx.ts";
import { type RawBreaker, toBreaker } from "./breakers.ts";

/** Everything that may hold a routed order back at the last moment, by the database's clock. */
export interface SendFacts {
  readonly accountActive: boolean;
  readonly switches: SwitchSet;
  /** The kill switch that made this exit; null for every other order. */
  readonly killSwitchId: string | null;
  readonly mode: AccountMode;
  readonly venueId: VenueId;
  readonly venue: Breaker;
  readonly account: Breaker;
  /** Of orders of this kind in this market. */
  readonly streak: RejectionStreak | null;
  /** The market has fallen too far to be bought. */
  readonly buysStoppedUntil: Date | null;
  readonly now: Date;
}

const READ = setStatement(
  "send-facts.read",
  { workspace_id: "uuid", order_id: "uuid", venue_account_id: "uuid" },
  (items) => `select item.n::int as n, a.status = 'ACTIVE' as account_active, a.mode, a.venue as venue_id, o.kill_switch_id,
     r.trading_state as workspace_state, r.trading_change_id as workspace_change,
     coalesce(p.state, 'ACTIVE') as platform_state, p.change_id as platform_change,
     coalesce(t.state, 'ACTIVE') as venue_state, t.change_id as venue_change,
     to_jsonb(v) as venue, to_jsonb(b) as account,
     s.reason, s.count, s.next_probe_at, d.rest_until, clock_timestamp() as now
   from ${items}
   cross join lateral (select * from orders where workspace_id = item.workspace_id and id = item.order_id offset 0) o
   join venue_accounts a on a.workspace_id = o.workspace_id and a.id = item.venue_account_id
   join workspace_risk r on r.workspace_id = o.workspace_id
   left join trading_states p on p.scope = 'platform'
   left join trading_states t on t.scope = 'venue:' || a.venue
   left join venue_breakers v on v.mode = a.mode and v.venue = a.venue
   left join market_days d on d.mode = a.mode and d.venue = a.venue and d.symbol = o.symbol and d.rest_until > now()
   left join account_breakers b on b.venue_account_id = a.id
   left join rejection_streaks s on s.venue_account_id = a.id and s.symbol = o.symbol and s.side = o.side and s.is_exit = o.is_exit`,
);

interface RawFacts {
  account_active: boolean;
  mode: AccountMode;
  venue_id: VenueId;
  kill_switch_id: string | null;
  workspace_state: TradingState;
  workspace_change: string | null;
  platform_state: TradingState;
  platform_change: string | null;
  venue_state: TradingState;
  venue_change: string | null;
  venue: RawBreaker | null;
  account: RawBreaker | null;
  reason: string | null;
  count: number | null;
  next_probe_at: Date | null;
  rest_until: Date | null;
  now: Date;
}

/** Null when this workspace has no such order or no such account. */
export async function readSendFacts(
  tx: Tx,
  workspaceId: string,
  orderId: string,
  venueAccountId: string,
): Promise<SendFacts | null> {
  const [raw] = await tx.query<RawFacts>(READ, [workspaceId, orderId, venueAccountId]);
  if (raw === undefined) return null;
  return {
    accountActive: raw.account_active,
    switches: {
      platform: { state: raw.platform_state, changeId: raw.platform_change },
      venue: { state: raw.venue_state, changeId: raw.venue_change },
      workspace: { state: raw.workspace_state, changeId: raw.workspace_change },
    },
    killSwitchId: raw.kill_switch_id,
    mode: raw.mode,
    venueId: raw.venue_id,
    venue: toBreaker(raw.venue),
    account: toBreaker(raw.account),
    streak:
      raw.reason === null || raw.count === null ? null : { reason: raw.reason, count: raw.count, nextProbeAt: raw.next_probe_at },
    buysStoppedUntil: raw.rest_until,
    now: raw.now,
  };
}
