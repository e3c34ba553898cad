import type { MovementDto } from "#lib/contracts/reconcile.ts";
import type { Page } from "#lib/contracts/trade.ts";
import { findVenueAccount } from "#server/data/venue-accounts/list-venue-accounts.ts";
import { listMovementRows, type MovementRow } from "#server/data/views/movement-view.ts";
import type { Actor } from "#server/domain/actor.ts";
import { AppError } from "#server/errors.ts";
import { toPage } from "#server/services/order-dto.ts";
import type { ServiceDeps } from "#server/services/service-deps.ts";

function toMovementDto({ found_at: foundAt, ...row }: MovementRow): MovementDto {
  return { ...row, at: row.at.toISOString(), foundAt: foundAt.toISOString() };
}

/** What came to the account or left it other than by our trades, newest first. Throws `NOT_FOUND`. */
export function listMovements(
  deps: ServiceDeps,
  actor: Actor,
  query: { readonly venueAccountId: string; readonly cursor: string | null; readonly limit: number },
): Promise<Page<MovementDto>> {
  const { venueAccountId, cursor: afterId, limit } = query;
  const { workspaceId } = actor;
  return deps.database.workspace(workspaceId, async (tx) => {
    if ((await findVenueAccount(tx, workspaceId, venueAccountId)) === null) throw new AppError("NOT_FOUND");
    const rows = await listMovementRows(tx, workspaceId, { venueAccountId, afterId, limit: limit + 1 });
    return toPage(rows, limit, toMovementDto, (row) => row.id);
  });
}
