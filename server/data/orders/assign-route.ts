import type { Decimal } from "#server/domain/decimal.ts";
import type { VenueAccountId } from "#server/domain/ids.ts";
import type { Money } from "#server/domain/money/money.ts";
import type { VenueId } from "#server/domain/venue.ts";
import { statement, type Tx } from "#server/data/tx.ts";
import type { OrderRow } from "./order-row.ts";

export interface RouteAssignment {
  readonly venueAccountId: VenueAccountId;
  readonly venue: VenueId;
  readonly priceCap: Decimal | null;
  readonly reserve: Money;
  /** Base; less than was asked for when the rest goes elsewhere. */
  readonly quantity: Decimal;
}

// INVARIANT: a route is given once, and only to an order that was never sent.
const ASSIGN = statement(
  "orders.assign-route",
  `with moved as (
     update orders set venue_account_id = $4::uuid, venue = $5, price_cap = $6::numeric, reserve_holder_id = $4::uuid,
       reserve_asset = $7, reserve_left = $8::numeric, quantity = $9::numeric, version = version + 1, updated_at = now()
     where workspace_id = $1::uuid and id = $2::uuid and version = $3::int and state = 'PENDING_NEW' and venue_account_id is null
     returning workspace_id, id, version, state
   ), logged as (
     insert into order_events (workspace_id, order_id, version, event, from_state, to_state, details, at)
     select workspace_id, id, version, 'ROUTED', state, state, jsonb_build_object('venue', $5::text, 'quantity', $9::numeric::text), clock_timestamp() from moved
   )
   select nija_require(count(*) = 1, 'the order can no longer be routed') from moved`,
);

/** Gives a waiting order to a venue account and answers it as it is then. The transaction fails when the order is not what the caller saw. */
export function assignRoute(tx: Tx, order: OrderRow, route: RouteAssignment): OrderRow {
  const { venueAccountId, venue, priceCap, reserve, quantity } = route;
  tx.send(ASSIGN, [
    order.workspaceId,
    order.id,
    order.version,
    venueAccountId,
    venue,
    priceCap?.toFixed() ?? null,
    reserve.asset,
    reserve.amount.toFixed(),
    quantity.toFixed(),
  ]);
  const held = { reserveHolderId: venueAccountId, reserveAsset: reserve.asset, reserveLeft: reserve.amount };
  return { ...order, venueAccountId, venue, priceCap, quantity, ...held, version: order.version + 1 };
}
