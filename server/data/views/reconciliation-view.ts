import type { MovementKind } from "#server/domain/movement/movement.ts";
import type { ReconcileReason } from "#server/domain/movement/reasons.ts";
import { statement, type Tx } from "#server/data/tx.ts";

/** A report as it is stored. Reports from before a field was kept lack it. */
export interface StoredReport {
  readonly failure?: string;
  readonly refused?: string;
  readonly tookMs?: number;
  readonly openOrders?: number;
  readonly ordersAtVenue?: number;
  readonly ordersRefreshed?: number;
  readonly unresolvedOrders?: number;
  readonly fillsSince?: string;
  readonly fillsSeen?: number;
  readonly fillsApplied?: number;
  readonly externalFills?: number;
  readonly externalOrders?: readonly {
    readonly venueOrderId: string;
    readonly symbol: string;
    readonly side: "BUY" | "SELL";
    readonly quantity: string;
    readonly filledQuantity?: string;
    readonly limitPrice?: string | null;
  }[];
  readonly externalOrdersCount?: number;
  readonly balancesCompared?: boolean;
  readonly balances?: readonly { readonly asset: string; readonly ledger: string; readonly venue: string }[];
  readonly balancesLeftOut?: number;
  readonly differences?: readonly { readonly asset: string; readonly amount: string }[];
  readonly booked?: readonly {
    readonly kind?: MovementKind;
    readonly asset: string;
    readonly amount: string;
    readonly reference?: string | null;
  }[];
  readonly pending?: readonly { readonly asset: string; readonly amount: string }[];
  readonly movementLists?: { readonly state: "READ" | "NOT_ASKED" | "REFUSED" | "UNAVAILABLE"; readonly detail: string };
}

export interface ReconciliationRow {
  readonly id: string;
  readonly venue_account_id: string;
  readonly venue: string;
  readonly label: string;
  readonly outcome: "OK" | "FAILED" | "UNAVAILABLE";
  readonly reason: ReconcileReason;
  readonly runs: number;
  readonly first_at: Date;
  readonly at: Date;
  readonly report: StoredReport;
}

const FROM = `from reconciliations r join venue_accounts a on a.workspace_id = r.workspace_id and a.id = r.venue_account_id`;
const COLUMNS = "r.id, r.venue_account_id, a.venue, a.label, r.outcome, r.reason, r.runs, r.first_at, r.at";
const SELECT = `select ${COLUMNS}, r.report ${FROM}`;
// A list needs what it counts and not every balance of every run.
const LIST = statement(
  "reconciliation-view.list",
  `select ${COLUMNS}, jsonb_strip_nulls(jsonb_build_object('failure', r.report -> 'failure', 'refused', r.report -> 'refused',
     'fillsApplied', r.report -> 'fillsApplied', 'differences', r.report -> 'differences', 'booked', r.report -> 'booked',
     'pending', r.report -> 'pending', 'externalOrdersCount', r.report -> 'externalOrdersCount')) as report
   ${FROM} where r.workspace_id = $1::uuid and r.venue_account_id = $2::uuid order by r.at desc limit $3`,
);
const GET = statement("reconciliation-view.get", `${SELECT} where r.workspace_id = $1::uuid and r.id = $2::uuid`);
const LAST_READ = statement(
  "reconciliation-view.last-read",
  `${SELECT} where r.workspace_id = $1::uuid and r.venue_account_id = $2::uuid and r.outcome = 'OK' order by r.at desc limit 1`,
);

/** Newest first. */
export function listReconciliationRows(
  tx: Tx,
  workspaceId: string,
  venueAccountId: string,
  limit: number,
): Promise<ReconciliationRow[]> {
  return tx.query<ReconciliationRow>(LIST, [workspaceId, venueAccountId, limit]);
}

export async function readReconciliationRow(tx: Tx, workspaceId: string, id: string): Promise<ReconciliationRow | null> {
  const [row] = await tx.query<ReconciliationRow>(GET, [workspaceId, id]);
  return row ?? null;
}

/** The last run that could read the venue; null before the first. */
export async function readLastRead(tx: Tx, workspaceId: string, venueAccountId: string): Promise<ReconciliationRow | null> {
  const [row] = await tx.query<ReconciliationRow>(LAST_READ, [workspaceId, venueAccountId]);
  return row ?? null;
}
