import { blameDeadMan } from "#server/data/dead-man/write-switch.ts";
import type { OrderRow } from "#server/data/orders/order-row.ts";
import type { Tx } from "#server/data/tx.ts";

export const CANCELED_BY_SWITCH = "DEAD_MAN_SWITCH";

/**
 * The reason of a cancel that nobody here asked for, where it is known: the account's dead man's switch was not renewed while the order
 * rested. Null for all others, such as one made by hand at the venue.
 */
export async function whyCanceled(tx: Tx, order: OrderRow, now: Date): Promise<typeof CANCELED_BY_SWITCH | null> {
  const { workspaceId, venueAccountId, submittedAt } = order;
  if (order.cancelRequestedAt !== null || venueAccountId === null || submittedAt === null) return null;
  if (order.restsFor === null && (order.type !== "LIMIT" || order.timeInForce !== "GTC")) return null;
  return (await blameDeadMan(tx, { workspaceId, venueAccountId }, { sentAt: submittedAt, now })) ? CANCELED_BY_SWITCH : null;
}
