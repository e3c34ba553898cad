import { Decimal } from "#server/domain/decimal.ts";
import type { Tier } from "#server/domain/risk/tiers.ts";
import type { TradingState } from "#server/domain/risk/trading-state.ts";
import { setStatement, statement, type Tx } from "#server/data/tx.ts";

/** The workspace's risk row with its plan and the platform's trading state. Limits are null where nothing is set. */
export interface RiskRow {
  readonly tier: Tier;
  readonly workspaceState: TradingState;
  readonly platformState: TradingState;
  readonly liveEnabled: boolean;
  readonly positionUsdMax: Decimal | null;
  readonly dailyLossUsdMax: Decimal | null;
  readonly openPositionsMax: number | null;
  readonly venuesMax: number | null;
  readonly ordersInFlightMax: number | null;
  readonly slippageBpsMax: number;
  /** Market entries worth more are worked off over time; null: the platform's rule. */
  readonly overTimeUsdMin: Decimal | null;
}

const COLUMNS = `w.tier, r.trading_state, coalesce(p.state, 'ACTIVE') as platform_state, r.live_enabled, r.position_usd_max,
  r.daily_loss_usd_max, r.open_positions_max, r.venues_max, r.orders_in_flight_max, r.slippage_bps_max, r.over_time_usd_min`;
const FROM = `from workspace_risk r join workspaces w on w.id = r.workspace_id
  left join trading_states p on p.scope = 'platform'`;
// INVARIANT: whoever accepts an order holds this lock, so two orders cannot both fit under one limit.
const LOCK = setStatement(
  "risk.lock",
  { workspace_id: "uuid" },
  (items) => `select item.n::int as n, risk.* from ${items}
   cross join lateral (select ${COLUMNS} ${FROM} where r.workspace_id = item.workspace_id for update of r) risk`,
);
const READ = statement("risk.read", `select ${COLUMNS} ${FROM} where r.workspace_id = $1::uuid`);

interface RawRisk {
  tier: Tier;
  trading_state: TradingState;
  platform_state: TradingState;
  live_enabled: boolean;
  position_usd_max: string | null;
  daily_loss_usd_max: string | null;
  open_positions_max: number | null;
  venues_max: number | null;
  orders_in_flight_max: number | null;
  slippage_bps_max: number;
  over_time_usd_min: string | null;
}

async function read(tx: Tx, workspaceId: string, lock: boolean): Promise<RiskRow | null> {
  const [raw] = await tx.query<RawRisk>(lock ? LOCK : READ, [workspaceId]);
  if (raw === undefined) return null;
  return {
    tier: raw.tier,
    workspaceState: raw.trading_state,
    platformState: raw.platform_state,
    liveEnabled: raw.live_enabled,
    positionUsdMax: raw.position_usd_max === null ? null : new Decimal(raw.position_usd_max),
    dailyLossUsdMax: raw.daily_loss_usd_max === null ? null : new Decimal(raw.daily_loss_usd_max),
    openPositionsMax: raw.open_positions_max,
    venuesMax: raw.venues_max,
    ordersInFlightMax: raw.orders_in_flight_max,
    slippageBpsMax: raw.slippage_bps_max,
    overTimeUsdMin: raw.over_time_usd_min === null ? null : new Decimal(raw.over_time_usd_min),
  };
}

/** Null when there is no such workspace for this connection. */
export function lockRisk(tx: Tx, workspaceId: string): Promise<RiskRow | null> {
  return read(tx, workspaceId, true);
}

export function readRisk(tx: Tx, workspaceId: string): Promise<RiskRow | null> {
  return read(tx, workspaceId, false);
}
