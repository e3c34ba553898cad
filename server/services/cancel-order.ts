import { v7 as uuidv7 } from "uuid";
import { insertEntries } from "#server/data/ledger/insert-entries.ts";
import { lockOrder } from "#server/data/orders/load-order.ts";
import { dropPendingTriggers, endArmedTrigger } from "#server/data/triggers/change-trigger.ts";
import { moveOrder, type OrderChange } from "#server/data/orders/move-order.ts";
import type { OrderRow } from "#server/data/orders/order-row.ts";
import type { Tx } from "#server/data/tx.ts";
import type { Actor } from "#server/domain/actor.ts";
import { ZERO } from "#server/domain/decimal.ts";
import { asVenueAccountId } from "#server/domain/ids.ts";
import { postRelease } from "#server/domain/ledger/post.ts";
import { money } from "#server/domain/money/money.ts";
import { isTerminal, type OrderState } from "#server/domain/order/state.ts";
import { AppError } from "#server/errors.ts";
import { appendEvents, type NewEvent } from "#server/events/append.ts";
import { enqueue } from "#server/jobs/enqueue.ts";
import { ATTEMPTS_UNLIMITED } from "#server/jobs/job.ts";
import { auditAct } from "./audit-act.ts";
import type { ServiceDeps } from "./service-deps.ts";

const PRIORITY_CANCEL = 2;
const PRIORITY_KILL_SWITCH = 1;
type CancelPriority = typeof PRIORITY_CANCEL | typeof PRIORITY_KILL_SWITCH;

interface Withdrawn {
  readonly state: OrderState;
  readonly event: NewEvent;
}

/** Gives back all that the order holds; the caller moves the order to a reserve of nothing. */
function releaseReserve(tx: Tx, order: OrderRow, memo: string): void {
  if (order.reserveAsset === null || order.reserveHolderId === null || order.reserveLeft.isZero()) return;
  const owner = order.reserveHolderId === order.workspaceId ? null : asVenueAccountId(order.reserveHolderId);
  const draft = postRelease(owner, money(order.reserveLeft, order.reserveAsset));
  insertEntries(tx, order.workspaceId, [{ id: uuidv7(), draft, orderId: order.id, fillId: null, memo }]);
}

/** Ends an order that was certainly never sent: no venue is asked, and its whole reserve goes back. */
function cancelUnsent(tx: Tx, order: OrderRow, now: Date): Withdrawn {
  const canceled = moveOrder(tx, order, "CANCEL_REQUESTED", { cancelRequested: true, reserveLeft: ZERO });
  if (order.hasTriggers) dropPendingTriggers(tx, order.workspaceId, order.id);
  releaseReserve(tx, order, "canceled before sending");
  const { id: orderId, intentId, venueAccountId } = order;
  const facts = { orderId, intentId, state: canceled.state, version: canceled.version, at: now.toISOString() };
  const data = { ...facts, venueAccountId, filledQuantity: order.filledQuantity.toFixed() };
  return { state: canceled.state, event: { type: "OrderCanceled", data } };
}

function askVenue(tx: Tx, order: OrderRow, priority: CancelPriority, dedupeKey: string): void {
  enqueue(tx, {
    kind: "order.cancel",
    workspaceId: order.workspaceId,
    lane: order.venueAccountId,
    priority,
    payload: { orderId: order.id },
    attemptsMax: ATTEMPTS_UNLIMITED,
    dedupeKey,
  });
}

/** One job for all that is to be canceled at an account, so that a venue which takes lists is asked once. */
function askAccount(tx: Tx, { workspaceId, venueAccountId }: OrderRow): void {
  enqueue(tx, {
    kind: "account.cancel",
    workspaceId,
    lane: venueAccountId,
    priority: PRIORITY_KILL_SWITCH,
    payload: {},
    attemptsMax: ATTEMPTS_UNLIMITED,
    dedupeKey: `account.cancel:${venueAccountId}`,
  });
}

/** Keeps the wish on the row; the caller sees to it that the venue is asked. */
function wishAtVenue(tx: Tx, order: OrderRow, now: Date, change: OrderChange = {}): Withdrawn {
  const requested = moveOrder(tx, order, "CANCEL_REQUESTED", { ...change, cancelRequested: true });
  const { id: orderId, intentId } = order;
  const facts = { orderId, intentId, state: requested.state, version: requested.version, at: now.toISOString() };
  return { state: requested.state, event: { type: "OrderCancelRequested", data: { ...facts, reason: null } } };
}

