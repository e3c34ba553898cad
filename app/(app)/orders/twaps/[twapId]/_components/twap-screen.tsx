"use client";

import { useQuery } from "@tanstack/react-query";
import { OrderCards } from "../../../_components/order-cards.tsx";
import { OrdersTable } from "../../../_components/orders-table.tsx";
import { TwapFacts } from "./twap-facts.tsx";
import { useTRPC } from "#components/data/trpc.tsx";
import { useWorkspace } from "#components/data/workspace.tsx";
import { SideText } from "#components/numbers/order-badge.tsx";
import { PageHeading } from "#components/shell/page-heading.tsx";
import { TwapActions } from "#components/twap/twap-actions.tsx";
import { TwapBadge } from "#components/twap/twap-progress.tsx";
import { useTwap } from "#components/twap/use-twaps.ts";
import { Card } from "#components/ui/card.tsx";
import { Notice } from "#components/ui/notice.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { ErrorState } from "#components/ui/state-panel.tsx";
import type { TwapDetailDto, TwapDto } from "#lib/contracts/twap.ts";
import { describeDenial } from "#lib/sentences/denials.ts";
import { isRunning, TWAP_STATE_WORDS } from "#lib/sentences/twaps.ts";
import { venueName } from "#lib/sentences/venues.ts";

const BACK = { href: "/orders", label: "Orders" } as const;

/** One order over time: how far it is, and the orders that its parts became. */
export function TwapScreen({ twapId }: { readonly twapId: string }) {
  const query = useTwap(twapId);
  if (query.data !== undefined) return <TwapDetail detail={query.data} />;
  return (
    <>
      <PageHeading title="Order over time" back={BACK} />
      {query.isError ? (
        <Card>
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        </Card>
      ) : (
        <div role="status" aria-label="Reading the order" className="grid gap-4 lg:grid-cols-[340px_1fr]">
          <Skeleton className="h-80 rounded-md" />
          <Skeleton className="h-80 rounded-md" />
        </div>
      )}
    </>
  );
}

/** The account that was named, as people know it. */
function useVenueWords(venueAccountId: string | null): string {
  const trpc = useTRPC();
  const { workspace } = useWorkspace();
  const accounts = useQuery(trpc.venue.list.queryOptions({ workspaceId: workspace.id })).data ?? [];
  if (venueAccountId === null) return "the best for each part";
  const account = accounts.find(({ id }) => id === venueAccountId);
  return account === undefined ? "a named account" : `${venueName(account.venue)}: ${account.label}`;
}

function TwapDetail({ detail }: { readonly detail: TwapDetailDto }) {
  const { twap, orders } = detail;
  const venue = useVenueWords(twap.venueAccountId);
  return (
    <>
      <PageHeading
        back={BACK}
        title={
          <span className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
            <span>
              <SideText side={twap.side} /> {twap.symbol}
              <span className="max-md:hidden"> over time</span>
            </span>
            <TwapBadge state={twap.state} />
          </span>
        }
        action={<TwapActions twap={twap} />}
      />
      <StateNotice twap={twap} />
      <div className="grid gap-4 lg:grid-cols-[340px_1fr] lg:items-start">
        <TwapFacts twap={twap} venue={venue} />
        <Card title={orders.length === 0 ? "Orders of its parts" : `Orders of its parts (${orders.length})`} bodyClassName="p-0">
          {orders.length === 0 ? (
            <p className="px-4 py-6 text-center text-sm text-muted">No part has been placed yet.</p>
          ) : (
            // By the card's own width, not the screen's: beside the progress it is narrower than a tablet.
            <div className="@container">
              <div className="hidden @min-[660px]:block">
                <OrdersTable orders={orders} />
              </div>
              <OrderCards orders={orders} className="@min-[660px]:hidden" />
            </div>
          )}
        </Card>
      </div>
    </>
  );
}

/** What the state means, when it needs more than its badge. */
function StateNotice({ twap }: { readonly twap: TwapDto }) {
  const { state, lastDenial } = twap;
  if (lastDenial !== null && state !== "DONE") {
    return (
      <Notice tone="warn" role="status" className="mb-4">
        The last part was not placed: {describeDenial(lastDenial, null)}
        {isRunning(twap) ? " What it missed is caught up while there is time." : ""}
      </Notice>
    );
  }
  if (state !== "PAUSED" && state !== "ENDED") return null;
  return (
    <Notice tone="warn" role="status" className="mb-4">
      {TWAP_STATE_WORDS[state].sentence}
    </Notice>
  );
}
