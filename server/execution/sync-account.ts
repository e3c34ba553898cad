import { pauseLane } from "#server/data/accounts/pause-lane.ts";
import { wantsDeadMan } from "#server/data/dead-man/read-switch.ts";
import { readVenueAccount } from "#server/data/accounts/read-venue-account.ts";
import { listOpenOrdersOfAccount } from "#server/data/orders/list-open-orders.ts";
import type { OrderRow } from "#server/data/orders/order-row.ts";
import { isOpenAtVenue } from "#server/domain/order/state.ts";
import { type ExecutionContext, inLane, type Lane } from "./context.ts";
import type { VenueFill, VenueOrder } from "./executors/executor.ts";
import { recordView, refreshOrder } from "./refresh-order.ts";
import { requestDeadMan, requestSync } from "./request-work.ts";

const SYNC_AFTER_MS = 1_000;
/** Fills are asked for again from a little before the oldest open order: overlap costs nothing, a gap costs a fill. */
const OVERLAP_MS = 60_000;
const LONG_MS = 2 * 60 * 60_000;
/** What waits for a stop's price is looked at so much less often: the stream tells when it goes to work, and so does the price. */
const WAITING_FACTOR = 5;

function fillsByOrder(orders: readonly OrderRow[], fills: readonly VenueFill[]): ReadonlyMap<string, readonly VenueFill[]> {
  const byVenueId = new Map(orders.map((order) => [order.venueOrderId, order.id]));
  const grouped = new Map<string, VenueFill[]>();
  for (const fill of fills) {
    const orderId = byVenueId.get(fill.venueOrderId);
    if (orderId === undefined) continue;
    const group = grouped.get(orderId);
    if (group === undefined) grouped.set(orderId, [fill]);
    else group.push(fill);
  }
  return grouped;
}

/** From when on fills may have been missed: what a reconciliation has been through is not asked for again while an order rests for days. */
async function unseenSince(ctx: ExecutionContext, lane: Lane, oldestAt: Date): Promise<Date> {
  if (ctx.clock.now().getTime() - oldestAt.getTime() < LONG_MS) return oldestAt;
  const account = await ctx.database.workspace(lane.workspaceId, (tx) => readVenueAccount(tx, lane));
  return account !== null && account.fillsSince > oldestAt ? account.fillsSince : oldestAt;
}

/** One order against the two lists: its new fills, and a look of its own if it is no longer among the open ones. */
async function syncOrder(
  ctx: ExecutionContext,
  lane: Lane,
  order: OrderRow,
  fills: readonly VenueFill[],
  open: VenueOrder | undefined,
): Promise<void> {
  if (open === undefined) {
    await refreshOrder(ctx, lane, order.id);
    return;
  }
  if (fills.length === 0) return;
  await recordView(ctx, lane, order.id, {
    venueOrderId: open.venueOrderId,
    state: "OPEN",
    filledQuantity: open.filledQuantity,
    fills,
  });
}

/**
 * Looks at one account's resting orders: fills first, then the open list, so that an order which filled in between is
 * missing from the list and gets a look of its own. Comes back while anything rests. Streams only make it come sooner.
 */
export async function syncAccount(ctx: ExecutionContext, lane: Lane): Promise<void> {
  const orders = (
    await ctx.database.workspace(lane.workspaceId, (tx) => listOpenOrdersOfAccount(tx, lane.workspaceId, lane.venueAccountId))
  ).filter((order) => isOpenAtVenue(order.state) && order.venueOrderId !== null);
  const oldest = orders[0];
  if (oldest === undefined) return;

  const executor = await ctx.executors.get(lane);
  const symbols = [...new Set(orders.map((order) => order.symbol))];
  const since = new Date((await unseenSince(ctx, lane, oldest.submittedAt ?? oldest.createdAt)).getTime() - OVERLAP_MS);
  const fills = await executor.fills({ symbols, since });
  const open = await executor.openOrders(symbols);
  if (fills.kind === "ok" && open.kind === "ok") {
    const grouped = fillsByOrder(orders, fills.value);
    const openById = new Map(open.value.map((order) => [order.venueOrderId, order]));
    for (const order of orders) {
      await syncOrder(ctx, lane, order, grouped.get(order.id) ?? [], openById.get(order.venueOrderId ?? ""));
    }
  }
  const pausedUntil = [fills, open].reduce<Date | null>(
    (latest, result) => (result.kind === "unavailable" && result.pausedUntil !== undefined ? result.pausedUntil : latest),
    null,
  );
  const venue = oldest.venue;
  const everyMs = (venue === null ? undefined : ctx.settings.syncEveryMs[venue]) ?? SYNC_AFTER_MS;
  const waits = orders.every((order) => order.restsFor !== null && order.filledQuantity.isZero());
  const next = new Date(ctx.clock.now().getTime() + (waits ? everyMs * WAITING_FACTOR : everyMs));
  await inLane(ctx, lane, async (tx) => {
    if (pausedUntil !== null) await pauseLane(tx, lane, pausedUntil);
    requestSync(tx, lane, pausedUntil !== null && pausedUntil > next ? pausedUntil : next);
    if (await wantsDeadMan(tx, lane)) requestDeadMan(tx, lane, null);
  });
}
