import { lockVenueAccount } from "#server/data/venue-accounts/list-venue-accounts.ts";
import { setChecking } from "#server/data/venue-accounts/revoke-venue-account.ts";
import type { Actor } from "#server/domain/actor.ts";
import { asVenueAccountId } from "#server/domain/ids.ts";
import { AppError } from "#server/errors.ts";
import { enqueue } from "#server/jobs/enqueue.ts";
import { VENUE_CHECK_JOB } from "#server/services/connect-venue.ts";
import { auditAct } from "#server/services/audit-act.ts";
import type { ServiceDeps } from "#server/services/service-deps.ts";

const PRIORITY_RECHECK = 5;

/** Asks the worker to try the key again; while such a check waits, asking again adds nothing. Throws `NOT_FOUND`. */
export function recheckVenue(
  deps: ServiceDeps,
  actor: Actor,
  input: { readonly venueAccountId: string },
): Promise<{ readonly venueAccountId: string }> {
  const { venueAccountId } = input;
  return deps.database.workspace(actor.workspaceId, async (tx) => {
    const account = await lockVenueAccount(tx, actor.workspaceId, venueAccountId);
    if (account === null || account.status === "REVOKED") throw new AppError("NOT_FOUND");
    await setChecking(tx, actor.workspaceId, venueAccountId);
    enqueue(tx, {
      kind: VENUE_CHECK_JOB,
      workspaceId: actor.workspaceId,
      lane: asVenueAccountId(venueAccountId),
      priority: PRIORITY_RECHECK,
      payload: { venueAccountId },
      dedupeKey: `${VENUE_CHECK_JOB}:${venueAccountId}`,
    });
    auditAct(tx, actor, { action: "venue.recheck", target: venueAccountId, result: "OK", details: {} });
    return { venueAccountId };
  });
}
