"use client";

import { useQuery } from "@tanstack/react-query";
import { Landmark } from "lucide-react";
import Link from "next/link";
import { useMemo } from "react";
import { QuotesCard } from "./quotes-card.tsx";
import { TicketForm } from "./ticket.tsx";
import { useRoutePreview } from "./use-route-preview.ts";
import { useTicket } from "./use-ticket.ts";
import { useTRPC } from "#components/data/trpc.tsx";
import { useWorkspace } from "#components/data/workspace.tsx";
import { RouteCandidates } from "#components/route/candidates.tsx";
import { PageHeading } from "#components/shell/page-heading.tsx";
import { Button } from "#components/ui/button.tsx";
import { Card } from "#components/ui/card.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { EmptyState, ErrorState } from "#components/ui/state-panel.tsx";
import type { VenueAccountDto } from "#lib/contracts/account.ts";
import type { MarketDto } from "#lib/contracts/trade.ts";
import { Decimal } from "#lib/format/decimal.ts";
import { type TicketDraft, toIntentTerms, toPreviewTerms } from "#lib/ticket/terms.ts";

/** Reads markets and accounts, then shows the ticket. */
export function TradeScreen({ start }: { start: Partial<TicketDraft> }) {
  const trpc = useTRPC();
  const { workspace } = useWorkspace();
  const markets = useQuery(trpc.trade.markets.queryOptions({ workspaceId: workspace.id }, { staleTime: 300_000 }));
  const accounts = useQuery(trpc.venue.list.queryOptions({ workspaceId: workspace.id }));
  const failed = [markets, accounts].find((query) => query.isError && query.data === undefined);
  return (
    <>
      <PageHeading title="Trade" />
      {failed !== undefined ? (
        <Card>
          <ErrorState error={failed.error} onRetry={() => void failed.refetch()} />
        </Card>
      ) : markets.data === undefined || accounts.data === undefined ? (
        <TradeSkeleton />
      ) : accounts.data.length === 0 ? (
        <Card>
          <EmptyState
            icon={Landmark}
            title="No venue connected"
            text="Connect a venue, live or as a simulation, and its markets appear here."
            action={
              <Button asChild variant="primary">
                <Link href="/venues/connect">Connect a venue</Link>
              </Button>
            }
          />
        </Card>
      ) : (
        <TradeDesk markets={markets.data} accounts={accounts.data} start={start} />
      )}
    </>
  );
}

/** The symbols, those that most venues trade first: there the router has a choice. */
function bySpread(markets: readonly MarketDto[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { symbol } of markets) counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0])).map(([symbol]) => symbol);
}

/** The first symbol whose quote is held somewhere, so that the ticket does not open on something that cannot be bought. */
function firstAffordable(symbols: readonly string[], accounts: readonly VenueAccountDto[]): string | null {
  const held = new Set(
    accounts.flatMap(({ balances }) =>
      balances.filter(({ available }) => new Decimal(available).gt(0)).map(({ asset }) => asset),
    ),
  );
  return symbols.find((symbol) => held.has(symbol.split("/")[1] ?? "")) ?? symbols[0] ?? null;
}

interface TradeDeskProps {
  readonly markets: readonly MarketDto[];
  readonly accounts: readonly VenueAccountDto[];
  readonly start: Partial<TicketDraft>;
}

function TradeDesk({ markets, accounts, start }: TradeDeskProps) {
  const { workspace } = useWorkspace();
  const symbols = useMemo(() => bySpread(markets), [markets]);
  const known = start.symbol !== undefined && start.symbol !== null && symbols.includes(start.symbol);
  const ticket = useTicket(markets, accounts, { ...start, symbol: known ? start.symbol : firstAffordable(symbols, accounts) });
  const order = ticket.terms === null ? null : toIntentTerms(workspace.id, ticket.draft, ticket.terms);
  const route = useRoutePreview(order === null ? null : toPreviewTerms(order, ticket.levels !== null));
  const candidates = route.preview?.candidates ?? [];
  return (
    <div className="grid gap-4 lg:grid-cols-[400px_1fr] lg:items-start">
      <Card>
        <TicketForm
          workspaceId={workspace.id}
          symbols={symbols}
          ticket={ticket}
          order={order}
          route={route}
          canTrade={workspace.role !== "VIEWER"}
        />
      </Card>
      <div className="flex min-w-0 flex-col gap-4">
        <QuotesCard ticket={ticket} />
        <Card title="Venues compared" bodyClassName="p-0">
          {candidates.length === 0 ? (
            <p className="px-4 py-6 text-center text-sm text-muted">
              Every venue that could take the order appears here, with its cost, its score and what stands in its way.
            </p>
          ) : (
            <RouteCandidates
              candidates={candidates}
              chosen={route.preview?.chosenVenueAccountId ?? null}
              quote={ticket.rules?.quote ?? ""}
              showAge
            />
          )}
        </Card>
      </div>
    </div>
  );
}

function TradeSkeleton() {
  return (
    <div role="status" aria-label="Reading markets" className="grid gap-4 lg:grid-cols-[400px_1fr] lg:items-start">
      <Card bodyClassName="flex flex-col gap-4">
        <Skeleton className="h-18" />
        <Skeleton className="h-13" />
        <Skeleton className="h-13" />
        <Skeleton className="h-36" />
        <Skeleton className="h-18" />
        <Skeleton className="h-42" />
        <Skeleton className="h-12" />
      </Card>
      <Card title="Prices" className="hidden lg:block">
        <Skeleton className="h-36" />
      </Card>
    </div>
  );
}
