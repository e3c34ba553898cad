"use client";

import { useQuery } from "@tanstack/react-query";
import { usePollMs } from "#components/data/realtime.tsx";
import { useTRPC } from "#components/data/trpc.tsx";
import { useWorkspace } from "#components/data/workspace.tsx";

/** Second ring: every change of a stop or a target has its event. */
const REFRESH_MS = 60_000;

/** Open stops and targets and those that ended within a day, newest first; null while they are read. Events bring changes at once. */
export function useTriggers() {
  const trpc = useTRPC();
  const { workspace } = useWorkspace();
  const pollMsOffline = usePollMs(false);
  const query = useQuery(
    trpc.trade.triggers.queryOptions(
      { workspaceId: workspace.id },
      {
        refetchInterval: pollMsOffline === false ? REFRESH_MS : Math.min(REFRESH_MS, pollMsOffline),
      },
    ),
  );
  return { triggers: query.data ?? null, error: query.data === undefined ? query.error : null };
}
