import type { VenueAccountDto } from "#lib/contracts/account.ts";
import { DEAD_MAN_VENUES } from "#server/domain/protection/dead-man.ts";
import { type BalanceViewRow, listBalanceViews } from "#server/data/views/balance-view.ts";
import { type ListedAccountRow, listVenueAccounts } from "#server/data/venue-accounts/list-venue-accounts.ts";
import type { Actor } from "#server/domain/actor.ts";
import type { ServiceDeps } from "#server/services/service-deps.ts";

export function toVenueAccountDto(row: ListedAccountRow, balances: readonly BalanceViewRow[]): VenueAccountDto {
  return {
    id: row.id,
    venue: row.venue,
    label: row.label,
    mode: row.mode,
    status: row.status,
    statusDetail: row.status_detail,
    keyHint: row.key_hint,
    canWithdraw: row.can_withdraw,
    makerFee: row.maker_fee,
    takerFee: row.taker_fee,
    reconcileState: row.reconcile_state,
    reconcileDetail: row.reconcile_detail,
    reconciledAt: row.reconciled_at?.toISOString() ?? null,
    deadMan: {
      isOffered: DEAD_MAN_VENUES.includes(row.venue),
      seconds: row.dead_man_seconds,
      armedUntil: row.armed_until?.toISOString() ?? null,
      heldBack: row.held_back ?? false,
      problem: row.problem ?? "",
      firedAt: row.fired_at?.toISOString() ?? null,
    },
    checkedAt: row.checked_at?.toISOString() ?? null,
    balances: balances
      .filter((balance) => balance.holder_id === row.id)
      .map(({ asset, available, reserved }) => ({ asset, available, reserved })),
  };
}

/** The connected accounts with their balances, oldest first. */
export function listVenues(deps: ServiceDeps, actor: Actor): Promise<VenueAccountDto[]> {
  return deps.database.workspace(actor.workspaceId, async (tx) => {
    const accounts = await listVenueAccounts(tx, actor.workspaceId);
    const balances = await listBalanceViews(tx, actor.workspaceId);
    return accounts.map((row) => toVenueAccountDto(row, balances));
  });
}
