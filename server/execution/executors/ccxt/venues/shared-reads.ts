import type { VenueFill, VenueOrder } from "#server/execution/executors/executor.ts";
import type { Levels } from "#server/execution/executors/ccxt/venue-wire.ts";
import { asList, toDecimal, type WireRecord } from "#server/execution/executors/ccxt/wire-value.ts";

const WEEK_MS = 7 * 86_400_000;
const UNSEEN_ORDERS_MAX = 20;

/** `{bids: [[price, quantity, ...]], asks: ...}`, best first, cut to `depth`. */
export function levelsFromPairs(book: WireRecord, depth: number): Levels {
  const side = (name: "bids" | "asks") =>
    asList(book[name], name)
      .slice(0, depth)
      .map((row) => {
        const level = asList(row, "level");
        return [toDecimal(level[0], "price").toFixed(), toDecimal(level[1], "quantity").toFixed()] as const;
      });
  return { bids: side("bids"), asks: side("asks") };
}

/**
 * Looks at the orders behind trades (oldest first) that no list has shown, the newest first, and answers the one that is ours. Bounded:
 * a busy account has its order in the lists.
 */
export async function ordersOfTrades(
  trades: readonly Pick<VenueFill, "venueOrderId">[],
  seen: ReadonlySet<string>,
  read: (venueOrderId: string) => Promise<VenueOrder | null>,
  ours: (order: VenueOrder) => boolean,
): Promise<VenueOrder | null> {
  const unseen = [...new Set(trades.map((trade) => trade.venueOrderId))].filter((id) => !seen.has(id)).reverse();
  for (const id of unseen.slice(0, UNSEEN_ORDERS_MAX)) {
    const order = await read(id);
    if (order !== null && ours(order)) return order;
  }
  return null;
}

/** Weeks, for venues that answer no longer time. At least one, also from a moment that the venue's clock (`nowMs`) has not reached. */
export function weeksSince(since: Date, nowMs: number): readonly { readonly startTime: number; readonly endTime: number }[] {
  const windows: { startTime: number; endTime: number }[] = [];
  const last = Math.max(nowMs, since.getTime());
  for (let startTime = since.getTime(); startTime <= last; startTime += WEEK_MS) {
    windows.push({ startTime, endTime: startTime + WEEK_MS - 1 });
  }
  return windows;
}
