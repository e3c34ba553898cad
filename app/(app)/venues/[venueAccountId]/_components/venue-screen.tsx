"use client";

import { useQuery } from "@tanstack/react-query";
import { ExternalHoldingsCard } from "./external-holdings-card.tsx";
import { ExternalOrdersCard } from "./external-orders-card.tsx";
import { MovementsCard } from "./movements-card.tsx";
import { ReconcileNow } from "./reconcile-now.tsx";
import { RunsCard } from "./runs-card.tsx";
import { usePollMs } from "#components/data/realtime.tsx";
import { useTRPC } from "#components/data/trpc.tsx";
import { useWorkspace } from "#components/data/workspace.tsx";
import { TimeText } from "#components/numbers/age.tsx";
import { PageHeading } from "#components/shell/page-heading.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { Card } from "#components/ui/card.tsx";
import { Notice } from "#components/ui/notice.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { ErrorState } from "#components/ui/state-panel.tsx";
import type { VenueAccountDetailDto } from "#lib/contracts/account.ts";
import { VENUE_STATUS_WORDS, venueName } from "#lib/sentences/venues.ts";

const BACK = { href: "/venues", label: "Venues" } as const;

/** One venue account: whether its books agree with the venue's, what moved, and every comparison. */
export function VenueScreen({ venueAccountId }: { venueAccountId: string }) {
  const trpc = useTRPC();
  const { workspace } = useWorkspace();
  const reference = { workspaceId: workspace.id, venueAccountId };
  const query = useQuery(trpc.venue.get.queryOptions(reference, { refetchInterval: usePollMs(30_000) }));
  if (query.data !== undefined) return <VenueDetail detail={query.data} canTrade={workspace.role !== "VIEWER"} />;
  return (
    <>
      <PageHeading title="Venue account" back={BACK} />
      {query.isError ? (
        <Card>
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        </Card>
      ) : (
        <div role="status" aria-label="Reading the account" className="grid gap-4 lg:grid-cols-2">
          <Skeleton className="h-80 rounded-md" />
          <Skeleton className="h-80 rounded-md" />
        </div>
      )}
    </>
  );
}

function VenueDetail({ detail, canTrade }: { detail: VenueAccountDetailDto; canTrade: boolean }) {
  const { account, externalHoldings, externalOrders, externalOrdersAt } = detail;
  const status = VENUE_STATUS_WORDS[account.status];
  return (
    <>
      <PageHeading
        back={BACK}
        title={
          <span className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
            <span className="truncate">{venueName(account.venue)}</span>
            <Badge tone={account.mode === "LIVE" ? "good" : "accent"}>{account.mode === "LIVE" ? "Live" : "Paper"}</Badge>
            {account.status === "ACTIVE" ? null : <Badge tone={status.tone}>{status.label}</Badge>}
          </span>
        }
        action={canTrade && account.status !== "REVOKED" ? <ReconcileNow account={account} /> : null}
      />
      <p className="-mt-2 mb-4 truncate text-sm text-muted">
        {account.label}
        {account.reconciledAt === null ? null : (
          <>
            {" · compared "}
            <TimeText at={account.reconciledAt} />
          </>
        )}
      </p>
      <StateNotice account={account} />
      <div className="grid gap-4 lg:grid-cols-2 lg:items-start">
        <div className="flex min-w-0 flex-col gap-4">
          <MovementsCard account={account} />
          <ExternalHoldingsCard
            account={account}
            holdings={externalHoldings}
            canAdopt={canTrade && account.status !== "REVOKED"}
          />
          <ExternalOrdersCard orders={externalOrders} at={externalOrdersAt} />
        </div>
        <RunsCard account={account} />
      </div>
    </>
  );
}

/** Why this account does not trade, when it does not. */
function StateNotice({ account }: { account: VenueAccountDetailDto["account"] }) {
  if (account.reconcileState === "FAILED") {
    return (
      <Notice tone="bad" role="status" className="mb-4">
        <strong className="font-semibold">This account does not trade.</strong> Its books could not be compared with the venue's,
        so nobody knows whether they are true. It is tried again every minute.
        {account.reconcileDetail === "" ? null : (
          <span className="mt-0.5 block break-words opacity-85">{account.reconcileDetail}</span>
        )}
      </Notice>
    );
  }
  if (account.status === "ACTIVE") return null;
  return (
    <Notice tone={account.status === "INVALID" ? "bad" : "info"} role="status" className="mb-4">
      {VENUE_STATUS_WORDS[account.status].sentence}
      {account.statusDetail === "" ? null : <span className="mt-0.5 block break-words opacity-85">{account.statusDetail}</span>}
    </Notice>
  );
}
