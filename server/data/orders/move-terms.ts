import { assert } from "#server/domain/assert.ts";
import type { Decimal } from "#server/domain/decimal.ts";
import type { LimitTerms } from "#server/domain/order/replacement.ts";
import { type OrderEvent, transition } from "#server/domain/order/state.ts";
import { statement, type Tx } from "#server/data/tx.ts";
import type { OrderRow } from "./order-row.ts";

export interface NewTerms extends LimitTerms {
  /** The worst price that it may trade at, quote per base. */
  readonly priceCap: Decimal;
  readonly reserveLeft: Decimal;
  /** The replacement under way from now on; null: none. */
  readonly replacementId: string | null;
}

// INVARIANT: only legal moves, as for every other event, and only of the row that the decision was made on.
const MOVE = statement(
  "orders.move-terms",
  `with moved as (
     update orders set state = $5, version = version + 1, updated_at = now(), quantity = $6::numeric, limit_price = $7::numeric,
       price_cap = $8::numeric, reserve_left = $9::numeric, replacement_id = $10::uuid
     where workspace_id = $1::uuid and id = $2::uuid and state = $3 and version = $4::int
     returning workspace_id, id, version
   ), logged as (
     insert into order_events (workspace_id, order_id, version, event, from_state, to_state, details, at)
     select workspace_id, id, version, $11, $3, $5, $12::jsonb, clock_timestamp() from moved
   )
   select nija_require(count(*) = 1, 'the order was moved by somebody else') from moved`,
);

/**
 * Applies an event of the order machine that is about its terms, with its history row, and answers the order as it is then. The transaction
 * fails when the row is no longer what the caller saw. Throws an assertion when the event is illegal for the state (a bug).
 */
export function moveTerms(
  tx: Tx,
  order: OrderRow,
  event: Extract<OrderEvent, "REPLACE_REQUESTED" | "REPLACED" | "REPLACE_REFUSED">,
  terms: NewTerms,
  details: Readonly<Record<string, unknown>>,
): OrderRow {
  const facts = { hasFills: order.filledQuantity.gt(0), acknowledged: order.venueOrderId !== null };
  const result = transition(order.state, event, facts);
  assert(result.ok, `order ${order.id}: ${event} is illegal in ${order.state}`);
  const { quantity, limitPrice, priceCap, reserveLeft, replacementId } = terms;
  tx.send(MOVE, [
    order.workspaceId,
    order.id,
    order.state,
    order.version,
    result.state,
    quantity.toFixed(),
    limitPrice.toFixed(),
    priceCap.toFixed(),
    reserveLeft.toFixed(),
    replacementId,
    event,
    details,
  ]);
  return { ...order, ...terms, state: result.state, version: order.version + 1 };
}
