import type { QueryClient } from "@tanstack/react-query";
import type { useTRPC } from "#components/data/trpc.tsx";
import type { RealtimeEvent } from "#lib/realtime/sequence.ts";

type Trpc = ReturnType<typeof useTRPC>;

/** One order makes half a dozen events in a moment; the screens are read again at most this often. */
const REFRESH_MS = 250;

/** Marks the queries that an event touches as old, the first at once and the rest of a burst together. */
export function createRefresher(queryClient: QueryClient, trpc: Trpc) {
  const dirty = new Map<string, readonly unknown[]>();
  let timer: ReturnType<typeof setTimeout> | null = null;

  function flush(): void {
    const keys = [...dirty.values()];
    dirty.clear();
    for (const queryKey of keys) void queryClient.invalidateQueries({ queryKey });
  }

  function mark(keys: readonly (readonly unknown[])[]): void {
    for (const key of keys) dirty.set(JSON.stringify(key), key);
    if (timer !== null) return;
    flush();
    timer = setTimeout(() => {
      timer = null;
      if (dirty.size > 0) flush();
    }, REFRESH_MS);
  }

  return {
    onEvent(event: RealtimeEvent): void {
      const keys: (readonly unknown[])[] = [trpc.trade.activity.pathKey(), trpc.trade.dashboard.pathKey()];
      if (event.type.startsWith("Order")) keys.push(trpc.trade.listOrders.pathKey(), trpc.trade.getOrder.pathKey());
      // Who holds a stop or a target is what its order at the venue says.
      if (event.type.startsWith("Order") || event.type.startsWith("Trigger")) keys.push(trpc.trade.triggers.pathKey());
      // The orders of its slices are how far an order over time has come.
      if (event.type.startsWith("Order") || event.type.startsWith("Twap")) {
        keys.push(trpc.trade.twaps.pathKey(), trpc.trade.getTwap.pathKey());
      }
      if (event.type === "OrderFilled" || event.type === "PositionChanged") {
        // What is in a position is not external.
        keys.push(trpc.trade.positions.pathKey(), trpc.trade.position.pathKey(), trpc.venue.get.pathKey());
      }
      if (event.type === "BalanceChanged" || event.type.startsWith("VenueAccount"))
        keys.push(trpc.venue.list.pathKey(), trpc.venue.get.pathKey());
      if (event.type === "VenueAccountReconciled") {
        keys.push(trpc.venue.listReconciliations.pathKey(), trpc.venue.movements.pathKey());
      }
      if (event.type === "TradingStateChanged") keys.push(trpc.user.session.pathKey());
      mark(keys);
    },
    everything(): void {
      void queryClient.invalidateQueries();
    },
  };
}
