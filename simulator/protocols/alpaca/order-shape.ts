import type { SimOrder } from "#simulator/engine/types.ts";
import { type AlpacaContext, assetIdOf, iso } from "#simulator/protocols/alpaca/context.ts";
import type { OrderNotes } from "#simulator/protocols/alpaca/order-notes.ts";

/** The venue's status word. What is left of an immediate order ends as canceled: nothing expires that is good till canceled or immediate. */
export function statusOf(order: SimOrder, notes: OrderNotes): string {
  if (order.status === "filled") return "filled";
  if (order.status !== "open") return notes.isReplaced(order.id) ? "replaced" : "canceled";
  // A stop that waits has been received and is in no book yet; that is what the venue calls accepted.
  if (order.trigger?.triggeredAt === null) return "accepted";
  return order.filled.isZero() ? "new" : "partially_filled";
}

/** An order as the REST API and the trade updates show it. `status` says another word than the order's own. */
export function orderRow({ notes }: AlpacaContext, order: SimOrder, status = statusOf(order, notes)): Record<string, unknown> {
  const note = notes.of(order.id);
  const replacement = notes.replacementOf(order.id);
  const type = order.trigger === undefined ? order.type : "stop_limit";
  const at = iso(order.createdAt);
  const endedAt = (word: string) => (status === word ? iso(order.updatedAt) : null);
  return {
    id: order.id,
    client_order_id: order.clientOrderId ?? "",
    created_at: at,
    updated_at: iso(order.updatedAt),
    submitted_at: at,
    filled_at: endedAt("filled"),
    expired_at: null,
    canceled_at: endedAt("canceled"),
    failed_at: null,
    replaced_at: replacement === undefined ? null : iso(replacement.at),
    replaced_by: replacement?.by ?? null,
    replaces: note?.replaces ?? null,
    asset_id: assetIdOf(order.symbol),
    symbol: order.symbol,
    asset_class: "crypto",
    notional: note?.notional?.toFixed() ?? null,
    qty: note?.notional ? null : order.amount.toFixed(),
    filled_qty: order.filled.toFixed(),
    filled_avg_price: order.filled.isZero() ? null : order.cost.div(order.filled).toDecimalPlaces(9).toFixed(),
    order_class: "",
    order_type: type,
    type,
    side: order.side,
    position_intent: order.side === "buy" ? "buy_to_open" : "sell_to_close",
    time_in_force: order.timeInForce.toLowerCase(),
    limit_price: order.price?.toFixed() ?? null,
    stop_price: order.trigger?.price.toFixed() ?? null,
    status,
    extended_hours: false,
    legs: null,
    trail_percent: null,
    trail_price: null,
    hwm: null,
    subtag: null,
    source: "access_key",
    expires_at: null,
  };
}

/** As placed, before anything was matched: the venue answers a placement before its own matching has looked at it. */
export function acceptedRow(context: AlpacaContext, order: SimOrder): Record<string, unknown> {
  return {
    ...orderRow(context, order, "pending_new"),
    updated_at: iso(order.createdAt),
    filled_qty: "0",
    filled_avg_price: null,
  };
}

/** The part of a trade's id that is not its time. */
export function uniqueOf({ id }: { readonly id: string }): string {
  return id.slice(id.indexOf("::") + 2);
}
