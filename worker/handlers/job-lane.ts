import type { MarketKey } from "#server/data/protection/market-days.ts";
import { assert } from "#server/domain/assert.ts";
import type { PositionToLookAt } from "#server/data/triggers/watch-list.ts";
import type { OrderSide } from "#server/domain/order/order.ts";
import { asVenueAccountId } from "#server/domain/ids.ts";
import { isVenueId } from "#server/domain/venue.ts";
import { isReconcileReason, type ReconcileReason } from "#server/domain/movement/reasons.ts";
import type { Lane } from "#server/execution/context.ts";
import type { ClaimedJob } from "#server/jobs/job.ts";

/** The venue account that this job may speak for. Jobs that talk to a venue are enqueued with a lane. */
export function laneOf(job: ClaimedJob): Lane {
  const { workspaceId, lane, laneToken } = job;
  assert(workspaceId !== null && lane !== null && laneToken !== null, `job ${job.kind} came without a lane`);
  return { workspaceId, venueAccountId: asVenueAccountId(lane), token: laneToken };
}

/** The order that this job is about. Payloads are written by our own code only, so a wrong one is a bug. */
export function orderIdOf(job: ClaimedJob): string {
  const { payload } = job;
  assert(typeof payload === "object" && payload !== null && "orderId" in payload, `job ${job.kind} names no order`);
  const { orderId } = payload;
  assert(typeof orderId === "string", `job ${job.kind} names no order`);
  return orderId;
}

/** The order that this job changes, and the change. */
export function replacementOf(job: ClaimedJob): { readonly orderId: string; readonly replacementId: string } {
  const orderId = orderIdOf(job);
  const { payload } = job;
  assert(typeof payload === "object" && payload !== null && "replacementId" in payload, `job ${job.kind} names no replacement`);
  const { replacementId } = payload;
  assert(typeof replacementId === "string", `job ${job.kind} names no replacement`);
  return { orderId, replacementId };
}

/** The market and side of the job's order; null where whoever asked for the job did not say. */
export function marketOfOrder({ payload }: ClaimedJob): { readonly symbol: string; readonly side: OrderSide } | null {
  if (typeof payload !== "object" || payload === null || !("symbol" in payload) || !("side" in payload)) return null;
  const { symbol, side } = payload;
  return typeof symbol === "string" && (side === "BUY" || side === "SELL") ? { symbol, side } : null;
}

/** Accounts that have refused the job's order before. */
export function withoutOf({ kind, payload }: ClaimedJob): readonly string[] {
  if (typeof payload !== "object" || payload === null || !("without" in payload)) return [];
  const { without } = payload;
  assert(Array.isArray(without) && without.every((id) => typeof id === "string"), `job ${kind} names accounts that are none`);
  return without;
}

/** The trigger that this job runs, and the best bid that was seen when it was asked for. */
export function triggerOf({ kind, payload }: ClaimedJob): { readonly triggerId: string; readonly bestBid: string } {
  assert(
    typeof payload === "object" && payload !== null && "triggerId" in payload && "bestBid" in payload,
    `job ${kind} names no trigger`,
  );
  const { triggerId, bestBid } = payload;
  assert(typeof triggerId === "string" && typeof bestBid === "string", `job ${kind} names no trigger`);
  return { triggerId, bestBid };
}

/** The position whose stops and targets this job looks at. */
export function positionOf({ kind, workspaceId, payload }: ClaimedJob): PositionToLookAt {
  assert(
    workspaceId !== null && typeof payload === "object" && payload !== null && "venueAccountId" in payload && "symbol" in payload,
    `job ${kind} names no position`,
  );
  const { venueAccountId, symbol } = payload;
  assert(typeof venueAccountId === "string" && typeof symbol === "string", `job ${kind} names no position`);
  return { workspaceId, venueAccountId, symbol };
}

/** The order over time that this job works on, and which run of it. */
export function twapOf({ kind, payload }: ClaimedJob): { readonly twapId: string; readonly run: number } {
  assert(typeof payload === "object" && payload !== null && "twapId" in payload, `job ${kind} names no order over time`);
  const { twapId } = payload;
  // Jobs of the first version know of no runs.
  const run = "run" in payload ? payload.run : 0;
  assert(typeof twapId === "string" && typeof run === "number", `job ${kind} names no order over time`);
  return { twapId, run };
}

/** The change of a trading state that this job carries out. */
export function changeIdOf({ kind, payload }: ClaimedJob): string {
  assert(typeof payload === "object" && payload !== null && "changeId" in payload, `job ${kind} names no change`);
  const { changeId } = payload;
  assert(typeof changeId === "string", `job ${kind} names no change`);
  return changeId;
}

/** The market of a venue that this job is about. */
export function marketOf({ kind, payload }: ClaimedJob): MarketKey {
  assert(
    typeof payload === "object" && payload !== null && "mode" in payload && "venue" in payload && "symbol" in payload,
    `job ${kind} names no market`,
  );
  const { mode, venue, symbol } = payload;
  assert(mode === "PAPER" || mode === "LIVE", `job ${kind} names no mode`);
  assert(typeof venue === "string" && isVenueId(venue) && typeof symbol === "string", `job ${kind} names no market`);
  return { mode, venue, symbol };
}

/** Why an account is compared. A job from before reasons were kept is one of the chain. */
export function reasonOf({ payload }: ClaimedJob): ReconcileReason {
  const reason = typeof payload === "object" && payload !== null && "reason" in payload ? payload.reason : null;
  return isReconcileReason(reason) ? reason : "QUARTER_HOUR";
}
