import type { NewEntry } from "#server/data/ledger/insert-entries.ts";
import { moveTerms } from "#server/data/orders/move-terms.ts";
import type { OrderRow } from "#server/data/orders/order-row.ts";
import { endReplacement, type Replacement, type ReplacementEnd } from "#server/data/orders/replacements.ts";
import type { Tx } from "#server/data/tx.ts";
import { Decimal } from "#server/domain/decimal.ts";
import { asOrderId } from "#server/domain/ids.ts";
import { type LimitTerms, reserveUnder } from "#server/domain/order/replacement.ts";
import { isTerminal } from "#server/domain/order/state.ts";
import type { NewEvent } from "#server/events/append.ts";
import { advanceOrder, releaseEntries } from "../advance-order.ts";
import { orderEvent } from "../order-events.ts";

/** What a step changes; entries and events are for the caller's transaction to write last. */
export interface Settled {
  readonly order: OrderRow;
  readonly entries: readonly NewEntry[];
  readonly events: readonly NewEvent[];
}

/** The terms under which the order works, or ended; what is filled is never more than was asked for. */
function termsOf(order: OrderRow, { old, wanted }: Replacement, under: "old" | "wanted"): LimitTerms {
  const terms = under === "old" ? old : wanted;
  return { ...terms, quantity: Decimal.max(terms.quantity, order.filledQuantity) };
}

function eventOf(order: OrderRow, replacement: Replacement, end: ReplacementEnd, now: Date): NewEvent {
  if (end.state !== "DONE") {
    return orderEvent("OrderReplaceRefused", order, now, { code: end.code ?? "", details: { ...end.details } });
  }
  const { quantity, limitPrice } = replacement.wanted;
  const newOrderId = end.newOrderId === undefined ? null : asOrderId(end.newOrderId);
  return orderEvent("OrderReplaced", order, now, { quantity: quantity.toFixed(), limitPrice: limitPrice.toFixed(), newOrderId });
}

/**
 * Ends a replacement of a locked order, now that it is certain under which terms the order works or has ended: the row gets these terms
 * and gives back what they do not need. An order that has filled all of them is filled.
 */
export function closeReplacement(
  tx: Tx,
  before: OrderRow,
  replacement: Replacement,
  under: "old" | "wanted",
  end: ReplacementEnd,
  now: Date,
): Settled {
  const terms = termsOf(before, replacement, under);
  const needed = isTerminal(before.state) ? before.reserveLeft : reserveUnder(under, replacement, before.filledQuantity);
  const reserveLeft = Decimal.min(before.reserveLeft, needed);
  const { quantity, limitPrice } = terms;
  const said =
    end.state === "DONE"
      ? {
          quantity: replacement.wanted.quantity.toFixed(),
          price: replacement.wanted.limitPrice.toFixed(),
          newOrderId: end.newOrderId,
        }
      : { code: end.code, ...end.details };
  const event = end.state === "DONE" ? "REPLACED" : "REPLACE_REFUSED";
  const moved = moveTerms(
    tx,
    before,
    event,
    { quantity, limitPrice, priceCap: limitPrice, reserveLeft, replacementId: null },
    said,
  );
  endReplacement(tx, replacement, end);
  const entries = releaseEntries(before, before.reserveLeft.minus(reserveLeft), "not needed under the settled terms");
  const isFilled = !isTerminal(moved.state) && moved.filledQuantity.gte(quantity);
  const { order, entries: more } = isFilled ? advanceOrder(tx, moved, "FILL_COMPLETE") : { order: moved, entries: [] };
  return { order, entries: [...entries, ...more], events: [eventOf(order, replacement, end, now)] };
}
