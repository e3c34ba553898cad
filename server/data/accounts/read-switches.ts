import type { TradingState } from "#server/domain/risk/trading-state.ts";
import { statement, type Tx } from "#server/data/tx.ts";

const READ = statement(
  "trading-states.read",
  `select r.trading_state as workspace, coalesce(p.state, 'ACTIVE') as platform, coalesce(v.state, 'ACTIVE') as venue,
     a.status = 'ACTIVE' as account_active
   from venue_accounts a join workspace_risk r on r.workspace_id = a.workspace_id
   left join trading_states p on p.scope = 'platform' left join trading_states v on v.scope = 'venue:' || a.venue
   where a.workspace_id = $1::uuid and a.id = $2::uuid`,
);

/** Every switch that an order at this account stands behind. */
export interface Switches {
  readonly workspace: TradingState;
  readonly platform: TradingState;
  readonly venue: TradingState;
  readonly accountActive: boolean;
}

/** Null when this workspace has no such account. */
export async function readSwitches(tx: Tx, workspaceId: string, venueAccountId: string): Promise<Switches | null> {
  const [row] = await tx.query<{ workspace: TradingState; platform: TradingState; venue: TradingState; account_active: boolean }>(
    READ,
    [workspaceId, venueAccountId],
  );
  if (row === undefined) return null;
  return { workspace: row.workspace, platform: row.platform, venue: row.venue, accountActive: row.account_active };
}
