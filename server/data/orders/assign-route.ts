import type { Decimal } from "#server/domain/decimal.ts";
import type { VenueAccountId } from "#server/domain/ids.ts";
import type { Money } from "#server/domain/money/money.ts";
import type { VenueId } from "#server/domain/venue.ts";
import { setStatement, type Tx } from "#server/data/tx.ts";
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
const ASSIGN = setStatement(
  "orders.assign-route",
  {
    workspace_id: "uuid",
    id: "uuid",
    version: "int",
    venue_account_id: "uuid",
    venue: "text",
    price_cap: "numeric",
    reserve_asset: "text",
    reserve: "numeric",
    quantity: "numeric",
  },
  (items) => `with item as materialized (select * from ${items}), moved as (
     update orders o set venue_account_id = item.venue_account_id, venue = item.venue, price_cap = item.price_cap,
       reserve_holder_id = item.venue_account_id, reserve_asset = item.reserve_asset, reserve_left = item.reserve,
       quantity = item.quantity, version = o.version + 1, updated_at = now()
     from item where o.workspace_id = item.workspace_id and o.id = item.id and o.version = item.version
       and o.state = 'PENDING_NEW' and o.venue_account_id is null
     returning o.workspace_id, o.id, o.version, o.state, o.venue, o.quantity
   ), logged as (
     insert into order_events (workspace_id, order_id, version, event, from_state, to_state, details, at)
     select workspace_id, id, version, 'ROUTED', state, state, jsonb_build_object('venue', venue, 'quantity', quantity::text),
       clock_timestamp() from moved
   )
   select nija_require(count(*) = (select count(*) from item), 'the order can no longer be routed') from moved`,
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
