import { findVenueAccount } from "#server/data/venue-accounts/list-venue-accounts.ts";
import type { Actor } from "#server/domain/actor.ts";
import { asVenueAccountId } from "#server/domain/ids.ts";
import type { ReconcileReason } from "#server/domain/movement/reasons.ts";
import { AppError } from "#server/errors.ts";
import { enqueue } from "#server/jobs/enqueue.ts";
import { ATTEMPTS_UNLIMITED } from "#server/jobs/job.ts";
import { auditAct } from "#server/services/audit-act.ts";
import type { ServiceDeps } from "#server/services/service-deps.ts";

const PRIORITY = 5;
const BY_HAND: ReconcileReason = "BY_HAND";

/** Asks the worker to compare the account with its venue at once; while such a run waits, asking again adds nothing. Throws `NOT_FOUND`. */
export function reconcileNow(
  deps: ServiceDeps,
  actor: Actor,
  input: { readonly venueAccountId: string },
): Promise<{ readonly venueAccountId: string }> {
  const { venueAccountId } = input;
  const { workspaceId } = actor;
  return deps.database.workspace(workspaceId, async (tx) => {
    const account = await findVenueAccount(tx, workspaceId, venueAccountId);
    if (account === null || account.status === "REVOKED") throw new AppError("NOT_FOUND");
    enqueue(tx, {
      kind: "account.reconcile",
      workspaceId,
      lane: asVenueAccountId(venueAccountId),
      priority: PRIORITY,
      payload: { reason: BY_HAND },
      // Not that of the account's own chain of runs, so that this one keeps its reason.
      dedupeKey: `account.reconcile:${venueAccountId}:now`,
      attemptsMax: ATTEMPTS_UNLIMITED,
    });
    auditAct(tx, actor, { action: "venue.reconcile", target: venueAccountId, result: "OK", details: {} });
    return { venueAccountId };
  });
}