function requestAtVenue(tx: Tx, order: OrderRow, now: Date, priority: CancelPriority, change: OrderChange = {}): Withdrawn {
  askVenue(tx, order, priority, `order.cancel:${order.id}`);
  return wishAtVenue(tx, order, now, change);
}

function withdraw(tx: Tx, order: OrderRow, now: Date, priority: CancelPriority): Withdrawn {
  return order.state === "PENDING_NEW" ? cancelUnsent(tx, order, now) : requestAtVenue(tx, order, now, priority);
}

/** Withdraws a locked order that is not final: at once when it was never sent, otherwise through the worker. Ends with events. */
export function withdrawOrder(tx: Tx, order: OrderRow, now: Date): OrderState {
  if (order.cancelRequestedAt !== null) return order.state;
  const { state, event } = withdraw(tx, order, now, PRIORITY_CANCEL);
  appendEvents(tx, order.workspaceId, [event]);
  return state;
}

/** Withdraws locked orders that stand in a stop's way; the events are for the end of the transaction. Asking twice is asking once. */
export function withdrawForStop(tx: Tx, orders: readonly OrderRow[], now: Date): NewEvent[] {
  return orders.flatMap((order) =>
    order.cancelRequestedAt === null ? [withdraw(tx, order, now, PRIORITY_KILL_SWITCH).event] : [],
  );
}

/**
 * The same for an exit that has their coins from now on: what they hold is free at once, and whoever sends that exit waits until they
 * are over at their venue.
 */
export function withdrawForExit(tx: Tx, orders: readonly OrderRow[], now: Date): NewEvent[] {
  return orders.map((order) => {
    if (order.state === "PENDING_NEW") return cancelUnsent(tx, order, now).event;
    releaseReserve(tx, order, "makes way for another exit");
    return requestAtVenue(tx, order, now, PRIORITY_CANCEL, { reserveLeft: ZERO }).event;
  });
}

/**
 * Withdraws locked orders for a kill switch, before all other work; the events are for the end of the transaction. A cancel that was
 * asked for before may be waiting for its next try, so it is asked for once more, in front.
 */
export function withdrawForKillSwitch(tx: Tx, orders: readonly OrderRow[], now: Date): NewEvent[] {
  const events = orders.flatMap((order) => {
    if (order.cancelRequestedAt !== null) return [];
    return [order.state === "PENDING_NEW" ? cancelUnsent(tx, order, now).event : wishAtVenue(tx, order, now).event];
  });
  const atVenues = orders.filter((order) => order.state !== "PENDING_NEW" && order.venueAccountId !== null);
  for (const ofAccount of Map.groupBy(atVenues, (order) => order.venueAccountId).values()) {
    const [only, ...others] = ofAccount;
    if (only === undefined) continue;
    if (others.length > 0) askAccount(tx, only);
    else askVenue(tx, only, PRIORITY_KILL_SWITCH, `order.cancel:${only.cancelRequestedAt === null ? "" : "kill:"}${only.id}`);
  }
  return events;
}

/**
 * Cancels an order: at once when it was never sent, otherwise by asking the worker. An order whose outcome is unknown
 * keeps the wish and is canceled when it turns out to be live. Throws NOT_FOUND and ORDER_NOT_CANCELABLE. Repeating it
 * changes nothing.
 */
export function cancelOrder(
  deps: ServiceDeps,
  actor: Actor,
  input: { readonly orderId: string },
): Promise<{ readonly state: OrderState }> {
  return deps.database.workspace(actor.workspaceId, async (tx) => {
    const order = await lockOrder(tx, actor.workspaceId, input.orderId);
    if (order === null) throw new AppError("NOT_FOUND", { what: "order" });
    if (isTerminal(order.state)) throw new AppError("ORDER_NOT_CANCELABLE", { state: order.state });
    if (order.cancelRequestedAt !== null) return { state: order.state };
    const now = deps.clock.now();
    auditAct(tx, actor, { action: "order.cancel", target: order.id, result: "OK", details: {} });
    // Whoever takes a stop's order away takes the stop away: it would only be placed again.
    if (order.restsFor !== null) endArmedTrigger(tx, order.workspaceId, order.restsFor.triggerId, "BY_USER");
    return { state: withdrawOrder(tx, order, now) };
  });
}
