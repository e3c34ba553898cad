import { readSwitches, type Switches } from "#server/data/accounts/read-switches.ts";
import { lockOrder } from "#server/data/orders/load-order.ts";
import { listOpenOrdersOfAccount } from "#server/data/orders/list-open-orders.ts";
import { asRouted, type OrderRow, type RoutedOrder } from "#server/data/orders/order-row.ts";
import type { Tx } from "#server/data/tx.ts";
import { assert } from "#server/domain/assert.ts";
import { clientOrderIdFor } from "#server/domain/order/client-order-id.ts";
import type { DenialCode } from "#server/domain/risk/denial-codes.ts";
import { strictestTradingState } from "#server/domain/risk/trading-state.ts";
import { appendEvents } from "#server/events/append.ts";
import { advanceOrder } from "./advance-order.ts";
import { type ExecutionContext, inLane, type Lane } from "./context.ts";
import { crashPoint } from "./crash-points.ts";
import { denyOrder } from "./deny-order.ts";
import { orderEvent } from "./order-events.ts";
import type { JobContext } from "#server/jobs/run-job.ts";
import type { SubmitOutcome } from "./executors/executor.ts";
import { recordOutcome } from "./record-outcome.ts";
import { refreshOrder } from "./refresh-order.ts";
import { requestSubmit } from "./request-work.ts";
import { resolveOrder } from "./resolve-order.ts";
import { sendOrder } from "./send-order.ts";

const OWN_ORDERS_WAIT_MS = 5_000;
const OWN_ORDERS_LOOK_MS = 200;

/** The last look at the switches, just before sending. */
function stopCode(switches: Switches | null, order: OrderRow): DenialCode | null {
  if (switches === null || !switches.accountActive) return "ACCOUNT_DISABLED";
  const { state } = strictestTradingState(switches);
  if (state === "HALTED") return "TRADING_HALTED";
  return state === "REDUCING" && !order.isExit ? "TRADING_REDUCING" : null;
}

/**
 * An exit that would meet the workspace's own resting order waits until that one's cancel has gone through, but not for long:
 * a trade with oneself is a nuisance, a stop that does not go out is a loss.
 */
async function waitsForOwnOrders(tx: Tx, order: OrderRow, now: Date): Promise<boolean> {
  if (!order.isExit || now.getTime() - order.createdAt.getTime() > OWN_ORDERS_WAIT_MS) return false;
  const resting = await listOpenOrdersOfAccount(tx, order.workspaceId, order.venueAccountId ?? "");
  return resting.some((own) => own.symbol === order.symbol && own.side !== order.side && own.cancelRequestedAt !== null);
}

type Claimed = { readonly kind: "send"; readonly order: RoutedOrder } | { readonly kind: "look" } | { readonly kind: "done" };

/** Transaction A: the client order id is durable before the venue can know it. */
async function claimForSending(ctx: ExecutionContext, lane: Lane, orderId: string): Promise<Claimed> {
  return inLane(ctx, lane, async (tx): Promise<Claimed> => {
    const [order, switches] = await Promise.all([
      lockOrder(tx, lane.workspaceId, orderId),
      readSwitches(tx, lane.workspaceId, lane.venueAccountId),
    ]);
    assert(order !== null, `order ${orderId} does not exist`);
    // INVARIANT: only an order that was never sent, or is proven never placed, may be sent.
    if (order.state === "SUBMITTING" || order.state === "UNKNOWN") return { kind: "look" };
    if (order.state !== "PENDING_NEW") return { kind: "done" };
    assert(order.venueAccountId === lane.venueAccountId, `order ${order.id} belongs to another account`);
    const now = ctx.clock.now();
    const stop = stopCode(switches, order);
    if (stop !== null) {
      denyOrder(tx, order, { code: stop, details: {} }, now);
      return { kind: "done" };
    }
    if (await waitsForOwnOrders(tx, order, now)) {
      requestSubmit(tx, lane, order, new Date(now.getTime() + OWN_ORDERS_LOOK_MS));
      return { kind: "done" };
    }
    const attempt = order.attempt + 1;
    const clientOrderId = clientOrderIdFor(order.id, attempt);
    const identity = { attempt, clientOrderId };
    const { order: sending } = advanceOrder(tx, order, "SUBMIT_STARTED", identity, identity);
    const routed = asRouted(sending);
    appendEvents(tx, lane.workspaceId, [
      orderEvent("OrderSubmitted", sending, now, { venueAccountId: routed.venueAccountId, clientOrderId, attempt }),
    ]);
    crashPoint("submit:before-claim-commit");
    return { kind: "send", order: routed };
  });
}

/**
 * Sends one routed order, once. Transaction A commits `SUBMITTING` with the client order id, then the one network call,
 * then transaction B records its outcome. An order found `SUBMITTING` or `UNKNOWN` is looked up and never sent again.
 */
export async function submitOrder(ctx: ExecutionContext, lane: Lane, orderId: string, run: JobContext): Promise<void> {
  // Opened before anything is claimed: a credential that does not open must not leave an order half sent.
  const executor = await ctx.executors.get(lane);
  const claimed = await claimForSending(ctx, lane, orderId);
  if (claimed.kind === "done") return;
  if (claimed.kind === "look") return resolveOrder(ctx, lane, orderId);

  const { order } = claimed;
  crashPoint("submit:after-claim-commit");
  const startedAt = performance.now();
  const outcome = await sendOrder(executor, order);
  const latencyMs = Math.round(performance.now() - startedAt);
  crashPoint("submit:after-send");
  const recorded = await recordOutcome(ctx, lane, order, outcome, latencyMs, (tx, after) => {
    if (!isWorthALook(after, outcome)) run.finish(tx);
  });
  crashPoint("submit:after-record-commit");
  if (isWorthALook(recorded, outcome)) await refreshOrder(ctx, lane, orderId);
}

/** What does not rest is over at the venue by now: a look at once, so that the screen has its fills without waiting. */
function isWorthALook(order: OrderRow, outcome: SubmitOutcome): boolean {
  const endsAtOnce = order.type === "MARKET" || order.timeInForce !== "GTC";
  const stillOpen = order.state === "NEW" || order.state === "PARTIALLY_FILLED";
  return outcome.kind === "accepted" && stillOpen && (endsAtOnce || outcome.fills === null);
}
