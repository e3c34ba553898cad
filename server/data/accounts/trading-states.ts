import type { TradingState } from "#server/domain/risk/trading-state.ts";
import { statement, type Tx } from "#server/data/tx.ts";

const READ = statement(
  "trading-states.read",
  `select trading_state as state from workspace_risk where workspace_id = $1::uuid
   union all select state from trading_states where scope in ('platform', 'venue:' || coalesce($2, ''))`,
);

/** Every state that applies to an order of this workspace at this venue. */
export async function readTradingStates(tx: Tx, workspaceId: string, venue: string | null): Promise<TradingState[]> {
  const rows = await tx.query<{ state: TradingState }>(READ, [workspaceId, venue]);
  return rows.map((row) => row.state);
}
