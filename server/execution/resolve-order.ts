import { lockOrder } from "#server/data/orders/load-order.ts";
import type { OrderRow } from "#server/data/orders/order-row.ts";
import { assert } from "#server/domain/assert.ts";
import { pauseLane } from "#server/data/accounts/pause-lane.ts";
import { advanceOrder } from "./advance-order.ts";
import { type ExecutionContext, inLane, type Lane } from "./context.ts";
import { denyOrder } from "./deny-order.ts";
import { appendEvents } from "#server/events/append.ts";
import { orderEvent } from "./order-events.ts";
import { refreshOrder } from "./refresh-order.ts";
import { requestCancel, requestResolve, requestSubmit, requestSync } from "./request-work.ts";

const LOOK_AGAIN_MS_MIN = 500;
const LOOK_AGAIN_MS_MAX = 15_000;

/** Looks come quickly at first and grow with the age of the question. */
function lookAgainAt(order: OrderRow, now: Date): Date {
  const ageMs = now.getTime() - (order.submittedAt ?? order.createdAt).getTime();
  return new Date(now.getTime() + Math.min(LOOK_AGAIN_MS_MAX, Math.max(LOOK_AGAIN_MS_MIN, ageMs / 3)));
}

/** An order found in the middle of sending has an unknown outcome, whatever happened to the process that sent it. */
async function admitUnknown(ctx: ExecutionContext, lane: Lane, orderId: string): Promise<void> {
  await inLane(ctx, lane, async (tx) => {
    const order = await lockOrder(tx, lane.workspaceId, orderId);
    if (order === null || order.state !== "SUBMITTING" || order.venueAccountId === null) return;
    const unknown = advanceOrder(tx, order, "OUTCOME_UNKNOWN", {}, { cause: "INTERRUPTED" });
    const now = ctx.clock.now();
    requestResolve(tx, lane, orderId, null);
    appendEvents(tx, lane.workspaceId, [
      orderEvent("OrderOutcomeUnknown", unknown.order, now, { venueAccountId: order.venueAccountId, reason: "INTERRUPTED" }),
    ]);
  });
}

/**
 * "Not found" with healthy connections, after the settle time, with fills searched: it was never placed. An entry is given
 * up, since its moment has passed; an exit goes on with the next attempt and so another client order id.
 */
async function confirmNeverPlaced(ctx: ExecutionContext, lane: Lane, orderId: string): Promise<void> {
  await inLane(ctx, lane, async (tx) => {
    const order = await lockOrder(tx, lane.workspaceId, orderId);
    assert(order !== null, `order ${orderId} disappeared`);
    if (order.state !== "UNKNOWN" || order.filledQuantity.gt(0) || order.venueOrderId !== null) return;
    const { order: waiting } = advanceOrder(tx, order, "NOT_FOUND_CONFIRMED", {}, { attempt: order.attempt });
    if (!order.isExit || order.cancelRequestedAt !== null) {
      denyOrder(tx, waiting, { code: "ORDER_NEVER_PLACED", details: { attempt: String(order.attempt) } }, ctx.clock.now());
      return;
    }
    requestSubmit(tx, lane, waiting, null);
  });
}

async function lookAgain(ctx: ExecutionContext, lane: Lane, order: OrderRow, pausedUntil: Date | null): Promise<void> {
  const now = ctx.clock.now();
  const ageMs = now.getTime() - (order.unknownSince ?? now).getTime();
  if (ageMs > ctx.settings.unknownAlertMs) {
    ctx.log.error({ orderId: order.id, venue: order.venue, ageMs }, "order outcome still unknown: a person must decide");
  }
  await inLane(ctx, lane, async (tx) => {
    if (pausedUntil !== null) await pauseLane(tx, lane, pausedUntil);
    const next = lookAgainAt(order, now);
    requestResolve(tx, lane, order.id, pausedUntil !== null && pausedUntil > next ? pausedUntil : next);
  });
}

/**
 * Settles an unknown outcome by looking, never by assuming: found (then it is what the venue shows), proven never placed,
 * or still unknown (then it looks again later, for as long as it takes).
 */
export async function resolveOrder(ctx: ExecutionContext, lane: Lane, orderId: string): Promise<void> {
  await admitUnknown(ctx, lane, orderId);
  const looked = await refreshOrder(ctx, lane, orderId);
  if (looked === null || looked.kind === "settled") return;
  const { order } = looked;
  const now = ctx.clock.now();
  if (looked.kind === "open" && order.state !== "UNKNOWN") {
    await inLane(ctx, lane, async (tx) => {
      requestSync(tx, lane, null);
      if (order.cancelRequestedAt !== null) requestCancel(tx, lane, orderId, null);
    });
    return;
  }
  const ageMs = now.getTime() - (order.submittedAt ?? order.createdAt).getTime();
  if (looked.kind === "not-found" && ageMs > ctx.settings.settleMs) return confirmNeverPlaced(ctx, lane, orderId);
  await lookAgain(ctx, lane, order, looked.kind === "unavailable" ? looked.pausedUntil : null);
}
