import type { ReconcileReason } from "#server/domain/movement/reasons.ts";
import { statement, type Tx } from "#server/data/tx.ts";

interface AccountKey {
  readonly workspaceId: string;
  readonly venueAccountId: string;
}

const LAST_PENDING = statement(
  "reconciliations.last-pending",
  `select report -> 'pending' as pending from reconciliations
   where workspace_id = $1::uuid and venue_account_id = $2::uuid and outcome <> 'UNAVAILABLE' order by at desc limit 1`,
);
// Never past an order that is not final: its fills may still be asked for.
const MOVE_SINCE = statement(
  "venue-accounts.move-fills-since",
  `update venue_accounts set fills_since = greatest(fills_since, least($3::timestamptz,
     (select min(coalesce(submitted_at, created_at)) from orders where workspace_id = $1::uuid and venue_account_id = $2::uuid
       and state in ('PENDING_NEW', 'SUBMITTING', 'NEW', 'PARTIALLY_FILLED', 'PENDING_REPLACE', 'PENDING_CANCEL', 'UNKNOWN')))),
     movements_read_at = coalesce($4::timestamptz, movements_read_at)
   where workspace_id = $1::uuid and id = $2::uuid`,
);
// A run that found the same as the last one shares its row. `at` is that of the statement, so that runs of one transaction's moment differ.
const WRITE = statement(
  "reconciliations.write",
  `with last as (
     select id, sameness from reconciliations where workspace_id = $1::uuid and venue_account_id = $2::uuid order by at desc limit 1
   ), shared as (
     update reconciliations r set at = clock_timestamp(), runs = r.runs + 1, reason = $5, report = $7::jsonb
     from last where r.workspace_id = $1::uuid and r.id = last.id and last.sameness = $6 returning r.id
   )
   insert into reconciliations (id, workspace_id, venue_account_id, ok, outcome, reason, sameness, report, at, first_at)
   select $3::uuid, $1::uuid, $2::uuid, $4 = 'OK', $4, $5, $6, $7::jsonb, clock_timestamp(), clock_timestamp()
   where not exists (select from shared) returning id`,
);
const JUDGE = statement(
  "venue-accounts.write-reconciled",
  `update venue_accounts set reconcile_state = $3, reconcile_detail = $4, reconciled_at = now()
   where workspace_id = $1::uuid and id = $2::uuid`,
);
const PRUNE = statement(
  "reconciliations.prune",
  `delete from reconciliations where workspace_id = $1::uuid and venue_account_id = $2::uuid and (at < now() - interval '90 days'
     or at < (select at from reconciliations where workspace_id = $1::uuid and venue_account_id = $2::uuid
       order by at desc offset $3 limit 1))`,
);
/** Rows kept per account, each one run in which something happened or a row of quiet ones. */
const KEPT_MAX = 300;

interface StoredDifference {
  readonly asset: string;
  readonly amount: string;
}

/** Differences that the last comparison saw and could not explain. */
export async function lastPending(tx: Tx, account: AccountKey): Promise<readonly StoredDifference[]> {
  const [row] = await tx.query<{ pending: StoredDifference[] | null }>(LAST_PENDING, [
    account.workspaceId,
    account.venueAccountId,
  ]);
  return row?.pending ?? [];
}

/** Moves the watermark for fills forward, never back; `movementsReadAt` null leaves that one where it is. */
export async function moveWatermarks(tx: Tx, account: AccountKey, fillsSince: Date, movementsReadAt: Date | null): Promise<void> {
  await tx.query(MOVE_SINCE, [account.workspaceId, account.venueAccountId, fillsSince, movementsReadAt]);
}

export interface ReconcileRecord {
  readonly id: string;
  /** `UNAVAILABLE`: the venue could not be read. It says nothing about the account, which goes on as it was. */
  readonly outcome: "OK" | "FAILED" | "UNAVAILABLE";
  readonly reason: ReconcileReason;
  /** What a run must equal to share a row with the one before; null shares it with none. */
  readonly sameness: string | null;
  readonly detail: string;
  readonly report: object;
}

/**
 * Stores the report of a reconciliation, and whether the account may go on trading. Answers whether it got a row of its own: a run that found
 * the same as the one before only counts there. Rows are kept for 90 days, and 300 of them per account.
 */
export async function writeReconciled(tx: Tx, account: AccountKey, record: ReconcileRecord): Promise<boolean> {
  const { workspaceId, venueAccountId } = account;
  const { id, outcome, reason, sameness, detail, report } = record;
  const rows = await tx.query(WRITE, [workspaceId, venueAccountId, id, outcome, reason, sameness, report]);
  if (outcome !== "UNAVAILABLE") await tx.query(JUDGE, [workspaceId, venueAccountId, outcome, detail]);
  if (rows.length > 0) await tx.query(PRUNE, [workspaceId, venueAccountId, KEPT_MAX]);
  return rows.length > 0;
}
