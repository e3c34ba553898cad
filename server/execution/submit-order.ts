import { listOwnOpposite } from "#server/data/protection/own-opposite-orders.ts";
import { readSendFacts } from "#server/data/protection/send-facts.ts";
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
import { type ExecutionContext, inLanes, type Lane } from "./context.ts";
import { crashPoint } from "./crash-points.ts";
import { standDown } from "./dead-man/stand-down.ts";
import { denyOrder } from "./deny-order.ts";
import { orderEvent } from "./order-events.ts";
import { FINISHED, type JobContext, type JobOutcome } from "#server/jobs/run-job.ts";
import { guardExit } from "./guard-exit.ts";
import type { SubmitOutcome } from "./executors/executor.ts";
import { areBreakersClosed, holdBack, stopCode } from "./hold-back.ts";
import { recordOutcome, type SentUnder } from "./record-outcome.ts";
import { refreshOrder } from "./refresh-order.ts";
import { requestCancel, requestSubmit } from "./request-work.ts";
import { resolveOrder } from "./resolve-order.ts";
import { sendOrder } from "./send-order.ts";

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

/** Asks for the cancel of own orders that rest in an exit's way. Ends with events. */
async function makeWay(tx: Tx, order: OrderRow, crossed: readonly OwnOpposite[], now: Date): Promise<void> {
  const { workspaceId } = order;
  const events: NewEvent[] = [];
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

type Claimed =
  | { readonly kind: "send"; readonly order: RoutedOrder; readonly under: SentUnder }
  | { readonly kind: "look" }
  | { readonly kind: "done" };

function refuse(tx: Tx, order: OrderRow, denial: Denial, now: Date): Claimed {
  denyOrder(tx, order, denial, now);
  return { kind: "done" };
}

/** Transaction A: the client order id is durable before the venue can know it. */
async function claimForSending(ctx: ExecutionContext, lane: Lane, orderId: string): Promise<Claimed> {
  return inLanes(ctx, "submit", lane, async (tx): Promise<Claimed> => {
    const [order, facts, opposite] = await Promise.all([
      lockOrder(tx, lane.workspaceId, orderId),
      readSendFacts(tx, lane.workspaceId, orderId, lane.venueAccountId),
      listOwnOpposite(tx, lane.workspaceId, orderId),
    ]);
    assert(order !== null, `order ${orderId} does not exist`);
    // INVARIANT: only an order that was never sent, or is proven never placed, may be sent.
    if (order.state === "SUBMITTING" || order.state === "UNKNOWN") return { kind: "look" };
    if (order.state !== "PENDING_NEW") return { kind: "done" };
    assert(order.venueAccountId === lane.venueAccountId, `order ${order.id} belongs to another account`);
    const now = ctx.clock.now();
    const stop = stopCode(facts, order.isExit);
    if (stop !== null || facts === null) return refuse(tx, order, { code: stop ?? "ACCOUNT_DISABLED", details: {} }, now);
    const guard = order.isExit ? await guardExit(tx, asRouted(order)) : null;
    if (guard?.kind === "deny") return refuse(tx, order, guard.denial, now);
    if (guard?.kind === "wait") {
      requestSubmit(tx, lane, order, lookAgainAt(order, now));
      return { kind: "done" };
    }
    const furthest = order.limitPrice ?? order.priceCap;
    const crossed = opposite.filter(({ price }) => meets(order.side, furthest, price));
    if (order.isExit && order.restsFor === null && waitsForOwnOrders(order, crossed, now)) {
      requestSubmit(tx, lane, order, new Date(now.getTime() + OWN_ORDERS_LOOK_MS));
      await makeWay(tx, order, crossed, now);
      return { kind: "done" };
    }
    const own = order.isExit ? undefined : crossed[0];
    if (own !== undefined) return refuse(tx, order, { code: "ORDER_SELF_TRADE", details: { orderId: own.orderId } }, now);
    const denial = await holdBack(tx, asRouted(order), facts);
    if (denial !== null) return refuse(tx, order, denial, now);
    const attempt = order.attempt + 1;
    const clientOrderId = clientOrderIdFor(order.id, attempt);
    const identity = { attempt, clientOrderId };
    const { order: sending } = advanceOrder(tx, order, "SUBMIT_STARTED", identity, identity);
    const routed = asRouted(sending);
    appendEvents(tx, lane.workspaceId, [
      orderEvent("OrderSubmitted", sending, now, { venueAccountId: routed.venueAccountId, clientOrderId, attempt }),
    ]);
    crashPoint("submit:before-claim-commit");
    const under = { breakersClosed: areBreakersClosed(facts), streakKnown: facts.streak !== null };
    return { kind: "send", order: routed, under };
  });
}

/**
 * Sends one routed order, once. Transaction A commits `SUBMITTING` with the client order id, then the one network call,
 * then transaction B records its outcome. An order found `SUBMITTING` or `UNKNOWN` is looked up and never sent again.
 */
export async function submitOrder(ctx: ExecutionContext, lane: Lane, orderId: string, run: JobContext): Promise<JobOutcome> {
  // Opened before anything is claimed: a credential that does not open must not leave an order half sent.
  const executor = await ctx.executors.get(lane);
  const claimed = await claimForSending(ctx, lane, orderId);
  if (claimed.kind === "done") return undefined;
  if (claimed.kind === "look") {
    await resolveOrder(ctx, lane, orderId);
    return undefined;
  }

  const { order, under } = claimed;
  crashPoint("submit:after-claim-commit");
  await standDown(ctx, lane, order);
  const startedAt = performance.now();
  const outcome = await sendOrder(executor, order);
  const latencyMs = Math.round(performance.now() - startedAt);
  crashPoint("submit:after-send");
  const recorded = await recordOutcome(ctx, lane, order, outcome, latencyMs, under, (tx, after) => {
    if (!isWorthALook(after, outcome)) run.finish(tx);
  });
  crashPoint("submit:after-record-commit");
  if (!isWorthALook(recorded, outcome)) return FINISHED;
  await refreshOrder(ctx, lane, orderId);
  return undefined;
}

/** What does not rest is over at the venue by now: a look at once, so that the screen has its fills without waiting. */
function isWorthALook(order: OrderRow, outcome: SubmitOutcome): boolean {
  const endsAtOnce = order.type === "MARKET" || order.timeInForce !== "GTC";
  const stillOpen = order.state === "NEW" || order.state === "PARTIALLY_FILLED";
  return outcome.kind === "accepted" && stillOpen && (endsAtOnce || outcome.fills === null);
}
