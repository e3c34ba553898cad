import { chooseDeadMan as writeChoice } from "#server/data/dead-man/choose-seconds.ts";
import { lockVenueAccount } from "#server/data/venue-accounts/list-venue-accounts.ts";
import type { Actor } from "#server/domain/actor.ts";
import { asVenueAccountId } from "#server/domain/ids.ts";
import { DEAD_MAN_VENUES, type DeadManSeconds } from "#server/domain/protection/dead-man.ts";
import { AppError } from "#server/errors.ts";
import { enqueue } from "#server/jobs/enqueue.ts";
import { ATTEMPTS_UNLIMITED } from "#server/jobs/job.ts";
import { auditAct } from "#server/services/audit-act.ts";
import type { ServiceDeps } from "#server/services/service-deps.ts";

/** Job in the account's lane that brings the venue's switch in line with what is wanted and what rests there. */
export const DEAD_MAN_JOB = "account.dead-man";
const PRIORITY_DEAD_MAN = 2;

/**
 * Says after how many seconds without a word from Nija the venue shall cancel all that is open at this account; null for never. A
 * repeat changes nothing. Throws `NOT_FOUND`, and `VENUE_NO_DEAD_MAN` for a venue that has no such switch.
 */
export function chooseDeadMan(
  deps: ServiceDeps,
  actor: Actor,
  input: { readonly venueAccountId: string; readonly seconds: DeadManSeconds | null },
): Promise<{ readonly venueAccountId: string; readonly seconds: number | null }> {
  const { venueAccountId, seconds } = input;
  const { workspaceId, userId } = actor;
  return deps.database.workspace(workspaceId, async (tx) => {
    const account = await lockVenueAccount(tx, workspaceId, venueAccountId);
    if (account === null || account.status === "REVOKED") throw new AppError("NOT_FOUND");
    if (!DEAD_MAN_VENUES.includes(account.venue)) throw new AppError("VENUE_NO_DEAD_MAN", { venue: account.venue });
    writeChoice(tx, { workspaceId, venueAccountId, seconds, chosenBy: userId, chosenAt: deps.clock.now() });
    enqueue(tx, {
      kind: DEAD_MAN_JOB,
      workspaceId,
      lane: asVenueAccountId(venueAccountId),
      priority: PRIORITY_DEAD_MAN,
      payload: {},
      dedupeKey: `${DEAD_MAN_JOB}:${venueAccountId}`,
      attemptsMax: ATTEMPTS_UNLIMITED,
    });
    const details = { seconds: seconds === null ? "off" : String(seconds) };
    auditAct(tx, actor, { action: "venue.dead-man", target: venueAccountId, result: "OK", details });
    return { venueAccountId, seconds };
  });
}
