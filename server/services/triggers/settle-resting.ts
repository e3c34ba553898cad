import type { OrderRow } from "#server/data/orders/order-row.ts";
import { listTriggersOfGroup } from "#server/data/triggers/load-trigger.ts";
import type { RestedOrder } from "#server/data/triggers/resting-orders.ts";
import type { TriggerRow } from "#server/data/triggers/trigger-row.ts";
import type { Tx } from "#server/data/tx.ts";
import { isTerminal } from "#server/domain/order/state.ts";
import { appendEvents } from "#server/events/append.ts";
import { enqueue } from "#server/jobs/enqueue.ts";
import { ATTEMPTS_UNLIMITED } from "#server/jobs/job.ts";
import { withdrawForStop } from "../cancel-order.ts";

/** A venue whose own trigger goes by its last trade may be this much later than its book. */
const VENUE_GRACE_MS = 3_000;
const FOLLOW_MS_MIN = 200;
const FOLLOW_MS_MAX = 2_000;
const PRIORITY_UPKEEP = 5;

/** Confirmed to work or wait at the venue, and not asked to go. */
function works(order: OrderRow): boolean {
  return (order.state === "NEW" || order.state === "PARTIALLY_FILLED") && order.cancelRequestedAt === null;
}

/** Has the account looked at now: the venue is about to sell. */
function askToLook(tx: Tx, { workspaceId, venueAccountId }: TriggerRow): void {
  enqueue(tx, {
    kind: "account.sync",
    workspaceId,
    lane: venueAccountId,
    priority: PRIORITY_UPKEEP,
    payload: {},
    attemptsMax: ATTEMPTS_UNLIMITED,
    dedupeKey: `account.sync:${venueAccountId}`,
  });
}

/**
 * What a fired trigger and its group have at the venue, before the worker sells: the trigger's own order gets a moment to do it, everything
 * else is withdrawn. Null once all of it is definitely over; until then nothing may be sold, and this answers how long to wait.
 */
export async function settleResting(
  tx: Tx,
  trigger: TriggerRow,
  rested: readonly RestedOrder[],
  isHalted: boolean,
  now: Date,
): Promise<number | null> {
  const open = rested.map(({ order }) => order).filter((order) => !isTerminal(order.state));
  if (open.length === 0) return null;
  const group = await listTriggersOfGroup(tx, trigger.workspaceId, trigger.groupId);
  const mine = open.filter(({ restsFor }) => group.some(({ id }) => id === restsFor?.triggerId));
  if (mine.length === 0) return null;
  const sinceMs = now.getTime() - (trigger.firedAt ?? now).getTime();
  if (trigger.firedAt === null) askToLook(tx, trigger);
  // While trading is halted nobody could sell in its place.
  const mayWork = sinceMs < VENUE_GRACE_MS || isHalted;
  const leaving = mine.filter((order) => !(mayWork && order.restsFor?.triggerId === trigger.id && works(order)));
  appendEvents(tx, trigger.workspaceId, withdrawForStop(tx, leaving, now));
  return Math.min(FOLLOW_MS_MAX, Math.max(FOLLOW_MS_MIN, sinceMs / 10));
}
