import { listOwnOpposite } from "#server/data/protection/own-opposite-orders.ts";
import { readSendFacts, type SendFacts } from "#server/data/protection/send-facts.ts";
import { lockOrder } from "#server/data/orders/load-order.ts";
import { asRouted, type OrderRow, type RoutedOrder } from "#server/data/orders/order-row.ts";
import type { Tx } from "#server/data/tx.ts";
import { assert } from "#server/domain/assert.ts";
import { clientOrderIdFor } from "#server/domain/order/client-order-id.ts";
import { isTerminal } from "#server/domain/order/state.ts";
import type { Denial } from "#server/domain/risk/denial-codes.ts";
import { meets, type OwnOpposite } from "#server/domain/risk/self-trade.ts";
import { appendEvents, type NewEvent } from "#server/events/append.ts";
import { advanceOrder } from "./advance-order.ts";
import type { ExecutionContext, Lane } from "./context.ts";
import { crashPoint } from "./crash-points.ts";
import { denyOrder } from "./deny-order.ts";
import { orderEvent } from "./order-events.ts";
import { guardExit } from "./guard-exit.ts";
import { areBreakersClosed, holdBack, stopCode } from "./hold-back.ts";
import type { SentUnder } from "./record-outcome.ts";
import { requestCancel, requestSubmit } from "./request-work.ts";

const OWN_ORDERS_WAIT_MS = 5_000;
const OWN_ORDERS_LOOK_MS = 200;

/**
 * An exit that would meet the workspace's own resting orders waits until their cancels have gone through, but not for long: a trade with
 * oneself is a nuisance, a stop that does not go out is a loss.
 */
function waitsForOwnOrders(order: OrderRow, crossed: readonly OwnOpposite[], now: Date): boolean {
  return crossed.length > 0 && now.getTime() - order.createdAt.getTime() <= OWN_ORDERS_WAIT_MS;
}

/** Soon at first, slower while the venue does not let go of the coins. */
function lookAgainAt(order: OrderRow, now: Date): Date {
  const ageMs = now.getTime() - order.createdAt.getTime();
  return new Date(now.getTime() + Math.min(OWN_ORDERS_WAIT_MS, Math.max(OWN_ORDERS_LOOK_MS, ageMs / 5)));
}

/** What may hold an order back at the last moment. */
export type SendChecks = readonly [SendFacts | null, readonly OwnOpposite[]];

/** Reads it for an order that has been given to the lane's account, in this transaction or before. */
export function readSendChecks(
  tx: Tx,
  { workspaceId, venueAccountId }: Omit<Lane, "token">,
  orderId: string,
): Promise<SendChecks> {
  return Promise.all([readSendFacts(tx, workspaceId, orderId, venueAccountId), listOwnOpposite(tx, workspaceId, orderId)]);
}

/** What a caller has to tell before what happens here. */
type Lead = readonly NewEvent[];

/** Asks for the cancel of own orders that rest in an exit's way. Ends with events. */
async function makeWay(tx: Tx, order: OrderRow, crossed: readonly OwnOpposite[], now: Date, lead: Lead): Promise<void> {
  const { workspaceId } = order;
  const events: NewEvent[] = [...lead];
  for (const { orderId, leaving } of crossed) {
    const own = leaving ? null : await lockOrder(tx, workspaceId, orderId);
    // What waits to be sent looks at this exit before it goes.
    if (own === null || own.venueAccountId === null || own.state === "PENDING_NEW") continue;
    if (own.cancelRequestedAt !== null || isTerminal(own.state)) continue;
    const { order: asked } = advanceOrder(tx, own, "CANCEL_REQUESTED", { cancelRequested: true }, { exit: order.id });
    requestCancel(tx, { workspaceId, venueAccountId: own.venueAccountId }, own.id, null);
    events.push(orderEvent("OrderCancelRequested", asked, now, { reason: null }));
  }
  appendEvents(tx, workspaceId, events);
}

/** An order that is `SUBMITTING` once the transaction has committed, and whose request is to go out then. */
export interface Sending {
  readonly order: RoutedOrder;
  readonly under: SentUnder;
}

function refuse(tx: Tx, order: OrderRow, denial: Denial, now: Date, lead: Lead): null {
  appendEvents(tx, order.workspaceId, lead);
  denyOrder(tx, order, denial, now);
  return null;
}

/**
 * Transaction A, in a transaction that holds the order and its account's lane: looks once more at what may hold the order back, and writes
 * the client order id before the venue can know it. Null: it is denied, or waits.
 */
export async function startSending(
  ctx: ExecutionContext,
  tx: Tx,
  lane: Lane,
  order: OrderRow,
  { checks = readSendChecks(tx, lane, order.id), lead = [] }: { checks?: Promise<SendChecks>; lead?: Lead } = {},
): Promise<Sending | null> {
  const [facts, opposite] = await checks;
  // INVARIANT: only an order that was never sent, or is proven never placed, may be sent.
  assert(order.state === "PENDING_NEW", `order ${order.id} cannot be sent in ${order.state}`);
  assert(order.venueAccountId === lane.venueAccountId, `order ${order.id} belongs to another account`);
  const now = ctx.clock.now();
  const stop = stopCode(facts, order.isExit);
  const deny = (denial: Denial): null => refuse(tx, order, denial, now, lead);
  if (stop !== null || facts === null) return deny({ code: stop ?? "ACCOUNT_DISABLED", details: {} });
  const guard = order.isExit ? await guardExit(tx, asRouted(order)) : null;
  if (guard?.kind === "deny") return deny(guard.denial);
  if (guard?.kind === "wait") {
    requestSubmit(tx, lane, order, lookAgainAt(order, now));
    appendEvents(tx, order.workspaceId, lead);
    return null;
  }
  const furthest = order.limitPrice ?? order.priceCap;
  const crossed = opposite.filter(({ price }) => meets(order.side, furthest, price));
  if (order.isExit && order.restsFor === null && waitsForOwnOrders(order, crossed, now)) {
    requestSubmit(tx, lane, order, new Date(now.getTime() + OWN_ORDERS_LOOK_MS));
    await makeWay(tx, order, crossed, now, lead);
    return null;
  }
  const own = order.isExit ? undefined : crossed[0];
  if (own !== undefined) return deny({ code: "ORDER_SELF_TRADE", details: { orderId: own.orderId } });
  const denial = await holdBack(tx, asRouted(order), facts);
  if (denial !== null) return deny(denial);
  const attempt = order.attempt + 1;
  const clientOrderId = clientOrderIdFor(order.id, attempt);
  const identity = { attempt, clientOrderId };
  const { order: sending } = advanceOrder(tx, order, "SUBMIT_STARTED", identity, identity);
  const routed = asRouted(sending);
  appendEvents(tx, lane.workspaceId, [
    ...lead,
    orderEvent("OrderSubmitted", sending, now, { venueAccountId: routed.venueAccountId, clientOrderId, attempt }),
  ]);
  crashPoint("submit:before-claim-commit");
  return { order: routed, under: { breakersClosed: areBreakersClosed(facts), streakKnown: facts.streak !== null } };
}
