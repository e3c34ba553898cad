import { assert } from "#server/domain/assert.ts";
import type { Decimal } from "#server/domain/decimal.ts";
import type { VenueAccountId } from "#server/domain/ids.ts";
import { type OrderEvent, type OrderState, transition } from "#server/domain/order/state.ts";
import type { VenueId } from "#server/domain/venue.ts";
import { statement, type Tx } from "#server/data/tx.ts";
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
const MOVE = statement(
  "orders.move",
  `with moved as (
     update orders set state = $5, version = version + 1, updated_at = now(),
       venue_account_id = coalesce($6::uuid, venue_account_id), venue = coalesce($7, venue),
       price_cap = coalesce($8::numeric, price_cap), attempt = coalesce($9::int, attempt),
       client_order_id = coalesce($10, client_order_id), venue_order_id = coalesce($11, venue_order_id),
       filled_quantity = coalesce($12::numeric, filled_quantity), filled_quote = coalesce($13::numeric, filled_quote),
       reserve_holder_id = coalesce($14::uuid, reserve_holder_id), reserve_asset = coalesce($15, reserve_asset),
       reserve_left = coalesce($16::numeric, reserve_left),
       reason_code = coalesce($17, reason_code), reason_detail = coalesce($18, reason_detail),
       cancel_requested_at = case when $19::boolean then coalesce(cancel_requested_at, now()) else cancel_requested_at end,
       unknown_since = case when $5 = 'UNKNOWN' then coalesce(unknown_since, now()) else null end,
       submitted_at = case when $5 = 'SUBMITTING' and state <> 'SUBMITTING' then clock_timestamp() else submitted_at end,
       acknowledged_at = case when $11::text is null then acknowledged_at else coalesce(acknowledged_at, now()) end,
       closed_at = case when $5 in ('FILLED', 'CANCELED', 'REJECTED', 'EXPIRED', 'DENIED') then coalesce(closed_at, now()) else null end
     where workspace_id = $1::uuid and id = $2::uuid and state = $3 and version = $4::int
     returning workspace_id, id, version
   ), logged as (
     insert into order_events (workspace_id, order_id, version, event, from_state, to_state, details, at)
     select workspace_id, id, version, $20, $3, $5, $21::jsonb, clock_timestamp() from moved
   )
   select nija_require(count(*) = 1, 'the order was moved by somebody else') from moved`,
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
