import type { NewEntry } from "#server/data/ledger/insert-entries.ts";
import { insertEntries } from "#server/data/ledger/insert-entries.ts";
import type { OrderRow } from "#server/data/orders/order-row.ts";
import type { Tx } from "#server/data/tx.ts";
import type { Decimal } from "#server/domain/decimal.ts";
import { isTerminal, type OrderEvent } from "#server/domain/order/state.ts";
import { appendEvents, type NewEvent } from "#server/events/append.ts";
import { advanceOrder, isNoMove } from "./advance-order.ts";
import { applyFills } from "./apply-fills.ts";
import { crashPoint } from "./crash-points.ts";
import { whyCanceled } from "./dead-man/why-canceled.ts";
import type { VenueFill, VenueOrderState } from "./executors/executor.ts";
import { orderEvent } from "./order-events.ts";

/** What a venue shows of one order. `state` null: it only reported fills or an acknowledgement. */
export interface VenueView {
  readonly venueOrderId: string;
  readonly state: VenueOrderState | null;
  /** What the venue says is filled; null when it did not say. */
  readonly filledQuantity: Decimal | null;
  readonly fills: readonly VenueFill[];
}

export interface ViewApplied {
  readonly order: OrderRow;
  /** How many fills were new. */
  readonly fillsApplied: number;
}

const STATE_EVENTS: Readonly<Record<VenueOrderState, OrderEvent | null>> = {
  OPEN: "FOUND_OPEN",
  FILLED: null, // the fills themselves complete the order
  CANCELED: "VENUE_CANCELED",
  EXPIRED: "VENUE_EXPIRED",
  REJECTED: "VENUE_REJECTED",
};

function reasonOf(why: string | null): { readonly reason?: string } {
  return why === null ? {} : { reason: why };
}

function endEvent(before: OrderRow, order: OrderRow, now: Date, reason: string | null): NewEvent[] {
  if (before.state === order.state || order.venueAccountId === null) return [];
  const { venueAccountId } = order;
  const filledQuantity = order.filledQuantity.toFixed();
  if (order.state === "CANCELED") {
    return [orderEvent("OrderCanceled", order, now, { venueAccountId, filledQuantity, ...reasonOf(reason) })];
  }
  if (order.state === "EXPIRED") return [orderEvent("OrderExpired", order, now, { venueAccountId, filledQuantity })];
  if (order.state === "REJECTED") {
    return [
      orderEvent("OrderRejected", order, now, { venueAccountId, code: "VENUE", reason: "The venue shows it as rejected." }),
    ];
  }
  return [];
}

function settledEvent(before: OrderRow, order: OrderRow, now: Date): NewEvent[] {
  const wasOpenQuestion = before.state === "UNKNOWN" || before.state === "SUBMITTING";
  if (!wasOpenQuestion || order.venueAccountId === null || order.state === before.state) return [];
  return [orderEvent("OrderOutcomeResolved", order, now, { venueAccountId: order.venueAccountId, foundBy: "look-up" })];
}

/**
 * Brings a locked order in line with what its venue shows, in the caller's transaction: fills first, then the state. An
 * order the venue has closed is closed here only when all its fills are booked. Posts the ledger entries and, last, the events.
 */
export async function applyVenueView(
  tx: Tx,
  before: OrderRow,
  view: VenueView,
  now: Date,
  lead: { readonly entries: readonly NewEntry[]; readonly events: readonly NewEvent[] } = { entries: [], events: [] },
): Promise<ViewApplied> {
  let order = before;
  let reason: string | null = null;
  const entries: NewEntry[] = [...lead.entries];
  const events: NewEvent[] = [...lead.events];
  const filled = await applyFills(tx, order, view.fills, now);
  order = filled.order;
  entries.push(...filled.entries);
  events.push(...filled.events);

  // How an order ends that is being replaced, and whether another one then takes over, is for its replacement to tell.
  const isWithheld = isMissingFills(order, view) || order.state === "PENDING_REPLACE";
  const event = view.state === null || isWithheld ? null : STATE_EVENTS[view.state];
  if (event !== null && !isTerminal(order.state)) {
    const change = order.venueOrderId === null ? { venueOrderId: view.venueOrderId } : {};
    if (!isNoMove(order, event, change)) {
      const why = event === "VENUE_CANCELED" ? await whyCanceled(tx, order, now) : null;
      const advanced = advanceOrder(tx, order, event, why === null ? change : { ...change, reasonCode: why }, reasonOf(why));
      reason = why;
      order = advanced.order;
      entries.push(...advanced.entries);
    }
  }
  events.push(...settledEvent(before, order, now), ...endEvent(before, order, now, reason));
  insertEntries(tx, order.workspaceId, entries);
  if (filled.applied > 0) crashPoint("fill:before-commit");
  appendEvents(tx, order.workspaceId, events);
  return { order, fillsApplied: filled.applied };
}

/** The venue counts more filled than the fills we have seen: look again before the order is closed. */
function isMissingFills(order: OrderRow, view: VenueView): boolean {
  if (view.filledQuantity !== null && view.filledQuantity.gt(order.filledQuantity)) return true;
  return view.state === "FILLED" && order.filledQuantity.lt(order.quantity);
}
