import type { OrderRow } from "#server/data/orders/order-row.ts";
import type { Tx } from "#server/data/tx.ts";
import { enqueue } from "#server/jobs/enqueue.ts";
import { ATTEMPTS_UNLIMITED } from "#server/jobs/job.ts";
import { pullForward } from "#server/jobs/pull-forward.ts";
import type { Lane } from "./context.ts";

type LaneRef = Pick<Lane, "workspaceId" | "venueAccountId">;

/** Priorities of execution.md: 1 kill switch and stops, 2 exits and cancels, 4 entries, 5 everything else. */
export const PRIORITY = { urgent: 1, exit: 2, target: 3, entry: 4, upkeep: 5 } as const;

/*
 * `runAt` null means at once. A time of this process's clock would lie after the transaction's own "now", and the work would wait
 * for a poll instead of waking a worker.
 */

/** One waiting look at the account's open orders; an earlier one is pulled forward instead of doubled. */
export async function requestSync(tx: Tx, lane: LaneRef, runAt: Date | null): Promise<void> {
  const dedupeKey = `account.sync:${lane.venueAccountId}`;
  const { workspaceId, venueAccountId } = lane;
  await enqueue(tx, {
    kind: "account.sync",
    workspaceId,
    lane: venueAccountId,
    priority: PRIORITY.upkeep,
    payload: {},
    ...(runAt === null ? {} : { runAt }),
    attemptsMax: ATTEMPTS_UNLIMITED,
    dedupeKey,
  });
  await pullForward(tx, workspaceId, dedupeKey, runAt);
}

/** Hands a routed order to its account's lane, to be sent as its next attempt. */
export async function requestSubmit(
  tx: Tx,
  lane: LaneRef,
  order: Pick<OrderRow, "id" | "attempt" | "priority">,
  runAt: Date | null,
): Promise<void> {
  const { workspaceId, venueAccountId } = lane;
  await enqueue(tx, {
    kind: "order.submit",
    workspaceId,
    lane: venueAccountId,
    priority: order.priority,
    payload: { orderId: order.id },
    ...(runAt === null ? {} : { runAt }),
    attemptsMax: ATTEMPTS_UNLIMITED,
    dedupeKey: `order.submit:${order.id}:${order.attempt + 1}`,
  });
}

/** Looks for an order whose outcome nobody knows. An open question holds up exits, so it comes before entries. */
export async function requestResolve(tx: Tx, lane: LaneRef, orderId: string, runAt: Date | null): Promise<void> {
  const { workspaceId, venueAccountId } = lane;
  await enqueue(tx, {
    kind: "order.resolve",
    workspaceId,
    lane: venueAccountId,
    priority: PRIORITY.exit,
    payload: { orderId },
    ...(runAt === null ? {} : { runAt }),
    attemptsMax: ATTEMPTS_UNLIMITED,
    dedupeKey: `order.resolve:${orderId}`,
  });
}

export async function requestCancel(tx: Tx, lane: LaneRef, orderId: string, runAt: Date | null): Promise<void> {
  const { workspaceId, venueAccountId } = lane;
  await enqueue(tx, {
    kind: "order.cancel",
    workspaceId,
    lane: venueAccountId,
    priority: PRIORITY.exit,
    payload: { orderId },
    ...(runAt === null ? {} : { runAt }),
    attemptsMax: ATTEMPTS_UNLIMITED,
    dedupeKey: `order.cancel:${orderId}`,
  });
}

export async function requestReconcile(tx: Tx, lane: LaneRef, runAt: Date | null): Promise<void> {
  const { workspaceId, venueAccountId } = lane;
  const dedupeKey = `account.reconcile:${venueAccountId}`;
  await enqueue(tx, {
    kind: "account.reconcile",
    workspaceId,
    lane: venueAccountId,
    priority: PRIORITY.upkeep,
    payload: {},
    ...(runAt === null ? {} : { runAt }),
    attemptsMax: ATTEMPTS_UNLIMITED,
    dedupeKey,
  });
  await pullForward(tx, workspaceId, dedupeKey, runAt);
}
