import { v7 as uuidv7 } from "uuid";
import type { NewEntry } from "#server/data/ledger/insert-entries.ts";
import { dropPendingTriggers } from "#server/data/triggers/change-trigger.ts";
import { moveOrder, type OrderChange } from "#server/data/orders/move-order.ts";
import type { OrderRow } from "#server/data/orders/order-row.ts";
import type { Tx } from "#server/data/tx.ts";
import { assert } from "#server/domain/assert.ts";
import { type Decimal, ZERO } from "#server/domain/decimal.ts";
import { asVenueAccountId, type VenueAccountId } from "#server/domain/ids.ts";
import { postRelease } from "#server/domain/ledger/post.ts";
import { money } from "#server/domain/money/money.ts";
import { isTerminal, type OrderEvent, transition } from "#server/domain/order/state.ts";

/** An order after a move, and the ledger entries that belong into the same transaction. */
export interface Advanced {
  readonly order: OrderRow;
  readonly entries: readonly NewEntry[];
}

/** Null for reserves that the workspace itself holds, before routing. */
export function reserveOwner(order: OrderRow): VenueAccountId | null {
  assert(order.reserveHolderId !== null, `order ${order.id} has no reserve holder`);
  return order.reserveHolderId === order.workspaceId ? null : asVenueAccountId(order.reserveHolderId);
}

/** The entry that gives `amount` of the order's reserve back; none for zero. */
export function releaseEntries(order: OrderRow, amount: Decimal, memo: string): NewEntry[] {
  if (amount.isZero()) return [];
  assert(order.reserveAsset !== null, `order ${order.id} has no reserve asset`);
  const draft = postRelease(reserveOwner(order), money(amount, order.reserveAsset));
  return [{ id: uuidv7(), draft, orderId: order.id, fillId: null, memo }];
}

/** True when the event changes nothing: the same state, and no new fact to keep. */
export function isNoMove(order: OrderRow, event: OrderEvent, change: OrderChange): boolean {
  if (Object.values(change).some((value) => value !== undefined)) return false;
  const facts = { hasFills: order.filledQuantity.gt(0), acknowledged: order.venueOrderId !== null };
  const result = transition(order.state, event, facts);
  return result.ok && result.state === order.state;
}

/**
 * Moves an order; one that ends gives back all it still holds. The caller posts the returned entries in the same
 * transaction, together with its others.
 */
export function advanceOrder(
  tx: Tx,
  order: OrderRow,
  event: OrderEvent,
  change: OrderChange = {},
  details: Readonly<Record<string, unknown>> = {},
): Advanced {
  const hasFills = (change.filledQuantity ?? order.filledQuantity).gt(0);
  const result = transition(order.state, event, { hasFills, acknowledged: true });
  const ends = result.ok && isTerminal(result.state) && order.reserveLeft.gt(0);
  const moved = moveOrder(tx, order, event, ends ? { ...change, reserveLeft: ZERO } : change, details);
  if (moved.hasTriggers && isTerminal(moved.state) && moved.filledQuantity.isZero()) {
    dropPendingTriggers(tx, order.workspaceId, order.id);
  }
  return { order: moved, entries: ends ? releaseEntries(order, order.reserveLeft, "order ended") : [] };
}
