"use client";

import { useQuery } from "@tanstack/react-query";
import { usePollMs } from "#components/data/realtime.tsx";
import { useTRPC } from "#components/data/trpc.tsx";
import { useWorkspace } from "#components/data/workspace.tsx";
import type { TwapDto } from "#lib/contracts/twap.ts";

/** After a slice was due: one that had nothing to send makes no event, and the countdown has to go on. */
const AFTER_DUE_MS = 1_500;

/** When to read again although no event asks for it: once the next slice of one of them was due. */
function dueMs(twaps: readonly TwapDto[]): number | false {
  const due = twaps.flatMap(({ nextSliceAt }) => (nextSliceAt === null ? [] : [Date.parse(nextSliceAt)]));
  return due.length === 0 ? false : Math.max(AFTER_DUE_MS, Math.min(...due) - Date.now() + AFTER_DUE_MS);
}

/** The earlier of two waits; `false` is never. */
function earlier(a: number | false, b: number | false): number | false {
  if (a === false || b === false) return a === false ? b : a;
  return Math.min(a, b);
}

/** Orders over time that run or ended within a day, newest first; null while they are read. Events bring changes at once. */
export function useTwaps() {
  const trpc = useTRPC();
  const { workspace } = useWorkspace();
  const offlineMs = usePollMs(false);
  const query = useQuery(
    trpc.trade.twaps.queryOptions(
      { workspaceId: workspace.id },
      { refetchInterval: ({ state }) => earlier(offlineMs, dueMs(state.data ?? [])) },
    ),
  );
  return { twaps: query.data ?? null, error: query.data === undefined ? query.error : null };
}

/** One order over time with the orders of its slices. */
export function useTwap(twapId: string) {
  const trpc = useTRPC();
  const { workspace } = useWorkspace();
  const offlineMs = usePollMs(false);
  return useQuery(
    trpc.trade.getTwap.queryOptions(
      { workspaceId: workspace.id, twapId },
      { refetchInterval: ({ state }) => earlier(offlineMs, state.data === undefined ? false : dueMs([state.data.twap])) },
    ),
  );
}
