import { findByVenueOrderIds, listTradedSymbols } from "#server/data/orders/list-traded-symbols.ts";
import { VenueUnavailable } from "../check-account.ts";
import type { ExecutionContext, Lane } from "../context.ts";
import type { ReadResult, VenueAccountExecutor, VenueBalance, VenueFill, VenueOrder } from "../executors/executor.ts";
import { recordView } from "../refresh-order.ts";

/** The venue says no to reading: the key was revoked or lost its rights. The account stops; nothing is guessed. */
export class VenueRefused extends Error {
  override readonly name = "VenueRefused";
}

export interface VenueSnapshot {
  readonly symbols: readonly string[];
  readonly balances: readonly VenueBalance[];
  readonly open: readonly VenueOrder[];
  /** Our orders among the open ones and the fills: venue order id -> order id. */
  readonly ours: ReadonlyMap<string, string>;
  readonly externalFills: readonly VenueFill[];
  readonly fillsSeen: number;
  /** Fills that no transaction had recorded before. */
  readonly fillsApplied: number;
  /** False when fills kept coming in: the balances belong to no single moment. */
  readonly steady: boolean;
}

const PASSES_MAX = 3;

function unwrap<T>(result: ReadResult<T>): T {
  if (result.kind === "ok") return result.value;
  if (result.kind === "refused") throw new VenueRefused(result.detail);
  throw new VenueUnavailable(result);
}

function findOurs(ctx: ExecutionContext, lane: Lane, venueOrderIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
  return ctx.database.workspace(lane.workspaceId, (tx) => findByVenueOrderIds(tx, lane, [...new Set(venueOrderIds)]));
}

/** Books our fills among these, order by order; says how many were new. */
async function bookFills(
  ctx: ExecutionContext,
  lane: Lane,
  fills: readonly VenueFill[],
  ours: ReadonlyMap<string, string>,
): Promise<number> {
  let applied = 0;
  for (const [venueOrderId, group] of Map.groupBy(fills, (fill) => fill.venueOrderId)) {
    const orderId = ours.get(venueOrderId);
    if (orderId === undefined) continue;
    const view = { venueOrderId, state: null, filledQuantity: null, fills: group };
    applied += (await recordView(ctx, lane, orderId, view)).fillsApplied;
  }
  return applied;
}

/**
 * Reads fills, balances and fills again until no new fill comes between, so that the balances can be compared with the
 * ledger. Our fills are booked on the way. Throws `VenueUnavailable` and `VenueRefused`.
 */
export async function readVenue(
  ctx: ExecutionContext,
  lane: Lane,
  executor: VenueAccountExecutor,
  since: Date,
): Promise<VenueSnapshot> {
  const symbols = await ctx.database.workspace(lane.workspaceId, (tx) =>
    listTradedSymbols(tx, lane.workspaceId, lane.venueAccountId),
  );
  let fillsApplied = 0;
  for (let pass = 1; ; pass += 1) {
    const first = unwrap(await executor.fills({ symbols, since }));
    const ours = await findOurs(
      ctx,
      lane,
      first.map((fill) => fill.venueOrderId),
    );
    fillsApplied += await bookFills(ctx, lane, first, ours);
    const open = unwrap(await executor.openOrders(symbols));
    const balances = unwrap(await executor.balances());
    const again = unwrap(await executor.fills({ symbols, since }));
    const steady = again.length === first.length;
    if (!steady && pass < PASSES_MAX) continue;
    const ids = [...open.map((order) => order.venueOrderId), ...again.map((fill) => fill.venueOrderId)];
    const known = await findOurs(ctx, lane, ids);
    const externalFills = again.filter((fill) => !known.has(fill.venueOrderId));
    return { symbols, balances, open, ours: known, externalFills, fillsSeen: again.length, fillsApplied, steady };
  }
}
