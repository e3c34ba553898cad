"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { Activity } from "lucide-react";
import { ActivityList } from "#components/activity/activity-list.tsx";
import { useTRPC } from "#components/data/trpc.tsx";
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
  const { workspace } = useWorkspace();
  const query = useInfiniteQuery(
    trpc.trade.activity.infiniteQueryOptions(
      { workspaceId: workspace.id, cursor: null, limit: PAGE_SIZE },
      { getNextPageParam: (page) => page.nextCursor, initialCursor: null },
    ),
  );
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
