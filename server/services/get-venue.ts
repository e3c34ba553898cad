import type { VenueAccountDetailDto } from "#lib/contracts/account.ts";
import { findVenueAccount } from "#server/data/venue-accounts/list-venue-accounts.ts";
import { listBalanceViews } from "#server/data/views/balance-view.ts";
import { readLastRead } from "#server/data/views/reconciliation-view.ts";
import type { Actor } from "#server/domain/actor.ts";
import { AppError } from "#server/errors.ts";
import { toVenueAccountDto } from "#server/services/list-venues.ts";
import { toExternalOrders } from "#server/services/reconcile/reconciliation-dto.ts";
import type { ServiceDeps } from "#server/services/service-deps.ts";

/** One account with its balances and what the last comparison saw at its venue that is not ours. Throws `NOT_FOUND`. */
export function getVenue(
  deps: ServiceDeps,
  actor: Actor,
  input: { readonly venueAccountId: string },
): Promise<VenueAccountDetailDto> {
  const { workspaceId } = actor;
  return deps.database.workspace(workspaceId, async (tx) => {
    const row = await findVenueAccount(tx, workspaceId, input.venueAccountId);
    if (row === null) throw new AppError("NOT_FOUND");
    const account = toVenueAccountDto(row, await listBalanceViews(tx, workspaceId));
    const last = await readLastRead(tx, workspaceId, input.venueAccountId);
    return {
      account,
      externalOrders: last === null ? [] : toExternalOrders(last.report),
      externalOrdersAt: last?.at.toISOString() ?? null,
    };
  });
}
