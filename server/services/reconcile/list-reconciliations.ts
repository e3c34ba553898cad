import type { ReconciliationDetailDto, ReconciliationDto } from "#lib/contracts/reconcile.ts";
import { findVenueAccount } from "#server/data/venue-accounts/list-venue-accounts.ts";
import { listReconciliationRows, readReconciliationRow } from "#server/data/views/reconciliation-view.ts";
import type { Actor } from "#server/domain/actor.ts";
import { AppError } from "#server/errors.ts";
import { toReconciliationDetail, toReconciliationDto } from "#server/services/reconcile/reconciliation-dto.ts";
import type { ServiceDeps } from "#server/services/service-deps.ts";

/** More are not kept for long. */
const LISTED_MAX = 100;

/** The account's comparisons with its venue, the latest first. Throws `NOT_FOUND`. */
export function listReconciliations(
  deps: ServiceDeps,
  actor: Actor,
  input: { readonly venueAccountId: string },
): Promise<ReconciliationDto[]> {
  const { workspaceId } = actor;
  return deps.database.workspace(workspaceId, async (tx) => {
    if ((await findVenueAccount(tx, workspaceId, input.venueAccountId)) === null) throw new AppError("NOT_FOUND");
    const rows = await listReconciliationRows(tx, workspaceId, input.venueAccountId, LISTED_MAX);
    return rows.map(toReconciliationDto);
  });
}

/** One comparison with everything it saw and did. Throws `NOT_FOUND`. */
export function getReconciliation(
  deps: ServiceDeps,
  actor: Actor,
  input: { readonly reconciliationId: string },
): Promise<ReconciliationDetailDto> {
  return deps.database.workspace(actor.workspaceId, async (tx) => {
    const row = await readReconciliationRow(tx, actor.workspaceId, input.reconciliationId);
    if (row === null) throw new AppError("NOT_FOUND");
    return toReconciliationDetail(row);
  });
}
