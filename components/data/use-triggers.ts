"use client";

import { useQuery } from "@tanstack/react-query";
import { usePollMs } from "#components/data/realtime.tsx";
import { useTRPC } from "#components/data/trpc.tsx";
import { useWorkspace } from "#components/data/workspace.tsx";
import type { TriggerDto } from "#lib/contracts/triggers.ts";

/** While one sells, a step of it may make no event. */
const SELLING_MS = 2_000;
/** A trailing stop moves with the market and tells nobody. */
const TRAILING_MS = 10_000;
const REFRESH_MS = 30_000;

function pollMs(triggers: readonly TriggerDto[]): number {
  if (triggers.some(({ state }) => state === "FIRED")) return SELLING_MS;
  return triggers.some(({ state, kind }) => state === "ARMED" && kind === "TRAILING_STOP") ? TRAILING_MS : REFRESH_MS;
}

/** Open stops and targets and those that ended within a day, newest first; null while they are read. Events bring changes at once. */
export function useTriggers() {
  const trpc = useTRPC();
  const { workspace } = useWorkspace();
  const pollMsOffline = usePollMs(false);
  const query = useQuery(
    trpc.trade.triggers.queryOptions(
      { workspaceId: workspace.id },
      {
        refetchInterval: ({ state }) => {
          const wanted = pollMs(state.data ?? []);
          return pollMsOffline === false ? wanted : Math.min(wanted, pollMsOffline);
        },
      },
    ),
  );
  return { triggers: query.data ?? null, error: query.data === undefined ? query.error : null };
}
