import { v7 as uuidv7 } from "uuid";
import { pauseLane } from "#server/data/accounts/pause-lane.ts";
import { readVenueAccount, type VenueAccountState } from "#server/data/accounts/read-venue-account.ts";
import { lastDifferences, moveFillsSince } from "#server/data/accounts/reconciliation.ts";
import { writeReconciled } from "#server/data/accounts/write-check.ts";
import { listOpenOrdersOfAccount } from "#server/data/orders/list-open-orders.ts";
import { lockOrder } from "#server/data/orders/load-order.ts";
import type { OrderRow } from "#server/data/orders/order-row.ts";
import { isOpenAtVenue, isTerminal } from "#server/domain/order/state.ts";
import { appendEvents } from "#server/events/append.ts";
import { advanceOrder } from "../advance-order.ts";
import { VenueUnavailable } from "../check-account.ts";
import { type ExecutionContext, inLane, type Lane } from "../context.ts";
import type { VenueOrder } from "../executors/executor.ts";
import { refreshOrder } from "../refresh-order.ts";
import { requestReconcile, requestResolve, requestSync } from "../request-work.ts";
import { bookStanding, type Difference, findDifferences } from "./book-differences.ts";
import { readVenue, VenueRefused, type VenueSnapshot } from "./read-venue.ts";

const AGAIN_BUSY_MS = 60_000;
const AGAIN_IDLE_MS = 15 * 60_000;
/** A difference seen once is looked at again this soon. */
const AGAIN_DIFFERENT_MS = 10_000;
const OVERLAP_MS = 60 * 60_000;

/** What one comparison found; stored and shown. */
export interface ReconcileReport {
  readonly fillsApplied: number;
  readonly ordersRefreshed: number;
  readonly unresolvedOrders: number;
  /** At the venue and not ours: shown, never touched. */
  readonly externalOrders: readonly {
    readonly venueOrderId: string;
    readonly symbol: string;
    readonly side: string;
    readonly quantity: string;
  }[];
  readonly externalFills: number;
  readonly differences: readonly Difference[];
  readonly booked: readonly Difference[];
}

/** An order that we hold for closed and the venue shows as open: nobody knows what it is, so it is looked up. */
async function reopenIfClosed(ctx: ExecutionContext, lane: Lane, orderId: string): Promise<void> {
  await inLane(ctx, lane, async (tx) => {
    const order = await lockOrder(tx, lane.workspaceId, orderId);
    if (order === null || !isTerminal(order.state) || order.state === "FILLED") return;
    advanceOrder(tx, order, "FOUND_OPEN", {}, { source: "reconciliation" });
    requestResolve(tx, lane, orderId, null);
  });
}

async function settleOrders(
  ctx: ExecutionContext,
  lane: Lane,
  orders: readonly OrderRow[],
  venue: VenueSnapshot,
): Promise<number> {
  const openIds = new Set(venue.open.map((order) => order.venueOrderId));
  let refreshed = 0;
  for (const order of orders) {
    if (!isOpenAtVenue(order.state) || order.venueOrderId === null || openIds.has(order.venueOrderId)) continue;
    await refreshOrder(ctx, lane, order.id);
    refreshed += 1;
  }
  const openHere = new Set(orders.map((order) => order.id as string));
  for (const open of venue.open) {
    const orderId = venue.ours.get(open.venueOrderId);
    if (orderId !== undefined && !openHere.has(orderId)) await reopenIfClosed(ctx, lane, orderId);
  }
  return refreshed;
}

/** Ours are known by venue order id, or by a client order id that is still being settled. */
function externalOrders(venue: VenueSnapshot, orders: readonly OrderRow[]): VenueOrder[] {
  const clientIds = new Set(orders.map((order) => order.clientOrderId));
  return venue.open.filter(
    (order) => !venue.ours.has(order.venueOrderId) && !(order.clientOrderId !== null && clientIds.has(order.clientOrderId)),
  );
}

/** An order whose outcome is open, or of which the venue counts more filled than we have seen: its money moved before its fills show. */
function isInQuestion(order: OrderRow, openAtVenue: ReadonlyMap<string, VenueOrder>): boolean {
  if (order.state === "SUBMITTING" || order.state === "UNKNOWN") return true;
  if (!isOpenAtVenue(order.state)) return false;
  const open = openAtVenue.get(order.venueOrderId ?? "");
  return open === undefined || open.filledQuantity.gt(order.filledQuantity);
}

