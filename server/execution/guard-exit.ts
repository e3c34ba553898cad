import { lockPosition } from "#server/data/ledger/positions.ts";
import { hasRestedSince, readExitsInTheWay } from "#server/data/orders/exits-in-the-way.ts";
import { lockOrder } from "#server/data/orders/load-order.ts";
import type { RoutedOrder } from "#server/data/orders/order-row.ts";
import { loadTrigger } from "#server/data/triggers/load-trigger.ts";
import type { Tx } from "#server/data/tx.ts";
import type { Decimal } from "#server/domain/decimal.ts";
import { isTerminal } from "#server/domain/order/state.ts";
import type { Denial } from "#server/domain/risk/denial-codes.ts";
import { advanceOrder } from "./advance-order.ts";
import { requestCancel } from "./request-work.ts";

/** `send`: nothing is in the way. `wait`: what rests for a stop has its coins, and is on its way out. */
export type ExitGuard =
  | { readonly kind: "send" }
  | { readonly kind: "wait" }
  | { readonly kind: "deny"; readonly denial: Denial };

const SEND: ExitGuard = { kind: "send" };

function tooLarge(position: Decimal): ExitGuard {
  return { kind: "deny", denial: { code: "EXIT_EXCEEDS_POSITION", details: { held: position.toString() } } };
}

/** Second ring: whoever accepted the exit has asked for this already. */
async function askForCancel(tx: Tx, workspaceId: string, orderIds: readonly string[]): Promise<void> {
  for (const id of orderIds) {
    const own = await lockOrder(tx, workspaceId, id);
    if (own === null || own.venueAccountId === null || isTerminal(own.state) || own.cancelRequestedAt !== null) continue;
    advanceOrder(tx, own, "CANCEL_REQUESTED", { cancelRequested: true });
    requestCancel(tx, { workspaceId, venueAccountId: own.venueAccountId }, own.id, null);
  }
}

/**
 * Decides, in the transaction that claims an exit for sending, whether its coins are free. What rests at the venue for the position's
 * stops has to be definitely over first, and since it may have sold meanwhile, the exit must still fit the position. INVARIANT: what is sent
 * never adds up to more than the position, whichever of them fills. An order that itself rests yields to every other exit.
 */
export async function guardExit(tx: Tx, order: RoutedOrder): Promise<ExitGuard> {
  const { restsFor, workspaceId } = order;
  if (restsFor === null && !(await hasRestedSince(tx, order))) return SEND;
  // Two exits of one position are decided one after the other.
  const { quantity: position } = await lockPosition(tx, workspaceId, order.venueAccountId, order.symbol);
  const others = await readExitsInTheWay(tx, order);
  if (restsFor !== null) {
    const trigger = await loadTrigger(tx, workspaceId, restsFor.triggerId);
    const isWanted = trigger?.state === "ARMED" && order.cancelRequestedAt === null;
    const all = order.quantity.plus(others.sent).plus(others.waiting).plus(others.resting);
    return isWanted && all.lte(position) ? SEND : tooLarge(position);
  }
  const firm = order.quantity.plus(others.sent);
  if (firm.plus(others.resting).lte(position)) return SEND;
  if (others.resting.isZero()) return firm.gt(position) ? tooLarge(position) : SEND;
  await askForCancel(tx, workspaceId, others.restingStaying);
  return { kind: "wait" };
}
