import { statement, type Tx } from "#server/data/tx.ts";

export interface ExternalHoldingRow {
  readonly asset: string;
  /** What the ledger has of it in this account. */
  readonly held: string;
  /** What of it are positions. */
  readonly managed: string;
}

const LIST = statement(
  "external-holding-view.list",
  `select b.asset, trim_scale(sum(b.amount)) as held, trim_scale(coalesce(p.managed, 0)) as managed from balances b
   left join (
     select split_part(symbol, '/', 1) as base, sum(quantity) as managed from positions
     where workspace_id = $1::uuid and venue_account_id = $2::uuid group by 1
   ) p on p.base = b.asset
   where b.workspace_id = $1::uuid and b.holder_id = $2::uuid and b.account in ('AVAILABLE', 'RESERVED')
   group by b.asset, p.managed having sum(b.amount) <> coalesce(p.managed, 0) order by b.asset`,
);

/** Assets of which the account holds more, or less, than the platform has bought there; what trades are paid with among them. */
export function listExternalHoldings(tx: Tx, workspaceId: string, venueAccountId: string): Promise<ExternalHoldingRow[]> {
  return tx.query<ExternalHoldingRow>(LIST, [workspaceId, venueAccountId]);
}
