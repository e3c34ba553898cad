import { v7 as uuidv7 } from "uuid";
import { assignRoute } from "#server/data/orders/assign-route.ts";
import { insertOrder } from "#server/data/orders/insert-order.ts";
import { asRouted, type OrderRow, type RoutedOrder } from "#server/data/orders/order-row.ts";
import type { Replacement } from "#server/data/orders/replacements.ts";
import type { SendFacts } from "#server/data/protection/send-facts.ts";
import type { Tx } from "#server/data/tx.ts";
import { assert } from "#server/domain/assert.ts";
import { asOrderId } from "#server/domain/ids.ts";
import { postReserve } from "#server/domain/ledger/post.ts";
import { money } from "#server/domain/money/money.ts";
import { reserveUnder } from "#server/domain/order/replacement.ts";
import type { NewEvent } from "#server/events/append.ts";
import { advanceOrder } from "../advance-order.ts";
import { stopCode } from "../hold-back.ts";
import { orderEvent } from "../order-events.ts";
import { requestSubmit } from "../request-work.ts";
import { closeReplacement, type Settled } from "./close-replacement.ts";

/** Why nothing takes over, though the order has made room for it; null: it does. */
function refusalOf(order: OrderRow, { wanted, restMin }: Replacement, facts: SendFacts | null): string | null {
  const stop = stopCode(facts, order.isExit);
  if (stop !== null) return stop;
  const rest = wanted.quantity.minus(order.filledQuantity);
  if (rest.lte(0)) return "REPLACE_BELOW_FILLED";
  return rest.lt(restMin) ? "QUANTITY_BELOW_MINIMUM" : null;
}

function canceledEvent(order: OrderRow, now: Date): NewEvent {
  const { venueAccountId, filledQuantity } = order;
  return orderEvent("OrderCanceled", order, now, { venueAccountId, filledQuantity: filledQuantity.toFixed() });
}

/** The order for what is left: of the same intent, at the same account, under ids of its own, waiting to be sent like any other. */
function takeOver(tx: Tx, order: RoutedOrder, replacement: Replacement, now: Date): Settled & { readonly order: OrderRow } {
  const { workspaceId, venueAccountId, venue, priority } = order;
  const { limitPrice } = replacement.wanted;
  const quantity = replacement.wanted.quantity.minus(order.filledQuantity);
  assert(order.reserveAsset !== null, `order ${order.id} has no reserve asset`);
  const reserve = money(reserveUnder("wanted", replacement, order.filledQuantity), order.reserveAsset);
  const id = asOrderId(uuidv7());
  const terms = { quantity, limitPrice, priceCap: limitPrice };
  insertOrder(tx, { ...order, ...terms, id, reserve, reserveHolderId: venueAccountId, hasTriggers: false });
  const waiting: OrderRow = { ...order, ...terms, id, state: "PENDING_NEW", version: 0, attempt: 0, replacementId: null };
  const routed = assignRoute(tx, waiting, { venueAccountId, venue, priceCap: limitPrice, reserve, quantity });
  requestSubmit(tx, { workspaceId, venueAccountId }, { id, attempt: 0, priority }, null);
  const memo = "takes over from a replaced order";
  const { symbol, side, type, timeInForce, postOnly, isExit } = order;
  return {
    order: routed,
    entries: [{ id: uuidv7(), draft: postReserve(venueAccountId, reserve), orderId: id, fillId: null, memo }],
    events: [
      orderEvent("OrderAccepted", routed, now, {
        symbol,
        side,
        type,
        timeInForce,
        postOnly,
        isExit,
        quantity: quantity.toFixed(),
        limitPrice: limitPrice.toFixed(),
      }),
    ],
  };
}

/**
 * Ends an order that its venue has canceled with every fill booked, and lets another one take over what is left. Call it under the
 * workspace's risk lock: a kill switch then either finds the new order or is found in force here.
 *
 * INVARIANT: never two of them live. The new order comes into being in the transaction that ends the old one, and the replacement's row
 * can only once say so.
 */
export function renewOrder(tx: Tx, before: RoutedOrder, replacement: Replacement, facts: SendFacts | null, now: Date): Settled {
  const ended = advanceOrder(tx, before, "VENUE_CANCELED");
  const canceled = asRouted(ended.order);
  const code = refusalOf(canceled, replacement, facts);
  const events = [canceledEvent(canceled, now)];
  if (code !== null) {
    const closed = closeReplacement(tx, canceled, replacement, "old", { state: "DROPPED", code }, now);
    return { order: closed.order, entries: [...ended.entries, ...closed.entries], events: [...events, ...closed.events] };
  }
  const next = takeOver(tx, canceled, replacement, now);
  const end = { state: "DONE", code: null, newOrderId: next.order.id } as const;
  const closed = closeReplacement(tx, canceled, replacement, "old", end, now);
  return {
    order: closed.order,
    entries: [...ended.entries, ...closed.entries, ...next.entries],
    events: [...events, ...closed.events, ...next.events],
  };
}
