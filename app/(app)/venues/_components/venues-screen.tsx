"use client";

import { useQuery } from "@tanstack/react-query";
import { Landmark } from "lucide-react";
import Link from "next/link";
import { VenueCard } from "./venue-card.tsx";
import { usePollMs } from "#components/data/realtime.tsx";
import { useTRPC } from "#components/data/trpc.tsx";
import { useWorkspace } from "#components/data/workspace.tsx";
import { PageHeading } from "#components/shell/page-heading.tsx";
import { Button } from "#components/ui/button.tsx";
import { Card } from "#components/ui/card.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { EmptyState, ErrorState } from "#components/ui/state-panel.tsx";

/** The connected accounts: health, balances, and the ways out. */
export function VenuesScreen() {
  const trpc = useTRPC();
  const { workspace } = useWorkspace();
  const query = useQuery(trpc.venue.list.queryOptions({ workspaceId: workspace.id }, { refetchInterval: usePollMs(false) }));
  const isOwner = workspace.role === "OWNER";
  const connect = (
    <Button asChild variant="primary" size="sm">
      <Link href="/venues/connect">Connect a venue</Link>
    </Button>
  );
  return (
    <>
      <PageHeading title="Venues" action={isOwner ? connect : null} />
      {query.data === undefined ? (
        query.isError ? (
          <Card>
            <ErrorState error={query.error} onRetry={() => void query.refetch()} />
          </Card>
        ) : (
          <div role="status" aria-label="Reading venues" className="grid gap-4 md:grid-cols-2 lg:grid-cols-3">
            {["first", "second", "third"].map((name) => (
              <Skeleton key={name} className="h-72 rounded-md" />
            ))}
          </div>
        )
      ) : query.data.length === 0 ? (
        <Card>
          <EmptyState
            icon={Landmark}
            title="No venue connected"
            text="A venue is an exchange where you have an account. Connect one with a key that can trade and nothing else."
            action={isOwner ? connect : undefined}
          />
        </Card>
      ) : (
        <ul aria-label="Venue accounts" className="grid gap-4 md:grid-cols-2 lg:grid-cols-3">
          {query.data.map((account) => (
            <li key={account.id}>
              <VenueCard account={account} isOwner={isOwner} />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
