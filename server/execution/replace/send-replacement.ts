import { pauseLane } from "#server/data/accounts/pause-lane.ts";
import { insertEntries } from "#server/data/ledger/insert-entries.ts";
import { lockOrder } from "#server/data/orders/load-order.ts";
import type { OrderRow, RoutedOrder } from "#server/data/orders/order-row.ts";
import { lockReplacement, markUnsent, type Replacement } from "#server/data/orders/replacements.ts";
import type { Tx } from "#server/data/tx.ts";
import { assert } from "#server/domain/assert.ts";
import { isTerminal } from "#server/domain/order/state.ts";
import { appendEvents, type NewEvent } from "#server/events/append.ts";
import { type ExecutionContext, inLane, type Lane } from "../context.ts";
import { crashPoint } from "../crash-points.ts";
import type { CancelOutcome, OrderLookup, Rejected, ReplaceOutcome, VenueAccountExecutor } from "../executors/executor.ts";
import { noteCall, raiseAlarms } from "../note-call.ts";
import type { ReplacementRef } from "./claim-replacement.ts";
import { closeReplacement } from "./close-replacement.ts";

type Outcome = CancelOutcome | Exclude<ReplaceOutcome, { kind: "not-supported" }>;

export interface Sending {
  readonly executor: VenueAccountExecutor;
  readonly order: RoutedOrder;
  readonly replacement: Replacement;
  readonly breakersClosed: boolean;
  /** Nothing of it was ever sent before this. */
  readonly isFirst: boolean;
}

/**
 * `look`: only the venue can tell. `unsent`: nothing has left this process, and it may be tried again. `refused`: the order is as it was.
 * `cancel-refused`: a venue that has to end the order first did not, which may mean that it has ended.
 */
export type Sent =
  | { readonly kind: "look" | "unsent" | "refused" }
  | { readonly kind: "cancel-refused"; readonly outcome: Rejected };

export function lookupOf({ clientOrderId, venueOrderId, symbol, submittedAt, createdAt, id }: RoutedOrder): OrderLookup {
  assert(clientOrderId !== null, `order ${id} rests without a client order id`);
  return { clientOrderId, venueOrderId, symbol, since: submittedAt ?? createdAt };
}

/** Does the venue show the order at work under its old terms? */
async function isUntouched({ executor, order, replacement: { old } }: Sending): Promise<boolean> {
  const look = await executor.find(lookupOf(order));
  if (look.kind !== "found" || look.order.state !== "OPEN") return false;
  return look.order.quantity.eq(old.quantity) && look.order.limitPrice?.eq(old.limitPrice) === true;
}

async function call(sending: Sending): Promise<Outcome> {
  const { executor, order, replacement } = sending;
  if (replacement.way === "RENEW") return executor.cancel(lookupOf(order));
  const replace = async (): Promise<Outcome> => {
    const outcome = await executor.replace(lookupOf(order), replacement.wanted);
    assert(outcome.kind !== "not-supported", `${order.venue} was asked to change an order in place and cannot`);
    return outcome;
  };
  const outcome = await replace();
  if (outcome.kind !== "unknown" || outcome.cause !== "NONCE") return outcome;
  // A request that was refused for its nonce or timestamp goes out once more, with the clock set right, if a look proves it had no effect.
  await executor.resyncClock();
  return (await isUntouched(sending)) ? replace() : outcome;
}

/** The venue's definite "no": the order works as before, with what that needs set aside. */
function refuse(tx: Tx, order: OrderRow, replacement: Replacement, { reason, detail }: Rejected, now: Date): void {
  const end = { state: "REFUSED", code: reason, details: { reason: detail } } as const;
  const closed = closeReplacement(tx, order, replacement, "old", end, now);
  insertEntries(tx, order.workspaceId, closed.entries);
  appendEvents(tx, order.workspaceId, closed.events);
}

/** Gives up a replacement whose venue refuses to end an order that a look has then found at work. */
export async function giveUpRenewal(
  ctx: ExecutionContext,
  lane: Lane,
  { orderId, replacementId }: ReplacementRef,
  outcome: Rejected,
): Promise<void> {
  await inLane(ctx, lane, async (tx) => {
    const order = await lockOrder(tx, lane.workspaceId, orderId);
    const replacement = await lockReplacement(tx, lane.workspaceId, replacementId);
    if (order === null || replacement?.state !== "SENT" || isTerminal(order.state)) return;
    refuse(tx, order, replacement, outcome, ctx.clock.now());
  });
}

/**
 * The one call that changes the order at its venue, or ends it there for the one that takes over; then transaction B records how it went. A
 * definite refusal leaves the order as it was. Whatever else comes back is only a reason to look.
 */
export async function sendReplacement(ctx: ExecutionContext, lane: Lane, sending: Sending): Promise<Sent> {
  const { order, replacement, breakersClosed, isFirst } = sending;
  const startedAt = performance.now();
  const outcome = await call(sending);
  const latencyMs = Math.round(performance.now() - startedAt);
  crashPoint("replace:after-send");
  const { venue, symbol } = order;
  const isAmend = replacement.way === "AMEND";
  const noted = { ...lane, orderId: order.id, venue, symbol, kind: isAmend ? "replace" : "cancel", outcome, latencyMs } as const;
  const { sent, alarms } = await inLane(ctx, lane, async (tx): Promise<{ sent: Sent; alarms: NewEvent[] }> => {
    const row = await lockOrder(tx, lane.workspaceId, order.id);
    const current = await lockReplacement(tx, lane.workspaceId, replacement.id);
    assert(row !== null && current !== null, `replacement ${replacement.id} disappeared`);
    const alarms = await noteCall(tx, noted, breakersClosed);
    if (outcome.kind === "unknown" && outcome.pausedUntil !== undefined) await pauseLane(tx, lane, outcome.pausedUntil);
    let sent: Sent = { kind: "look" };
    if (current.state === "SENT" && outcome.kind === "unknown" && outcome.notSent === true && isFirst) {
      markUnsent(tx, current);
      sent = { kind: "unsent" };
    } else if (current.state === "SENT" && outcome.kind === "rejected") {
      if (isAmend) refuse(tx, row, current, outcome, ctx.clock.now());
      sent = isAmend ? { kind: "refused" } : { kind: "cancel-refused", outcome };
    }
    appendEvents(tx, lane.workspaceId, alarms);
    crashPoint("replace:before-record-commit");
    return { sent, alarms };
  });
  raiseAlarms(ctx.log, alarms);
  return sent;
}
