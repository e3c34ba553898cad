"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { Activity } from "lucide-react";
import { ActivityList } from "#components/activity/activity-list.tsx";
import { usePollMs } from "#components/data/realtime.tsx";
import { useTRPC, useTRPCClient } from "#components/data/trpc.tsx";
import { useWorkspace } from "#components/data/workspace.tsx";
import { PageHeading } from "#components/shell/page-heading.tsx";
import { Button } from "#components/ui/button.tsx";
import { Card } from "#components/ui/card.tsx";
import { SkeletonRows } from "#components/ui/skeleton.tsx";
import { EmptyState, ErrorState } from "#components/ui/state-panel.tsx";

const PAGE_SIZE = 40;

/** Everything that happened in the workspace, newest first, endless. */
export function ActivityScreen() {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const { workspace } = useWorkspace();
  const query = useInfiniteQuery({
    queryKey: [...trpc.trade.activity.pathKey(), "pages", workspace.id],
    // Not tRPC's own infinite options: they add a direction to the input, which the contract rightly refuses.
    queryFn: ({ pageParam, signal }) =>
      client.trade.activity.query({ workspaceId: workspace.id, cursor: pageParam, limit: PAGE_SIZE }, { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: usePollMs(false),
  });
  const events = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <PageHeading title="Activity" />
      <Card bodyClassName="p-0">
        {query.isPending ? (
          <SkeletonRows count={8} label="Reading activity" />
        ) : query.isError && events.length === 0 ? (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        ) : events.length === 0 ? (
          <EmptyState
            icon={Activity}
            title="Nothing yet"
            text="Orders, fills, balances and venue checks appear here as they happen."
          />
        ) : (
          <ActivityList events={events} label="Activity" />
        )}
      </Card>
      {query.hasNextPage ? (
        <div className="mt-4 flex justify-center">
          <Button busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            Show older activity
          </Button>
        </div>
      ) : null}
    </>
  );
}
