import { insertTwap } from "#server/data/twaps/twap-rows.ts";
import { insertIntent, type NewIntent } from "#server/data/orders/insert-intent.ts";
import type { Tx } from "#server/data/tx.ts";
import type { OverTimeRule, Way } from "#server/domain/twap/way.ts";
import { appendEvents } from "#server/events/append.ts";
import { enqueue } from "#server/jobs/enqueue.ts";
import { ATTEMPTS_UNLIMITED } from "#server/jobs/job.ts";

const PRIORITY_ENTRY = 4;

/** The work on a run of an order over time: one job, which comes back for every slice. */
export function enqueueSlices(tx: Tx, { workspaceId, id, run }: { workspaceId: string; id: string; run: number }): void {
  enqueue(tx, {
    kind: "twap.slice",
    workspaceId,
    priority: PRIORITY_ENTRY,
    payload: { twapId: id, run },
    attemptsMax: ATTEMPTS_UNLIMITED,
    dedupeKey: `twap.slice:${id}:${run}`,
  });
}

/**
 * Turns an allowed intent into an order over time, under the intent's id, instead of into an order. Nothing is reserved for what is to come:
 * each slice is an intent of its own, checked, reserved and routed like any other. Ends with the event.
 */
export function startTwap(
  tx: Tx,
  intent: NewIntent,
  { schedule, decidedBy }: Extract<Way, { kind: "OVER_TIME" }>,
  rule: OverTimeRule,
  now: Date,
): void {
  const { id, workspaceId, symbol, side, quantity, limitPrice, venueAccountId, actorUserId } = intent;
  const endsAt = new Date(now.getTime() + schedule.durationMs);
  insertIntent(tx, intent);
  insertTwap(tx, {
    id,
    workspaceId,
    symbol,
    side,
    quantity,
    limitPrice,
    venueAccountId,
    slices: schedule.slices,
    decidedBy,
    ruleVersion: decidedBy === "RULE" ? rule.version : null,
    createdBy: actorUserId,
    startsAt: now,
    endsAt,
  });
  enqueueSlices(tx, { workspaceId, id, run: 0 });
  appendEvents(tx, workspaceId, [
    {
      type: "TwapStarted",
      data: {
        twapId: id,
        state: "ACTIVE",
        at: now.toISOString(),
        symbol,
        side,
        quantity: quantity.toFixed(),
        limitPrice: limitPrice?.toFixed() ?? null,
        slices: schedule.slices,
        endsAt: endsAt.toISOString(),
        decidedBy,
      },
    },
  ]);
}
