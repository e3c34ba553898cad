import { insertEntries } from "#server/data/ledger/insert-entries.ts";
import type { OrderRow } from "#server/data/orders/order-row.ts";
import type { Tx } from "#server/data/tx.ts";
import type { Denial } from "#server/domain/risk/denial-codes.ts";
import { appendEvents } from "#server/events/append.ts";
import { advanceOrder } from "./advance-order.ts";
import { orderEvent } from "./order-events.ts";

/** Refuses an order that is certainly not at a venue and gives its reserve back. Writes its event last. */
export function denyOrder(tx: Tx, order: OrderRow, denial: Denial, now: Date): OrderRow {
  const change = { reasonCode: denial.code, reasonDetail: JSON.stringify(denial.details) };
  const denied = advanceOrder(tx, order, "DENIED", change, { code: denial.code, ...denial.details });
  insertEntries(tx, order.workspaceId, denied.entries);
  const extra = { code: denial.code, details: { ...denial.details } };
  appendEvents(tx, order.workspaceId, [orderEvent("OrderDenied", denied.order, now, extra)]);
  return denied.order;
}
