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
const OPEN_LEDGER = statement(
  "venue-accounts.open-ledger",
  `update venue_accounts set ledger_opened_at = coalesce(ledger_opened_at, $3::timestamptz)
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

/** Remembers from when on movements count, once. `at` is before the opening balances were read. */
export function writeLedgerOpened(tx: Tx, account: AccountKey, at: Date): void {
  tx.send(OPEN_LEDGER, [account.workspaceId, account.venueAccountId, at]);
}
