import { lockOrder } from "#server/data/orders/load-order.ts";
import type { OrderRow } from "#server/data/orders/order-row.ts";
import type { Tx } from "#server/data/tx.ts";
import { ZERO } from "#server/domain/decimal.ts";
import { isTerminal } from "#server/domain/order/state.ts";
import type { NewEvent } from "#server/events/append.ts";
import { withdrawForExit } from "../cancel-order.ts";
import { type IntentFigures, type IntentRequest, leaving, restingExits } from "../intent/gather-facts.ts";

/**
 * Frees the coins that an exit wants and that rest at the venue for the position's stops and targets: those orders are withdrawn, and the
 * worker holds their triggers until they can rest again. Nothing to do while enough of the position is free. Answers the events for the end
 * of the transaction. Call it under the workspace's risk lock.
 */
export async function makeWayForExit(tx: Tx, request: IntentRequest, figures: IntentFigures, now: Date): Promise<NewEvent[]> {
  const { venueAccountId, terms } = request;
  const { orders, positions, workspaceId } = figures;
  const resting = restingExits(orders, terms.symbol, venueAccountId);
  if (resting.length === 0) return [];
  const held = positions.find((row) => row.venueAccountId === venueAccountId && row.symbol === terms.symbol);
  const free = (held?.position.quantity ?? ZERO).minus(leaving(orders, terms.symbol, venueAccountId));
  if (terms.quantity.lte(free)) return [];
  const locked: OrderRow[] = [];
  for (const id of resting.map((order) => order.id).sort()) {
    const order = await lockOrder(tx, workspaceId, id);
    if (order !== null && !isTerminal(order.state)) locked.push(order);
  }
  return withdrawForExit(tx, locked, now);
}