async function recordReport(
  ctx: ExecutionContext,
  lane: Lane,
  startedAt: Date,
  venue: VenueSnapshot,
  ordersRefreshed: number,
): Promise<void> {
  await inLane(ctx, lane, async (tx) => {
    const now = ctx.clock.now();
    const orders = await listOpenOrdersOfAccount(tx, lane.workspaceId, lane.venueAccountId);
    const unresolved = orders.filter((order) => order.state === "SUBMITTING" || order.state === "UNKNOWN");
    for (const order of unresolved) requestResolve(tx, lane, order.id, null);
    const openAtVenue = new Map(venue.open.map((order) => [order.venueOrderId, order]));
    // INVARIANT: a fill that is still to come is never booked as a difference, since it would then count twice.
    const comparable = venue.steady && !orders.some((order) => isInQuestion(order, openAtVenue));
    const differences = comparable ? await findDifferences(tx, lane, venue.balances) : [];
    const before = await lastDifferences(tx, lane);
    const memo = venue.externalFills.length > 0 ? "traded outside the platform" : "unexplained, found by reconciliation";
    const booked = await bookStanding(tx, lane, differences, before, memo);
    const pending = differences.filter((difference) => !booked.includes(difference));
    const external = externalOrders(venue, orders);
    const report: ReconcileReport = {
      fillsApplied: venue.fillsApplied,
      ordersRefreshed,
      unresolvedOrders: unresolved.length,
      externalOrders: external.map(({ venueOrderId, symbol, side, quantity }) => ({
        venueOrderId,
        symbol,
        side,
        quantity: quantity.toFixed(),
      })),
      externalFills: venue.externalFills.length,
      differences,
      booked,
    };
    await writeReconciled(tx, lane, { id: uuidv7(), ok: true, detail: "", report });
    await moveFillsSince(tx, lane, new Date(startedAt.getTime() - OVERLAP_MS));
    const resting = orders.some((order) => isOpenAtVenue(order.state));
    if (resting) requestSync(tx, lane, null);
    const againMs = pending.length > 0 ? AGAIN_DIFFERENT_MS : orders.length > 0 ? AGAIN_BUSY_MS : AGAIN_IDLE_MS;
    requestReconcile(tx, lane, new Date(now.getTime() + againMs));
    const { venueAccountId } = lane;
    appendEvents(tx, lane.workspaceId, [
      {
        type: "VenueAccountReconciled",
        data: {
          venueAccountId,
          ok: true,
          differences: differences.length,
          externalOrders: external.length,
          at: now.toISOString(),
        },
      },
    ]);
  });
}

async function recordRefused(ctx: ExecutionContext, lane: Lane, error: VenueRefused): Promise<void> {
  await ctx.executors.drop(lane.venueAccountId);
  await inLane(ctx, lane, async (tx) => {
    const now = ctx.clock.now();
    await writeReconciled(tx, lane, { id: uuidv7(), ok: false, detail: error.message, report: { refused: error.message } });
    requestReconcile(tx, lane, new Date(now.getTime() + AGAIN_BUSY_MS));
    const { venueAccountId } = lane;
    appendEvents(tx, lane.workspaceId, [
      {
        type: "VenueAccountReconciled",
        data: { venueAccountId, ok: false, differences: 0, externalOrders: 0, at: now.toISOString() },
      },
    ]);
  });
}

function mayReconcile(account: VenueAccountState | null): account is VenueAccountState {
  return account !== null && (account.status === "ACTIVE" || account.status === "INVALID") && account.checkedAt !== null;
}

/**
 * Compares one account with its venue: books fills that were missed, settles orders that ended unseen, labels what is not
 * ours, and names every difference in balance that stands twice. Running it again changes nothing. Throws
 * `VenueUnavailable` when the venue could not be read; the job is then tried again.
 */
export async function reconcileAccount(ctx: ExecutionContext, lane: Lane): Promise<void> {
  const startedAt = ctx.clock.now();
  const account = await ctx.database.workspace(lane.workspaceId, (tx) => readVenueAccount(tx, lane));
  if (!mayReconcile(account)) return;
  const executor = await ctx.executors.get(lane);
  try {
    const venue = await readVenue(ctx, lane, executor, new Date(account.fillsSince.getTime() - OVERLAP_MS));
    const orders = await ctx.database.workspace(lane.workspaceId, (tx) =>
      listOpenOrdersOfAccount(tx, lane.workspaceId, lane.venueAccountId),
    );
    const refreshed = await settleOrders(ctx, lane, orders, venue);
    await recordReport(ctx, lane, startedAt, venue, refreshed);
  } catch (error) {
    if (error instanceof VenueRefused) return recordRefused(ctx, lane, error);
    // Stored, so that a worker that takes the account over keeps to it as well.
    const until = error instanceof VenueUnavailable ? error.pausedUntil : null;
    if (until !== null) await inLane(ctx, lane, (tx) => pauseLane(tx, lane, until));
    throw error;
  }
}
