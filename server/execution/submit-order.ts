import { lockOrder } from "#server/data/orders/load-order.ts";
import type { OrderRow } from "#server/data/orders/order-row.ts";
import { assert } from "#server/domain/assert.ts";
import { FINISHED, type JobContext, type JobOutcome } from "#server/jobs/run-job.ts";
import { type ExecutionContext, inLanes, type Lane } from "./context.ts";
import { crashPoint } from "./crash-points.ts";
import { standDown } from "./dead-man/stand-down.ts";
import type { SubmitOutcome, VenueAccountExecutor } from "./executors/executor.ts";
import { endsAtOnce, recordOutcome } from "./record-outcome.ts";
import { refreshOrder } from "./refresh-order.ts";
import { requestSync } from "./request-work.ts";
import { resolveOrder } from "./resolve-order.ts";
import { sendOrder } from "./send-order.ts";
import { type Sending, startSending } from "./start-sending.ts";

const SYNC_AFTER_MS = 1_000;

type Claimed = Sending | "look" | "refresh" | "done";

async function claimForSending(ctx: ExecutionContext, lane: Lane, orderId: string): Promise<Claimed> {
  return inLanes(ctx, "submit", lane, async (tx): Promise<Claimed> => {
    const order = await lockOrder(tx, lane.workspaceId, orderId);
    assert(order !== null, `order ${orderId} does not exist`);
    if (order.state === "SUBMITTING" || order.state === "UNKNOWN") return "look";
    // A worker died between the answer and the look that it called for.
    if (order.state === "NEW" || order.state === "PARTIALLY_FILLED") return "refresh";
    if (order.state !== "PENDING_NEW") return "done";
    return (await startSending(ctx, tx, lane, order)) ?? "done";
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
  if (claimed === "done") return undefined;
  if (claimed === "look") {
    await resolveOrder(ctx, lane, orderId);
    return undefined;
  }
  if (claimed === "refresh") return lookAtOnce(ctx, lane, orderId);
  return sendClaimed(ctx, lane, executor, claimed, run);
}

/** The rest of it, for an order whose transaction A has committed in this very job. */
export async function sendClaimed(
  ctx: ExecutionContext,
  lane: Lane,
  executor: VenueAccountExecutor,
  { order, under }: Sending,
  run: JobContext,
): Promise<JobOutcome> {
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
  return isWorthALook(recorded, outcome) ? lookAtOnce(ctx, lane, order.id) : FINISHED;
}

/** The screen has the order's fills without waiting; what is open after that is looked at again later. */
async function lookAtOnce(ctx: ExecutionContext, lane: Lane, orderId: string): Promise<JobOutcome> {
  const seen = await refreshOrder(ctx, lane, orderId);
  if (seen?.kind === "settled") return undefined;
  const at = new Date(ctx.clock.now().getTime() + SYNC_AFTER_MS);
  await ctx.database.workspace(lane.workspaceId, (tx) => requestSync(tx, lane, at));
  return undefined;
}

/** What does not rest is over at the venue by now. */
function isWorthALook(order: OrderRow, outcome: SubmitOutcome): boolean {
  const stillOpen = order.state === "NEW" || order.state === "PARTIALLY_FILLED";
  return outcome.kind === "accepted" && stillOpen && (endsAtOnce(order) || outcome.fills === null);
}
