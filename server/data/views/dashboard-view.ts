import { statement, type Tx } from "#server/data/tx.ts";

export interface FillTotalsRow {
  readonly fills: number;
  readonly closing_fills: number;
  readonly winning_fills: number;
}

export interface RealisedRow {
  readonly quote: string;
  readonly pnl: string;
}

export interface NoticeFactsRow {
  readonly trading_state: string;
  readonly trading_reason: string;
  readonly platform_state: string;
  readonly accounts: number;
  readonly invalid_accounts: number;
  readonly unreconciled_accounts: number;
  readonly unknown_orders: number;
  readonly live_accounts: number;
}

const DAY_START = "date_trunc('day', $2::timestamptz at time zone 'UTC') at time zone 'UTC'";
const OF_MODE = "join venue_accounts a on a.workspace_id = f.workspace_id and a.id = f.venue_account_id and a.mode = $3";

const FILL_TOTALS = statement(
  "dashboard.fill-totals",
  `select count(*)::int as fills, (count(*) filter (where f.side = 'SELL'))::int as closing_fills,
     (count(*) filter (where f.side = 'SELL' and f.realised_pnl > 0))::int as winning_fills
   from fills f ${OF_MODE} where f.workspace_id = $1::uuid and f.executed_at >= ${DAY_START}`,
);
const REALISED_TODAY = statement(
  "dashboard.realised-today",
  `select split_part(f.symbol, '/', 2) as quote, sum(f.realised_pnl) as pnl
   from fills f ${OF_MODE} where f.workspace_id = $1::uuid and f.executed_at >= ${DAY_START} group by 1`,
);
const NOTICE_FACTS = statement(
  "dashboard.notice-facts",
  `select r.trading_state, r.trading_reason, coalesce(t.state, 'ACTIVE') as platform_state,
     (select count(*)::int from venue_accounts a where a.workspace_id = $1::uuid and a.status <> 'REVOKED') as accounts,
     (select count(*)::int from venue_accounts a where a.workspace_id = $1::uuid and a.status = 'INVALID') as invalid_accounts,
     (select count(*)::int from venue_accounts a where a.workspace_id = $1::uuid and a.status <> 'REVOKED'
        and a.reconcile_state = 'FAILED') as unreconciled_accounts,
     (select count(*)::int from venue_accounts a where a.workspace_id = $1::uuid and a.status <> 'REVOKED'
        and a.mode = 'LIVE') as live_accounts,
     (select count(*)::int from orders o where o.workspace_id = $1::uuid and o.state = 'UNKNOWN') as unknown_orders
   from workspace_risk r left join trading_states t on t.scope = 'platform' where r.workspace_id = $1::uuid`,
);
const WORKERS_ALIVE = statement(
  "dashboard.workers-alive",
  "select count(*)::int as alive from workers where stopped_at is null and last_seen_at > now() - interval '30 seconds'",
);

/** Fills since 00:00 UTC of `now`, and how the closing ones went. */
export async function readFillTotals(tx: Tx, workspaceId: string, now: Date, mode: string): Promise<FillTotalsRow> {
  const [row] = await tx.query<FillTotalsRow>(FILL_TOTALS, [workspaceId, now, mode]);
  return row ?? { fills: 0, closing_fills: 0, winning_fills: 0 };
}

/** Realised P&L since 00:00 UTC of `now`, per quote asset. */
export function listRealisedToday(tx: Tx, workspaceId: string, now: Date, mode: string): Promise<RealisedRow[]> {
  return tx.query<RealisedRow>(REALISED_TODAY, [workspaceId, now, mode]);
}

/** Null when this workspace has no risk row, which no workspace lacks. */
export async function readNoticeFacts(tx: Tx, workspaceId: string): Promise<NoticeFactsRow | null> {
  const [row] = await tx.query<NoticeFactsRow>(NOTICE_FACTS, [workspaceId]);
  return row ?? null;
}

export async function countWorkersAlive(tx: Tx): Promise<number> {
  const [row] = await tx.query<{ alive: number }>(WORKERS_ALIVE);
  return row?.alive ?? 0;
}
