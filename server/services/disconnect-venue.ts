import { lockRisk } from "#server/data/accounts/lock-risk.ts";
import { lockVenueAccount } from "#server/data/venue-accounts/list-venue-accounts.ts";
import { countOpenOrders, revokeVenueAccount } from "#server/data/venue-accounts/revoke-venue-account.ts";
import type { Actor } from "#server/domain/actor.ts";
import { asVenueAccountId } from "#server/domain/ids.ts";
import { AppError } from "#server/errors.ts";
import { appendEvents } from "#server/events/append.ts";
import { enqueue } from "#server/jobs/enqueue.ts";
import { auditAct } from "#server/services/audit-act.ts";
import type { ServiceDeps } from "#server/services/service-deps.ts";

/** Job that makes the worker which holds the account's lane drop the opened key and its connections. */
export const VENUE_FORGET_JOB = "venue.forget";
const PRIORITY_FORGET = 1;

/**
 * Erases the sealed key and marks the account disconnected. A repeat changes nothing. Throws `NOT_FOUND`, and
 * `VENUE_ACCOUNT_BUSY` while the account has orders that are not final: without a key nobody could cancel them.
 */
export function disconnectVenue(
  deps: ServiceDeps,
  actor: Actor,
  input: { readonly venueAccountId: string },
): Promise<{ readonly venueAccountId: string }> {
  const { venueAccountId } = input;
  const { workspaceId } = actor;
  return deps.database.workspace(workspaceId, async (tx) => {
    // Whoever accepts an order holds this lock first, so no order appears between the count and the erasure.
    await lockRisk(tx, workspaceId);
    const account = await lockVenueAccount(tx, workspaceId, venueAccountId);
    if (account === null) throw new AppError("NOT_FOUND");
    if (account.status === "REVOKED") return { venueAccountId };
    const openOrders = await countOpenOrders(tx, workspaceId, venueAccountId);
    if (openOrders > 0) throw new AppError("VENUE_ACCOUNT_BUSY", { openOrders: String(openOrders) });
    const now = deps.clock.now();
    await revokeVenueAccount(tx, workspaceId, venueAccountId, now);
    const accountId = asVenueAccountId(venueAccountId);
    enqueue(tx, {
      kind: VENUE_FORGET_JOB,
      workspaceId,
      lane: accountId,
      priority: PRIORITY_FORGET,
      payload: { venueAccountId },
      dedupeKey: `${VENUE_FORGET_JOB}:${venueAccountId}`,
    });
    auditAct(tx, actor, { action: "venue.disconnect", target: venueAccountId, result: "OK", details: {} });
    const data = { venueAccountId: accountId, venue: account.venue, reason: "disconnected", at: now.toISOString() };
    appendEvents(tx, workspaceId, [{ type: "VenueAccountDisabled", data }]);
    return { venueAccountId };
  });
}
