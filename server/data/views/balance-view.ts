import { statement, type Tx } from "#server/data/tx.ts";

export interface BalanceViewRow {
  readonly holder_id: string;
  readonly asset: string;
  readonly available: string;
  readonly reserved: string;
}

export interface HoldingRow {
  readonly asset: string;
  readonly amount: string;
  readonly venue: string;
}

const LIST = statement(
  "balance-view.list",
  `select holder_id, asset, trim_scale(coalesce(sum(amount) filter (where account = 'AVAILABLE'), 0)) as available,
     trim_scale(coalesce(sum(amount) filter (where account = 'RESERVED'), 0)) as reserved
   from balances where workspace_id = $1::uuid and account in ('AVAILABLE', 'RESERVED') group by holder_id, asset
   having bool_or(amount <> 0) order by holder_id, asset`,
);
// Reserves that are not routed yet sum to zero at the workspace, so the accounts alone are everything that is held.
const HOLDINGS = statement(
  "balance-view.holdings",
  `select b.asset, sum(b.amount) as amount, a.venue from balances b
   join venue_accounts a on a.workspace_id = b.workspace_id and a.id = b.holder_id
   where b.workspace_id = $1::uuid and b.account in ('AVAILABLE', 'RESERVED') and a.mode = $2 and a.status <> 'REVOKED'
   group by b.asset, a.venue having sum(b.amount) <> 0`,
);

export function listBalanceViews(tx: Tx, workspaceId: string): Promise<BalanceViewRow[]> {
  return tx.query<BalanceViewRow>(LIST, [workspaceId]);
}

/** What the workspace owns per asset and venue, free and reserved together. */
export function listHoldings(tx: Tx, workspaceId: string, mode: string): Promise<HoldingRow[]> {
  return tx.query<HoldingRow>(HOLDINGS, [workspaceId, mode]);
}
