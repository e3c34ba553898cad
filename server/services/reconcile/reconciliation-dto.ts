import type {
  ComparedBalanceDto,
  ExternalOrderDto,
  ReconciliationDetailDto,
  ReconciliationDto,
} from "#lib/contracts/reconcile.ts";
import type { ReconciliationRow, StoredReport } from "#server/data/views/reconciliation-view.ts";
import { Decimal } from "#server/domain/decimal.ts";

export function toReconciliationDto(row: ReconciliationRow): ReconciliationDto {
  const { report } = row;
  return {
    id: row.id,
    outcome: row.outcome,
    reason: row.reason,
    runs: row.runs,
    firstAt: row.first_at.toISOString(),
    at: row.at.toISOString(),
    fillsApplied: report.fillsApplied ?? 0,
    differences: report.differences?.length ?? 0,
    booked: report.booked?.length ?? 0,
    pending: report.pending?.length ?? 0,
    externalOrders: report.externalOrdersCount ?? report.externalOrders?.length ?? 0,
    failure: report.failure ?? report.refused ?? "",
  };
}

export function toExternalOrders(report: StoredReport): ExternalOrderDto[] {
  return (report.externalOrders ?? []).map(({ filledQuantity = "0", limitPrice = null, ...order }) => ({
    ...order,
    filledQuantity,
    limitPrice,
  }));
}

function toBalances(report: StoredReport): ComparedBalanceDto[] | null {
  if (report.balancesCompared !== true) return null;
  const differences = new Map(report.differences?.map(({ asset, amount }) => [asset, amount]));
  return (report.balances ?? []).map(({ asset, ledger, venue }) => ({
    asset,
    ledger: new Decimal(ledger).toFixed(),
    venue: new Decimal(venue).toFixed(),
    difference: differences.get(asset) ?? "0",
    names: [
      ...(report.booked ?? [])
        .filter((row) => row.asset === asset)
        .map(({ kind = "UNKNOWN", amount, reference = null }) => ({ kind, amount, reference })),
      ...(report.pending ?? [])
        .filter((row) => row.asset === asset)
        .map(({ amount }) => ({ kind: "PENDING" as const, amount, reference: null })),
    ],
  }));
}

export function toReconciliationDetail(row: ReconciliationRow): ReconciliationDetailDto {
  const { report } = row;
  return {
    ...toReconciliationDto(row),
    venueAccountId: row.venue_account_id,
    venue: row.venue,
    accountLabel: row.label,
    tookMs: report.tookMs ?? 0,
    orders: {
      ours: report.openOrders ?? 0,
      atVenue: report.ordersAtVenue ?? 0,
      lookedUp: report.ordersRefreshed ?? 0,
      unresolved: report.unresolvedOrders ?? 0,
      external: toExternalOrders(report),
    },
    fills: {
      since: report.fillsSince ?? null,
      seen: report.fillsSeen ?? 0,
      booked: report.fillsApplied ?? 0,
      external: report.externalFills ?? 0,
    },
    balances: toBalances(report),
    balancesLeftOut: report.balancesLeftOut ?? 0,
    lists: report.movementLists ?? { state: "NOT_ASKED", detail: "" },
  };
}
