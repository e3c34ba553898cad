import { Decimal } from "#server/domain/decimal.ts";
import type { LedgerAccount } from "#server/domain/ledger/accounts.ts";
import { setStatement, statement, type Tx } from "#server/data/tx.ts";

export interface BalanceRow {
  /** A venue account, or the workspace itself for reserves that are not routed yet. */
  readonly holderId: string;
  readonly account: LedgerAccount;
  readonly asset: string;
  readonly amount: Decimal;
}

const LIST = statement(
  "balances.list",
  `select holder_id, account, asset, amount from balances
   where workspace_id = $1::uuid and account in ('AVAILABLE', 'RESERVED') and ($2::uuid is null or holder_id = $2::uuid)
     and ($3::text[] is null or asset = any($3::text[]))`,
);

const FREE = setStatement(
  "balances.free",
  { workspace_id: "uuid", asset: "text" },
  (items) => `select item.n::int as n, b.holder_id, b.amount from ${items}
   cross join lateral (select holder_id, amount from balances
     where workspace_id = item.workspace_id and account = 'AVAILABLE' and asset = item.asset offset 0) b`,
);

/** What is free of one asset, by holder. */
export async function readFree(tx: Tx, workspaceId: string, asset: string): Promise<ReadonlyMap<string, Decimal>> {
  const rows = await tx.query<{ holder_id: string; amount: string }>(FREE, [workspaceId, asset]);
  return new Map(rows.map((row) => [row.holder_id, new Decimal(row.amount)]));
}

/** What is free and what is promised, per holder and asset. `holderId` and `assets` null mean all. */
export async function listBalances(
  tx: Tx,
  workspaceId: string,
  holderId: string | null,
  assets: readonly string[] | null,
): Promise<BalanceRow[]> {
  const rows = await tx.query<{ holder_id: string; account: LedgerAccount; asset: string; amount: string }>(LIST, [
    workspaceId,
    holderId,
    assets,
  ]);
  return rows.map((row) => ({
    holderId: row.holder_id,
    account: row.account,
    asset: row.asset,
    amount: new Decimal(row.amount),
  }));
}
