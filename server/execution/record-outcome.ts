import { pauseLane } from "#server/data/accounts/pause-lane.ts";
import { insertEntries } from "#server/data/ledger/insert-entries.ts";
import { lockOrder } from "#server/data/orders/load-order.ts";
import { asRouted, type OrderRow, type RoutedOrder } from "#server/data/orders/order-row.ts";
import { endStreak, lockStreak, writeStreak } from "#server/data/protection/rejection-streaks.ts";
import type { Tx } from "#server/data/tx.ts";
import { assert } from "#server/domain/assert.ts";
import { isTerminal } from "#server/domain/order/state.ts";
import { afterRejection, beginsHolding } from "#server/domain/protection/rejection-streak.ts";
import { appendEvents, type NewEvent } from "#server/events/append.ts";
import { advanceOrder } from "./advance-order.ts";
import { applyVenueView } from "./apply-venue-view.ts";
import { type ExecutionContext, inLanes, type Lane } from "./context.ts";
import { crashPoint } from "./crash-points.ts";
import type { Rejected, SubmitOutcome, Unknown } from "./executors/executor.ts";
import { failOver } from "./fail-over.ts";
import { streakKeyOf } from "./hold-back.ts";
import { noteCall, raiseAlarms } from "./note-call.ts";
import { orderEvent } from "./order-events.ts";
import { requestCancel, requestResolve, requestSubmit, requestSync } from "./request-work.ts";

/** First look at an order with an unknown outcome; later looks back off. */
const RESOLVE_AFTER_MS = 300;
const SYNC_AFTER_MS = 1_000;
/** A pause named by the venue comes on top: a paused lane's jobs are not claimed. */
const SUBMIT_AGAIN_MS = 1_000;

/** Whatever of it does not fill at once never will. */
export function endsAtOnce({ type, timeInForce }: Pick<OrderRow, "type" | "timeInForce">): boolean {
  return type === "MARKET" || timeInForce !== "GTC";
}

type Accepted = Extract<SubmitOutcome, { kind: "accepted" }>;

async function recordAccepted(
  ctx: ExecutionContext,
  tx: Tx,
  lane: Lane,
  order: RoutedOrder,
  outcome: Accepted,
): Promise<OrderRow> {
  const now = ctx.clock.now();
  const { venueOrderId } = outcome;
  const { order: live } = advanceOrder(tx, order, "VENUE_ACCEPTED", { venueOrderId }, { venueOrderId });
  const acknowledged = orderEvent("OrderAcknowledged", live, now, { venueAccountId: order.venueAccountId, venueOrderId });
  const view = {
    venueOrderId,
    state: outcome.order?.state ?? null,
    filledQuantity: outcome.order?.filledQuantity ?? null,
    fills: outcome.fills ?? [],
  };
  // An answer that shows the end and every fill leaves nothing to look at.
  const isOver = outcome.order !== null && outcome.order.state !== "OPEN" && outcome.fills !== null;
  const isLookedAt = live.state === "NEW" && (endsAtOnce(live) || outcome.fills === null);
  if (!isTerminal(live.state) && !isOver) {
    // A look that follows at once asks for the next by itself.
    if (!isLookedAt) requestSync(tx, lane, new Date(now.getTime() + (ctx.settings.syncEveryMs[order.venue] ?? SYNC_AFTER_MS)));
    if (order.cancelRequestedAt !== null) requestCancel(tx, lane, order.id, null);
  }
  return (await applyVenueView(tx, live, view, now, { entries: [], events: [acknowledged] })).order;
}

/** The venue's definite "no", known reason: the reserve goes back, and an entry may try elsewhere. */
async function recordRejected(ctx: ExecutionContext, tx: Tx, order: RoutedOrder, outcome: Rejected): Promise<OrderRow> {
  const change = { reasonCode: outcome.reason, reasonDetail: outcome.detail };
  const rejected = advanceOrder(tx, order, "VENUE_REJECTED", change, change);
  insertEntries(tx, order.workspaceId, rejected.entries);
  const now = ctx.clock.now();
  const next = await failOver(tx, order, outcome.reason, now);
  const reason = { venueAccountId: order.venueAccountId, code: outcome.reason, reason: outcome.detail };
  appendEvents(tx, order.workspaceId, [orderEvent("OrderRejected", rejected.order, now, reason), ...next]);
  return rejected.order;
}

/** Nobody can tell: the reserve stays, the market is blocked for new risk, and looking begins. */
async function recordUnknown(ctx: ExecutionContext, tx: Tx, lane: Lane, order: RoutedOrder, outcome: Unknown): Promise<OrderRow> {
  const now = ctx.clock.now();
  const details = { cause: outcome.cause, detail: outcome.detail };
  const unknown = advanceOrder(tx, order, "OUTCOME_UNKNOWN", {}, details);
  if (outcome.pausedUntil !== undefined) await pauseLane(tx, lane, outcome.pausedUntil);
  requestResolve(tx, lane, order.id, new Date(now.getTime() + RESOLVE_AFTER_MS));
  const reason = { venueAccountId: order.venueAccountId, reason: outcome.cause };
  appendEvents(tx, order.workspaceId, [orderEvent("OrderOutcomeUnknown", unknown.order, now, reason)]);
  return unknown.order;
}

