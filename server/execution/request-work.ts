import type { OrderRow } from "#server/data/orders/order-row.ts";
import type { Tx } from "#server/data/tx.ts";
import type { ReconcileReason } from "#server/domain/movement/reasons.ts";
import { enqueue } from "#server/jobs/enqueue.ts";
import { ATTEMPTS_UNLIMITED, type JobPriority } from "#server/jobs/job.ts";
import type { Lane } from "./context.ts";

type LaneRef = Pick<Lane, "workspaceId" | "venueAccountId">;

interface Work {
  readonly kind: string;
  readonly priority: JobPriority;
  readonly payload?: Readonly<Record<string, unknown>>;
  /** What the work is about; a waiting job of the same kind about the same thing is not doubled. */
  readonly about: string;
  /**
   * Null means at once. A time of this process's clock would lie after the transaction's own "now", and the work would wait for a
   * poll instead of waking a worker.
   */
  readonly runAt: Date | null;
}

const PRIORITY_EXIT = 2;
const PRIORITY_UPKEEP = 5;

/** Work that speaks for a venue account. It is never given up: an order that is not looked after is an order lost. */
function request(tx: Tx, lane: LaneRef, { kind, priority, payload = {}, about, runAt }: Work): void {
  const { workspaceId, venueAccountId } = lane;
  const dedupeKey = `${kind}:${about}`;
  const when = runAt === null ? {} : { runAt };
  const job = { kind, workspaceId, lane: venueAccountId, priority, payload, attemptsMax: ATTEMPTS_UNLIMITED, dedupeKey, ...when };
  enqueue(tx, job);
}

/** A look at the account's resting orders. */
export function requestSync(tx: Tx, lane: LaneRef, runAt: Date | null): void {
  request(tx, lane, { kind: "account.sync", priority: PRIORITY_UPKEEP, about: lane.venueAccountId, runAt });
}

/** A look at the account's dead man's switch. Late is as bad as not at all, so nothing but what closes positions comes before it. */
export function requestDeadMan(tx: Tx, lane: LaneRef, runAt: Date | null): void {
  request(tx, lane, { kind: "account.dead-man", priority: PRIORITY_EXIT, about: lane.venueAccountId, runAt });
}

/**
 * A comparison with the venue, at a time as a link of the account's chain of them, or at once. One that is wanted at once stands beside the
 * chain, so that it keeps its own reason; while it waits, asking again adds nothing.
 */
export function requestReconcile(tx: Tx, lane: LaneRef, runAt: Date | null, reason: ReconcileReason): void {
  const about = runAt === null ? `${lane.venueAccountId}:now` : lane.venueAccountId;
  request(tx, lane, { kind: "account.reconcile", priority: PRIORITY_UPKEEP, payload: { reason }, about, runAt });
}

/** Hands a routed order to its account's lane, to be sent as its next attempt. */
export function requestSubmit(
  tx: Tx,
  lane: LaneRef,
  { id, attempt, priority }: Pick<OrderRow, "id" | "attempt" | "priority">,
  runAt: Date | null,
): void {
  request(tx, lane, { kind: "order.submit", priority, payload: { orderId: id }, about: `${id}:${attempt + 1}`, runAt });
}

/** Looks for an order whose outcome nobody knows. An open question holds up exits, so it comes before entries. */
export function requestResolve(tx: Tx, lane: LaneRef, orderId: string, runAt: Date | null): void {
  request(tx, lane, { kind: "order.resolve", priority: PRIORITY_EXIT, payload: { orderId }, about: orderId, runAt });
}

export function requestCancel(
  tx: Tx,
  lane: LaneRef,
  orderId: string,
  runAt: Date | null,
  priority: JobPriority = PRIORITY_EXIT,
): void {
  request(tx, lane, { kind: "order.cancel", priority, payload: { orderId }, about: orderId, runAt });
}
