"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { ListOrdered } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { OrderCards } from "./order-cards.tsx";
import { OrdersTable } from "./orders-table.tsx";
import { usePollMs } from "#components/data/realtime.tsx";
import { useTRPC, useTRPCClient } from "#components/data/trpc.tsx";
import { useWorkspace } from "#components/data/workspace.tsx";
import { PageHeading } from "#components/shell/page-heading.tsx";
import { RecentTwaps } from "#components/twap/twap-list.tsx";
import { Button } from "#components/ui/button.tsx";
import { Card } from "#components/ui/card.tsx";
import { Segmented } from "#components/ui/segmented.tsx";
import { SkeletonRows } from "#components/ui/skeleton.tsx";
import { EmptyState, ErrorState } from "#components/ui/state-panel.tsx";

const FILTERS = [
  { value: "ALL", label: "All" },
  { value: "OPEN", label: "Open" },
  { value: "FILLED", label: "Filled" },
  { value: "FAILED", label: "Failed" },
] as const;
type Filter = (typeof FILTERS)[number]["value"];

const EMPTY_TEXTS: Readonly<Record<Filter, string>> = {
  ALL: "Orders appear here the moment they are placed.",
  OPEN: "No order is waiting or resting at a venue.",
  FILLED: "No order has been filled yet.",
  FAILED: "No order was denied, rejected or expired. That is how it should be.",
};

const PAGE_SIZE = 30;

/** All orders, newest first, endless. */
export function OrdersScreen() {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const { workspace } = useWorkspace();
  const [filter, setFilter] = useState<Filter>("ALL");
  const query = useInfiniteQuery({
    queryKey: [...trpc.trade.listOrders.pathKey(), "pages", workspace.id, filter],
    // Not tRPC's own infinite options: they add a direction to the input, which the contract rightly refuses.
    queryFn: ({ pageParam, signal }) =>
      client.trade.listOrders.query(
        { workspaceId: workspace.id, filter, symbol: null, venue: null, cursor: pageParam, limit: PAGE_SIZE },
        { signal },
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: usePollMs(false),
  });
  const orders = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <PageHeading
        title="Orders"
        action={
          <Button asChild variant="primary" size="sm">
            <Link href="/trade">New order</Link>
          </Button>
        }
      />
      <RecentTwaps className="mb-4" />
      <Segmented label="Which orders" value={filter} onValueChange={setFilter} options={FILTERS} className="mb-4 md:w-96" />
      <Card bodyClassName="p-0">
        {query.isPending ? (
          <SkeletonRows count={6} label="Reading orders" />
        ) : query.isError && orders.length === 0 ? (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        ) : orders.length === 0 ? (
          <EmptyState icon={ListOrdered} title="No orders" text={EMPTY_TEXTS[filter]} />
        ) : (
          <>
            <div className="hidden md:block">
              <OrdersTable orders={orders} />
            </div>
            <OrderCards orders={orders} className="md:hidden" />
          </>
        )}
      </Card>
      {query.hasNextPage ? (
        <div className="mt-4 flex justify-center">
          <Button busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            Show older orders
          </Button>
        </div>
      ) : null}
    </>
  );
}
