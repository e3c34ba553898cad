import { lockOrder } from "#server/data/orders/load-order.ts";
import { asRouted, type RoutedOrder } from "#server/data/orders/order-row.ts";
import { pauseLane } from "#server/data/accounts/pause-lane.ts";
import type { Tx } from "#server/data/tx.ts";
import { isOpenAtVenue, isTerminal } from "#server/domain/order/state.ts";
import { appendEvents } from "#server/events/append.ts";
import { advanceOrder } from "./advance-order.ts";
import { type ExecutionContext, inLane, type Lane } from "./context.ts";
import { crashPoint } from "./crash-points.ts";
import type { CancelOutcome } from "./executors/executor.ts";
import { noteCall, raiseAlarms } from "./note-call.ts";
import { orderEvent } from "./order-events.ts";
import { refreshOrder } from "./refresh-order.ts";
import { requestCancel } from "./request-work.ts";

const AGAIN_AFTER_MS_MIN = 1_000;
const AGAIN_AFTER_MS_MAX = 60_000;
const STUCK_AFTER_MS = 120_000;

/** The order as it is now, moved to `PENDING_CANCEL` if it rests; null when there is nothing to cancel at the venue. */
export async function claimForCancel(tx: Tx, lane: Lane, orderId: string): Promise<RoutedOrder | null> {
  const order = await lockOrder(tx, lane.workspaceId, orderId);
  if (order === null || isTerminal(order.state)) return null;
  // SUBMITTING and UNKNOWN: the wish is kept on the row; whoever settles the order asks for the cancel again.
  if (!isOpenAtVenue(order.state)) return null;
  if (order.state === "PENDING_CANCEL") return asRouted(order);
  return asRouted(advanceOrder(tx, order, "CANCEL_REQUESTED", { cancelRequested: true }).order);
}

async function recordRefusal(ctx: ExecutionContext, lane: Lane, orderId: string, detail: string): Promise<void> {
  await inLane(ctx, lane, async (tx) => {
    const order = await lockOrder(tx, lane.workspaceId, orderId);
    if (order === null || order.state !== "PENDING_CANCEL" || order.venueAccountId === null) return;
    const { order: refused } = advanceOrder(tx, order, "CANCEL_REFUSED", {}, { detail });
    appendEvents(tx, lane.workspaceId, [
      orderEvent("OrderCancelRefused", refused, ctx.clock.now(), { venueAccountId: order.venueAccountId, reason: detail }),
    ]);
  });
}

/** Asks again later, slower each time; a cancel that stays stuck is a person's business and never spins. */
async function askAgain(ctx: ExecutionContext, lane: Lane, order: RoutedOrder, pausedUntil: Date | undefined): Promise<void> {
  const now = ctx.clock.now();
  const ageMs = now.getTime() - (order.cancelRequestedAt ?? now).getTime();
  if (ageMs > STUCK_AFTER_MS)
    ctx.log.error({ orderId: order.id, venue: order.venue, ageMs }, "cancel is stuck: a person must decide");
  const again = new Date(now.getTime() + Math.min(AGAIN_AFTER_MS_MAX, Math.max(AGAIN_AFTER_MS_MIN, ageMs / 2)));
  await inLane(ctx, lane, async (tx) => {
    if (pausedUntil !== undefined) await pauseLane(tx, lane, pausedUntil);
    requestCancel(tx, lane, order.id, pausedUntil !== undefined && pausedUntil > again ? pausedUntil : again);
  });
}

/**
 * Cancels one order at its venue and records what the venue then shows: canceled, or filled in the meantime. The venue's
 * answer to the cancel alone closes nothing; the look-up after it does.
 */
export async function cancelAtVenue(ctx: ExecutionContext, lane: Lane, orderId: string): Promise<void> {
  const executor = await ctx.executors.get(lane);
  const order = await inLane(ctx, lane, (tx) => claimForCancel(tx, lane, orderId));
  if (order === null) return;
  const { clientOrderId, venueOrderId, symbol } = order;
  const startedAt = performance.now();
  const outcome: CancelOutcome = await executor.cancel({
    clientOrderId: clientOrderId ?? "",
    venueOrderId,
    symbol,
    since: order.submittedAt ?? order.createdAt,
  });
  const latencyMs = Math.round(performance.now() - startedAt);
  crashPoint("cancel:after-send");
  const noted = await inLane(ctx, lane, async (tx) => {
    const call = { ...lane, orderId, venue: order.venue, symbol, kind: "cancel", outcome, latencyMs } as const;
    const events = await noteCall(tx, call, false);
    appendEvents(tx, lane.workspaceId, events);
    return events;
  });
  raiseAlarms(ctx.log, noted);
  await settleCancel(ctx, lane, order, outcome);
}

/** What follows a venue's answer to a cancel: a refusal is told, the order is looked at, and one that is still there is asked about again. */
export async function settleCancel(ctx: ExecutionContext, lane: Lane, order: RoutedOrder, outcome: CancelOutcome): Promise<void> {
  if (outcome.kind === "rejected") await recordRefusal(ctx, lane, order.id, outcome.detail);
  const looked = await refreshOrder(ctx, lane, order.id);
  if (looked?.kind === "settled" || outcome.kind === "rejected") return;
  await askAgain(ctx, lane, order, outcome.kind === "unknown" ? outcome.pausedUntil : undefined);
}