/** It is certain that nothing was placed: the order waits again and goes out later as its next attempt, under another client order id. */
async function recordNeverPlaced(
  ctx: ExecutionContext,
  tx: Tx,
  lane: Lane,
  order: RoutedOrder,
  outcome: Unknown,
): Promise<OrderRow> {
  const { cause, detail } = outcome;
  const { order: waiting } = advanceOrder(tx, order, "NOT_FOUND_CONFIRMED", {}, { cause, detail });
  if (outcome.pausedUntil !== undefined) await pauseLane(tx, lane, outcome.pausedUntil);
  requestSubmit(tx, lane, waiting, new Date(ctx.clock.now().getTime() + SUBMIT_AGAIN_MS));
  return waiting;
}

function record(ctx: ExecutionContext, tx: Tx, lane: Lane, order: RoutedOrder, outcome: SubmitOutcome): Promise<OrderRow> {
  if (outcome.kind === "accepted") return recordAccepted(ctx, tx, lane, order, outcome);
  if (outcome.kind === "rejected") return recordRejected(ctx, tx, order, outcome);
  if (outcome.notSent === true && order.state === "SUBMITTING") return recordNeverPlaced(ctx, tx, lane, order, outcome);
  return recordUnknown(ctx, tx, lane, order, outcome);
}

/** Counts the same refusals of the same kind of order; the alarm is raised once, when the kind is held back from now on. */
async function countRejection(tx: Tx, order: RoutedOrder, { reason }: Rejected): Promise<NewEvent[]> {
  const key = streakKeyOf(order);
  const { streak, now } = await lockStreak(tx, key);
  const next = afterRejection(streak, reason, order.isExit, now);
  writeStreak(tx, key, next);
  if (!beginsHolding(next)) return [];
  const { venueAccountId, symbol, side, isExit } = order;
  const data = { venueAccountId, symbol, side, isExit, code: reason, count: next.count, at: now.toISOString() };
  return [{ type: "OrdersHeldBack", data }];
}

/** What had been learned of an order's way when it was claimed for sending. */
export interface SentUnder {
  /** No breaker was open, so only a failure can move one. */
  readonly breakersClosed: boolean;
  /** The venue had refused the last order of this kind. */
  readonly streakKnown: boolean;
}

/** Moves what protects the next orders by how this one's call went; the events are for the end of the transaction. */
async function learn(
  tx: Tx,
  lane: Lane,
  order: RoutedOrder,
  outcome: SubmitOutcome,
  latencyMs: number,
  under: SentUnder,
): Promise<NewEvent[]> {
  // INVARIANT: streak, then breakers, as when an order is claimed: in one order of locks nobody waits for each other.
  // What rests for a stop says nothing about an exit that sells now, and must never hold one back.
  const counts = order.restsFor === null;
  const held = counts && outcome.kind === "rejected" ? await countRejection(tx, order, outcome) : [];
  if (counts && outcome.kind === "accepted" && under.streakKnown) endStreak(tx, streakKeyOf(order));
  const { venue, symbol } = order;
  const call = { ...lane, orderId: order.id, venue, symbol, kind: "submit", outcome, latencyMs } as const;
  return [...held, ...(await noteCall(tx, call, under.breakersClosed))];
}

/**
 * Transaction B: writes the outcome of a submit call with whatever the answer carried, and what the caller has to write with it. Returns
 * the order as it is afterwards. Throws `LaneLost` when another worker has taken the account over; that worker looks the order up.
 */
export async function recordOutcome(
  ctx: ExecutionContext,
  lane: Lane,
  sent: RoutedOrder,
  outcome: SubmitOutcome,
  latencyMs: number,
  under: SentUnder,
  alsoWrite: (tx: Tx, order: OrderRow) => void,
): Promise<OrderRow> {
  const { recorded, alarms } = await inLanes(ctx, "record", lane, async (tx) => {
    const current = await lockOrder(tx, lane.workspaceId, sent.id);
    assert(current !== null, `order ${sent.id} disappeared`);
    const order = asRouted(current);
    const alarms = await learn(tx, lane, order, outcome, latencyMs, under);
    // A sync that ran in between may have told the end already: the look is newer than this answer.
    const recorded = isTerminal(order.state) ? order : await record(ctx, tx, lane, order, outcome);
    alsoWrite(tx, recorded);
    appendEvents(tx, lane.workspaceId, alarms);
    crashPoint("submit:before-record-commit");
    return { recorded, alarms };
  });
  raiseAlarms(ctx.log, alarms);
  return recorded;
}
