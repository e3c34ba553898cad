import type { Decimal } from "#server/domain/decimal.ts";
import { statement, type Tx } from "#server/data/tx.ts";

interface AccountKey {
  readonly workspaceId: string;
  readonly venueAccountId: string;
}

const WRITE_CHECK = statement(
  "venue-accounts.write-check",
  `update venue_accounts set status = $3, status_detail = $4, can_withdraw = $5::boolean, checked_at = now(),
     maker_fee = coalesce($6::numeric, maker_fee), taker_fee = coalesce($7::numeric, taker_fee)
   where workspace_id = $1::uuid and id = $2::uuid and status not in ('REVOKED', 'DISABLED')`,
);
const WRITE_RECONCILED = statement(
  "venue-accounts.write-reconciled",
  `with report as (
     insert into reconciliations (id, workspace_id, venue_account_id, ok, report)
     values ($5::uuid, $1::uuid, $2::uuid, $3::boolean, $6::jsonb)
   )
   update venue_accounts set reconcile_state = case when $3::boolean then 'OK' else 'FAILED' end, reconcile_detail = $4,
     reconciled_at = now()
   where workspace_id = $1::uuid and id = $2::uuid`,
);

export interface CheckResult {
  readonly status: "ACTIVE" | "INVALID";
  readonly detail: string;
  readonly canWithdraw: boolean | null;
  readonly makerFee: Decimal | null;
  readonly takerFee: Decimal | null;
}

/** Writes what a check of the credential found. A disconnected or disabled account stays what it is. */
export async function writeCheck(tx: Tx, account: AccountKey, check: CheckResult): Promise<void> {
  await tx.query(WRITE_CHECK, [
    account.workspaceId,
    account.venueAccountId,
    check.status,
    check.detail,
    check.canWithdraw,
    check.makerFee?.toFixed() ?? null,
    check.takerFee?.toFixed() ?? null,
  ]);
}

/** Stores the report of a reconciliation and whether the account may go on trading. */
export async function writeReconciled(
  tx: Tx,
  account: AccountKey,
  result: { readonly id: string; readonly ok: boolean; readonly detail: string; readonly report: object },
): Promise<void> {
  const { id, ok, detail, report } = result;
  await tx.query(WRITE_RECONCILED, [account.workspaceId, account.venueAccountId, ok, detail, id, report]);
}
