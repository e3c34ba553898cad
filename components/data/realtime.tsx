"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, use, useEffect, useMemo, useSyncExternalStore } from "react";
import { createRefresher } from "#components/data/refresh.ts";
import { useTRPC, useTRPCClient } from "#components/data/trpc.tsx";
import { useWorkspace } from "#components/data/workspace.tsx";
import { useAnnounce } from "#components/shell/announcer.tsx";
import { connectRealtime } from "#lib/realtime/connect.ts";
import { type ConnectionState, WorkspaceFeed } from "#lib/realtime/feed.ts";
import { QuoteBoard } from "#lib/realtime/quotes.ts";

interface RealtimeValue {
  readonly feed: WorkspaceFeed;
  readonly board: QuoteBoard;
}

const RealtimeContext = createContext<RealtimeValue | null>(null);

const RETRY_MS = 1_000;
const RETRY_MS_MAX = 30_000;

function useRealtimeValue(): RealtimeValue {
  const value = use(RealtimeContext);
  if (value === null) throw new Error("realtime hooks need RealtimeProvider above them");
  return value;
}

/** The state of the connection, for the header and for ages. */
export function useConnection(): ConnectionState {
  const { feed } = useRealtimeValue();
  return useSyncExternalStore(feed.subscribe, feed.state, () => "connecting");
}

/** Without live updates the screens read again this often. */
const POLL_MS = 5_000;

/** How often a screen asks the server by itself: `liveMs` while events arrive, else every few seconds. */
export function usePollMs(liveMs: number | false): number | false {
  return useConnection() === "live" ? liveMs : POLL_MS;
}

/** The board of live quotes; it changes about once a second. */
export function useQuoteBoard(): QuoteBoard {
  return useRealtimeValue().board;
}

/** One socket per workspace: its events refresh the queries they touch and are announced. */
export function RealtimeProvider({ children }: { children: ReactNode }) {
  const { workspace } = useWorkspace();
  const workspaceId = workspace.id;
  const queryClient = useQueryClient();
  const trpc = useTRPC();
  const client = useTRPCClient();
  const announce = useAnnounce();

  const value = useMemo<RealtimeValue>(() => {
    const refresher = createRefresher(queryClient, trpc);
    const feed = new WorkspaceFeed({
      fetchSince: (afterSeq, limit) => client.events.since.query({ workspaceId, afterSeq, limit }),
      fetchStart: async () => (await client.trade.dashboard.query({ workspaceId })).eventSeq,
      onEvent: (event) => {
        refresher.onEvent(event);
        announce(event);
      },
      onRefresh: refresher.everything,
      scheduleRetry: (retry, attempt) => {
        setTimeout(retry, Math.min(RETRY_MS * 2 ** (attempt - 1), RETRY_MS_MAX));
      },
    });
    return { feed, board: new QuoteBoard() };
  }, [queryClient, trpc, client, announce, workspaceId]);

  const config = useQuery(trpc.user.realtime.queryOptions(undefined, { staleTime: Number.POSITIVE_INFINITY })).data;
  useEffect(() => {
    if (config === undefined) return undefined;
    return connectRealtime(config, workspaceId, value.feed, value.board);
  }, [config, workspaceId, value]);

  return <RealtimeContext value={value}>{children}</RealtimeContext>;
}
