import { loadOrder, lockOrder } from "#server/data/orders/load-order.ts";
import type { OrderRow } from "#server/data/orders/order-row.ts";
import { assert } from "#server/domain/assert.ts";
import { isTerminal } from "#server/domain/order/state.ts";
import { applyVenueView, type VenueView } from "./apply-venue-view.ts";
import { type ExecutionContext, inLanes, type Lane } from "./context.ts";
import type { LookupResult, VenueAccountExecutor, VenueFill } from "./executors/executor.ts";

/** Venue clocks and ours differ; nothing of an order is older than its submission by more than this. */
const CLOCK_MARGIN_MS = 60_000;

/** What a view changed. `open`: it rests at the venue, or its fills are not all reported yet, so look again. */
export interface Recorded {
  readonly kind: "settled" | "open";
  readonly order: OrderRow;
  readonly fillsApplied: number;
}

export type Refreshed =
  | Recorded
  | { readonly kind: "not-found"; readonly order: OrderRow }
  | { readonly kind: "unavailable"; readonly order: OrderRow; readonly detail: string; readonly pausedUntil: Date | null };

/** From when on the venue is asked for what belongs to the order. */
export function lookFrom(order: OrderRow): Date {
  return new Date((order.submittedAt ?? order.createdAt).getTime() - CLOCK_MARGIN_MS);
}

/** The fills behind what a look-up found; null when they could not be read. */
export async function fillsSeen(
  executor: VenueAccountExecutor,
  order: OrderRow,
  found: Extract<LookupResult, { kind: "found" }>,
  since: Date,
): Promise<readonly VenueFill[] | null> {
  if (found.fills !== null) return found.fills;
  if (found.order.filledQuantity.lte(order.filledQuantity)) return [];
  const result = await executor.fills({ symbols: [order.symbol], since });
  if (result.kind !== "ok") return null;
  return result.value.filter((fill) => fill.venueOrderId === found.order.venueOrderId);
}

/**
 * Looks one sent order up at its venue and records what is there. Never assumes: what cannot be looked at stays as it is.
 */
export async function refreshOrder(ctx: ExecutionContext, lane: Lane, orderId: string): Promise<Refreshed | null> {
  const order = await ctx.database.together("load", lane.workspaceId, (tx) => loadOrder(tx, lane.workspaceId, orderId));
  if (order === null || order.clientOrderId === null) return null;
  if (isTerminal(order.state)) return { kind: "settled", order, fillsApplied: 0 };
  const since = lookFrom(order);
  const executor = await ctx.executors.get(lane);
  const { clientOrderId, venueOrderId, symbol } = order;
  const found = await executor.find({ clientOrderId, venueOrderId, symbol, since });
  if (found.kind === "not-found") return { kind: "not-found", order };
  if (found.kind !== "found") {
    const pausedUntil = found.kind === "unavailable" ? (found.pausedUntil ?? null) : null;
    return { kind: "unavailable", order, detail: found.detail, pausedUntil };
  }
  assert(found.order.symbol === symbol && found.order.side === order.side, `venue order of another market for ${order.id}`);
  const fills = await fillsSeen(executor, order, found, since);
  const view: VenueView = {
    venueOrderId: found.order.venueOrderId,
    state: found.order.state,
    filledQuantity: found.order.filledQuantity,
    fills: fills ?? [],
  };
  return recordView(ctx, lane, orderId, view);
}

/** Applies a view to the order as it is now, whatever happened since it was looked up. */
export async function recordView(ctx: ExecutionContext, lane: Lane, orderId: string, view: VenueView): Promise<Recorded> {
  return inLanes(ctx, "view", lane, async (tx) => {
    const order = await lockOrder(tx, lane.workspaceId, orderId);
    assert(order !== null, `order ${orderId} disappeared`);
    const applied = await applyVenueView(tx, order, view, ctx.clock.now());
    const kind = isTerminal(applied.order.state) ? "settled" : "open";
    return { kind, order: applied.order, fillsApplied: applied.fillsApplied };
  });
}
