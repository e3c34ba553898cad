import { assert } from "#server/domain/assert.ts";
import type { Decimal } from "#server/domain/decimal.ts";
import type { VenueAccountId } from "#server/domain/ids.ts";
import { type OrderEvent, type OrderState, transition } from "#server/domain/order/state.ts";
import type { VenueId } from "#server/domain/venue.ts";
import { setStatement, type Tx } from "#server/data/tx.ts";
import type { OrderRow } from "./order-row.ts";

/** What may change together with the state. Undefined keeps what the row has. */
export interface OrderChange {
  readonly venueAccountId?: VenueAccountId;
  readonly venue?: VenueId;
  readonly priceCap?: Decimal;
  readonly attempt?: number;
  readonly clientOrderId?: string;
  readonly venueOrderId?: string;
  readonly filledQuantity?: Decimal;
  readonly filledQuote?: Decimal;
  readonly reserveHolderId?: string;
  readonly reserveAsset?: string;
  readonly reserveLeft?: Decimal;
  readonly reasonCode?: string;
  readonly reasonDetail?: string;
  readonly cancelRequested?: boolean;
}

// INVARIANT: only legal moves. The state and version that the decision was made on are in the `where`; without that row the transaction fails.
const MOVE = setStatement(
  "orders.move",
  {
    workspace_id: "uuid",
    id: "uuid",
    from_state: "text",
    version: "int",
    to_state: "text",
    venue_account_id: "uuid",
    venue: "text",
    price_cap: "numeric",
    attempt: "int",
    client_order_id: "text",
    venue_order_id: "text",
    filled_quantity: "numeric",
    filled_quote: "numeric",
    reserve_holder_id: "uuid",
    reserve_asset: "text",
    reserve_left: "numeric",
    reason_code: "text",
    reason_detail: "text",
    cancels: "boolean",
    event: "text",
    details: "jsonb",
  },
  (items) => `with item as materialized (select * from ${items}), moved as (
     update orders o set state = item.to_state, version = o.version + 1, updated_at = now(),
       venue_account_id = coalesce(item.venue_account_id, o.venue_account_id), venue = coalesce(item.venue, o.venue),
       price_cap = coalesce(item.price_cap, o.price_cap), attempt = coalesce(item.attempt, o.attempt),
       client_order_id = coalesce(item.client_order_id, o.client_order_id),
       venue_order_id = coalesce(item.venue_order_id, o.venue_order_id),
       filled_quantity = coalesce(item.filled_quantity, o.filled_quantity),
       filled_quote = coalesce(item.filled_quote, o.filled_quote),
       reserve_holder_id = coalesce(item.reserve_holder_id, o.reserve_holder_id),
       reserve_asset = coalesce(item.reserve_asset, o.reserve_asset),
       reserve_left = coalesce(item.reserve_left, o.reserve_left),
       reason_code = coalesce(item.reason_code, o.reason_code), reason_detail = coalesce(item.reason_detail, o.reason_detail),
       cancel_requested_at = case when item.cancels then coalesce(o.cancel_requested_at, now()) else o.cancel_requested_at end,
       unknown_since = case when item.to_state = 'UNKNOWN' then coalesce(o.unknown_since, now()) end,
       submitted_at = case when item.to_state = 'SUBMITTING' and o.state <> 'SUBMITTING' then clock_timestamp() else o.submitted_at end,
       acknowledged_at = case when item.venue_order_id is null then o.acknowledged_at else coalesce(o.acknowledged_at, now()) end,
       closed_at = case when item.to_state in ('FILLED', 'CANCELED', 'REJECTED', 'EXPIRED', 'DENIED') then coalesce(o.closed_at, now()) end
     from item where o.workspace_id = item.workspace_id and o.id = item.id and o.state = item.from_state and o.version = item.version
     returning o.workspace_id, o.id, o.version, item.event, item.from_state, item.to_state, item.details
   ), logged as (
     insert into order_events (workspace_id, order_id, version, event, from_state, to_state, details, at)
     select workspace_id, id, version, event, from_state, to_state, details, clock_timestamp() from moved
   )
   select nija_require(count(*) = (select count(*) from item), 'the order was moved by somebody else') from moved`,
);

/**
 * Applies one event of the order machine and writes its history row in the same statement. Answers the order as it is then, with this
 * process's clock for the times that the database sets by its own. The transaction fails when the row is no longer what the caller saw.
 * Throws an assertion when the event is illegal for the state (a bug).
 */
export function moveOrder(
  tx: Tx,
  order: OrderRow,
  event: OrderEvent,
  change: OrderChange = {},
  details: Readonly<Record<string, unknown>> = {},
): OrderRow {
  const hasFills = (change.filledQuantity ?? order.filledQuantity).gt(0);
  const acknowledged = (change.venueOrderId ?? order.venueOrderId) !== null;
  const result = transition(order.state, event, { hasFills, acknowledged });
  assert(result.ok, `order ${order.id}: ${event} is illegal in ${order.state}`);
  sendMove(tx, order, event, result.state, change, details);
  return moved(order, result.state, change, new Date());
}

function moved(order: OrderRow, state: OrderState, { cancelRequested, ...change }: OrderChange, now: Date): OrderRow {
  return {
    ...order,
    ...change,
    state,
    version: order.version + 1,
    cancelRequestedAt: cancelRequested === true ? (order.cancelRequestedAt ?? now) : order.cancelRequestedAt,
    unknownSince: state === "UNKNOWN" ? (order.unknownSince ?? now) : null,
    submittedAt: state === "SUBMITTING" && order.state !== "SUBMITTING" ? now : order.submittedAt,
  };
}

function sendMove(
  tx: Tx,
  order: OrderRow,
  event: OrderEvent,
  state: OrderState,
  change: OrderChange,
  details: Readonly<Record<string, unknown>>,
): void {
  tx.send(MOVE, [
    order.workspaceId,
    order.id,
    order.state,
    order.version,
    state,
    change.venueAccountId ?? null,
    change.venue ?? null,
    change.priceCap?.toFixed() ?? null,
    change.attempt ?? null,
    change.clientOrderId ?? null,
    change.venueOrderId ?? null,
    change.filledQuantity?.toFixed() ?? null,
    change.filledQuote?.toFixed() ?? null,
    change.reserveHolderId ?? null,
    change.reserveAsset ?? null,
    change.reserveLeft?.toFixed() ?? null,
    change.reasonCode ?? null,
    change.reasonDetail ?? null,
    change.cancelRequested ?? false,
    event,
    details,
  ]);
}
