import type { AccountMode, VenueId } from "#server/domain/venue.ts";
import { statement, type Tx } from "#server/data/tx.ts";

export interface VenueAccountState {
  readonly venue: VenueId;
  readonly mode: AccountMode;
  readonly status: "CHECKING" | "ACTIVE" | "INVALID" | "DISABLED" | "REVOKED";
  /** Fills before this instant are not the platform's. */
  readonly fillsSince: Date;
  readonly checkedAt: Date | null;
  /** By the venue's clock. What happened before is in the opening balance. */
  readonly ledgerOpenedAt: Date | null;
  readonly movementsReadAt: Date | null;
}

const READ = statement(
  "venue-accounts.read",
  `select venue, mode, status, fills_since as "fillsSince", checked_at as "checkedAt",
     ledger_opened_at as "ledgerOpenedAt", movements_read_at as "movementsReadAt" from venue_accounts
   where workspace_id = $1::uuid and id = $2::uuid`,
);

/** Null when this workspace has no such account. */
export async function readVenueAccount(
  tx: Tx,
  account: { readonly workspaceId: string; readonly venueAccountId: string },
): Promise<VenueAccountState | null> {
  const [row] = await tx.query<VenueAccountState>(READ, [account.workspaceId, account.venueAccountId]);
  return row ?? null;
}
