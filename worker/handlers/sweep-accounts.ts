import type { Database } from "#server/data/database.ts";
import { listLanesWithout } from "#server/data/accounts/list-lanes-without.ts";
import { requestReconcile } from "#server/execution/request-work.ts";
import { asVenueAccountId } from "#server/domain/ids.ts";

/**
 * Second ring under the chain of reconciliations: an account for which none waits or runs gets one. A chain ends when an
 * account is not active at the time, and would break if its last link were lost.
 */
export async function sweepAccounts(database: Database): Promise<void> {
  const lanes = await database.platform((tx) => listLanesWithout(tx, "account.reconcile"));
  for (const { workspaceId, venueAccountId } of lanes) {
    const lane = { workspaceId, venueAccountId: asVenueAccountId(venueAccountId) };
    await database.workspace(workspaceId, (tx) => requestReconcile(tx, lane, null, "QUARTER_HOUR"));
  }
}
