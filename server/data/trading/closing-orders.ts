import type { Decimal } from "#server/domain/decimal.ts";
import type { IntentId, OrderId, VenueAccountId, WorkspaceId } from "#server/domain/ids.ts";
import type { Money } from "#server/domain/money/money.ts";
import type { SwitchSet, TradingState } from "#server/domain/risk/trading-state.ts";
import type { VenueId } from "#server/domain/venue.ts";
import { statement, type Tx } from "#server/data/tx.ts";

/** An exit of a kill switch: it needs no route, since the account that holds the position takes it. */
export interface ClosingOrder {
  readonly id: OrderId;
  readonly workspaceId: WorkspaceId;
  readonly intentId: IntentId;
  readonly venueAccountId: VenueAccountId;
  readonly venue: VenueId;
  readonly symbol: string;
  readonly quantity: Decimal;
  /** Quote per base; null: whatever the market gives. */
  readonly worstPrice: Decimal | null;
  readonly reserve: Money;
  readonly killSwitchId: string;
}

// INVARIANT: nothing else writes kill_switch_id, so nothing else passes a halt.
const INSERT = statement(
  "orders.insert-closing",
  `insert into orders (id, workspace_id, intent_id, venue_account_id, venue, symbol, side, type, time_in_force, is_exit, quantity,
     price_cap, state, reserve_holder_id, reserve_asset, reserve_left, priority, kill_switch_id)
   values ($1::uuid, $2::uuid, $3::uuid, $4::uuid, $5, $6, 'SELL', 'MARKET', 'IOC', true, $7::numeric, $8::numeric, 'PENDING_NEW', $4::uuid,
     $9, $10::numeric, 1, $11::uuid)`,
);
const COUNT = statement(
  "orders.count-closing",
  `select venue_account_id as "venueAccountId", symbol, count(*)::int as tries from orders
   where workspace_id = $1::uuid and kill_switch_id = $2::uuid group by 1, 2`,
);
const SWITCHES = statement(
  "trading-states.by-account",
  `select a.id, r.trading_state as workspace_state, r.trading_change_id as workspace_change,
     coalesce(p.state, 'ACTIVE') as platform_state, p.change_id as platform_change,
     coalesce(t.state, 'ACTIVE') as venue_state, t.change_id as venue_change
   from venue_accounts a join workspace_risk r on r.workspace_id = a.workspace_id
   left join trading_states p on p.scope = 'platform' left join trading_states t on t.scope = 'venue:' || a.venue
   where a.workspace_id = $1::uuid and a.status <> 'REVOKED' and ($2::text is null or a.venue = $2) order by a.id`,
);

export function insertClosingOrder(tx: Tx, order: ClosingOrder): void {
  tx.send(INSERT, [
    order.id,
    order.workspaceId,
    order.intentId,
    order.venueAccountId,
    order.venue,
    order.symbol,
    order.quantity.toFixed(),
    order.worstPrice?.toFixed() ?? null,
    order.reserve.asset,
    order.reserve.amount.toFixed(),
    order.killSwitchId,
  ]);
}

/** How many exits this switch has made, by account and market. */
export function countClosingOrders(
  tx: Tx,
  workspaceId: string,
  killSwitchId: string,
): Promise<{ readonly venueAccountId: string; readonly symbol: string; readonly tries: number }[]> {
  return tx.query(COUNT, [workspaceId, killSwitchId]);
}

interface RawSwitches {
  id: string;
  workspace_state: TradingState;
  workspace_change: string | null;
  platform_state: TradingState;
  platform_change: string | null;
  venue_state: TradingState;
  venue_change: string | null;
}

/** The switches that each account stands behind; `venue` narrows it to that venue's accounts. */
export async function listSwitches(tx: Tx, workspaceId: string, venue: string | null): Promise<ReadonlyMap<string, SwitchSet>> {
  const rows = await tx.query<RawSwitches>(SWITCHES, [workspaceId, venue]);
  return new Map(
    rows.map((row) => [
      row.id,
      {
        platform: { state: row.platform_state, changeId: row.platform_change },
        venue: { state: row.venue_state, changeId: row.venue_change },
        workspace: { state: row.workspace_state, changeId: row.workspace_change },
      },
    ]),
  );
}
