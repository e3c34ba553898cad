import { listOpenOrdersOfAccount } from "#server/data/orders/list-open-orders.ts";
import type { RoutedOrder } from "#server/data/orders/order-row.ts";
import { appendEvents } from "#server/events/append.ts";
import { claimForCancel, settleCancel } from "./cancel-order.ts";
import { type ExecutionContext, inLane, type Lane } from "./context.ts";
import { crashPoint } from "./crash-points.ts";
import type { CancelOutcome, OrderLookup, VenueAccountExecutor } from "./executors/executor.ts";
import { noteCall, raiseAlarms } from "./note-call.ts";
import { requestCancel } from "./request-work.ts";

const PRIORITY_KILL_SWITCH = 1;

interface Asked {
  readonly order: RoutedOrder;
  readonly outcome: CancelOutcome;
}

function toLookup({ clientOrderId, venueOrderId, symbol, submittedAt, createdAt }: RoutedOrder): OrderLookup {
  return { clientOrderId: clientOrderId ?? "", venueOrderId, symbol, since: submittedAt ?? createdAt };
}

/**
 * One request about one list. It counts as one call, since all its orders share its fate: of a lost answer a breaker would otherwise see as
 * many failures as the list has orders.
 */
async function cancelList(
  ctx: ExecutionContext,
  lane: Lane,
  executor: VenueAccountExecutor,
  list: readonly RoutedOrder[],
): Promise<readonly Asked[]> {
  const startedAt = performance.now();
  const result = await executor.cancelMany(list.map(toLookup));
  const latencyMs = Math.round(performance.now() - startedAt);
  crashPoint("cancel:after-send");
  if (result.kind === "not-supported") throw new Error("a venue that takes lists of cancels took none");
  const asked = list.flatMap((order, index) => {
    const outcome = result.outcomes[index];
    return outcome === undefined ? [] : [{ order, outcome }];
  });
  const telling = asked.find(({ outcome }) => outcome.kind === "accepted" || outcome.kind === "gone") ?? asked[0];
  if (telling !== undefined) {
    const { order, outcome } = telling;
    const noted = await inLane(ctx, lane, async (tx) => {
      const { id: orderId, venue, symbol } = order;
      const events = await noteCall(tx, { ...lane, orderId, venue, symbol, kind: "cancel", outcome, latencyMs }, false);
      appendEvents(tx, lane.workspaceId, events);
      return events;
    });
    raiseAlarms(ctx.log, noted);
  }
  return asked;
}

/**
 * Cancels everything of this account that is wanted canceled, for a kill switch: in lists where its venue takes them, otherwise by one job
 * for each order. All lists go out before the first order is looked at, because what rests is the danger and the looks can wait. A
 * repeat, such as after a crash, asks again for what is still there.
 */
export async function cancelManyAtVenue(ctx: ExecutionContext, lane: Lane): Promise<void> {
  const executor = await ctx.executors.get(lane);
  const max = executor.capabilities.batch.cancelMax;
  const orders = await inLane(ctx, lane, async (tx) => {
    const open = await listOpenOrdersOfAccount(tx, lane.workspaceId, lane.venueAccountId);
    const claimed: RoutedOrder[] = [];
    for (const { id, cancelRequestedAt } of open) {
      const order = cancelRequestedAt === null ? null : await claimForCancel(tx, lane, id);
      if (order === null) continue;
      claimed.push(order);
      if (max === null) requestCancel(tx, lane, id, null, PRIORITY_KILL_SWITCH);
    }
    return claimed;
  });
  if (max === null) return;
  const asked: Asked[] = [];
  for (let from = 0; from < orders.length; from += max) {
    asked.push(...(await cancelList(ctx, lane, executor, orders.slice(from, from + max))));
  }
  for (const { order, outcome } of asked) await settleCancel(ctx, lane, order, outcome);
}
