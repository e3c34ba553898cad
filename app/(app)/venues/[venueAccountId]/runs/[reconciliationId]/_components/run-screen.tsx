"use client";

import { useQuery } from "@tanstack/react-query";
import type { Route } from "next";
import type { ReactNode } from "react";
import { BalancesTable } from "./balances-table.tsx";
import { useTRPC } from "#components/data/trpc.tsx";
import { useWorkspace } from "#components/data/workspace.tsx";
import { TimeText } from "#components/numbers/age.tsx";
import { SideText } from "#components/numbers/order-badge.tsx";
import { PageHeading } from "#components/shell/page-heading.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { Card } from "#components/ui/card.tsx";
import { Notice } from "#components/ui/notice.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { ErrorState } from "#components/ui/state-panel.tsx";
import type { ReconciliationDetailDto } from "#lib/contracts/reconcile.ts";
import { formatPrice, formatQuantity, UNKNOWN_TEXT } from "#lib/format/number.ts";
import { describeRun, LIST_WORDS, OUTCOME_WORDS, REASON_WORDS } from "#lib/sentences/reconcile.ts";
import { venueName } from "#lib/sentences/venues.ts";

interface RunScreenProps {
  readonly venueAccountId: string;
  readonly reconciliationId: string;
}

/** One comparison of an account with its venue: why it ran, what was compared, what differed and what became of it. */
export function RunScreen({ venueAccountId, reconciliationId }: RunScreenProps) {
  const trpc = useTRPC();
  const { workspace } = useWorkspace();
  const query = useQuery(trpc.venue.getReconciliation.queryOptions({ workspaceId: workspace.id, reconciliationId }));
  const href = `/venues/${venueAccountId}` as Route;
  if (query.data === undefined) {
    return (
      <>
        <PageHeading title="Comparison" back={{ href, label: "Venue account" }} />
        {query.isError ? (
          <Card>
            <ErrorState error={query.error} onRetry={() => void query.refetch()} />
          </Card>
        ) : (
          <Skeleton className="h-80 rounded-md" />
        )}
      </>
    );
  }
  return <RunDetail run={query.data} back={{ href, label: venueName(query.data.venue) }} />;
}

function RunDetail({ run, back }: { run: ReconciliationDetailDto; back: { href: Route; label: string } }) {
  const outcome = OUTCOME_WORDS[run.outcome];
  return (
    <>
      <PageHeading
        back={back}
        title={
          <span className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
            <span>Comparison</span>
            <Badge tone={outcome.tone}>{outcome.label}</Badge>
          </span>
        }
      />
      <Notice
        tone={run.outcome === "OK" ? (run.pending > 0 ? "warn" : "good") : run.outcome === "FAILED" ? "bad" : "warn"}
        className="mb-4"
      >
        <span className="break-words">{describeRun(run)}.</span>
        {run.outcome === "FAILED" ? " While this lasts, the account does not trade." : null}
      </Notice>
      <div className="grid gap-4 lg:grid-cols-[1fr_340px] lg:items-start">
        <div className="flex min-w-0 flex-col gap-4">
          <BalancesTable run={run} />
          {run.orders.external.length === 0 ? null : <ExternalOrders run={run} />}
        </div>
        <Facts run={run} />
      </div>
    </>
  );
}

function Facts({ run }: { run: ReconciliationDetailDto }) {
  const { orders, fills } = run;
  return (
    <Card title="What was compared">
      <dl className="flex flex-col gap-2 text-sm">
        <Fact name="Account" value={`${venueName(run.venue)}, ${run.accountLabel}`} />
        <Fact name="Why" value={REASON_WORDS[run.reason]} />
        <Fact name="When" value={<TimeText at={run.at} className="text-sm text-text" />} />
        {run.runs === 1 ? null : (
          <Fact
            name="Same since"
            value={
              <>
                <TimeText at={run.firstAt} className="text-sm text-text" />
                {`, ${run.runs} runs`}
              </>
            }
          />
        )}
        {run.outcome === "OK" ? (
          <>
            <Fact name="Took" value={`${run.tookMs} ms`} />
            <Fact name="Our open orders" value={String(orders.ours)} />
            <Fact name="Open at the venue" value={String(orders.atVenue)} />
            <Fact name="Looked up one by one" value={String(orders.lookedUp)} />
            <Fact name="Outcome still unknown" value={String(orders.unresolved)} />
            <Fact
              name="Fills read since"
              value={fills.since === null ? UNKNOWN_TEXT : <TimeText at={fills.since} className="text-sm text-text" />}
            />
            <Fact name="Fills seen / missed" value={`${fills.seen} / ${fills.booked}`} />
            <Fact name="Fills of other tools" value={String(fills.external)} />
            <Fact name="Deposit and withdrawal lists" value={LIST_WORDS[run.lists.state]} />
          </>
        ) : null}
      </dl>
    </Card>
  );
}

function Fact({ name, value }: { name: string; value: ReactNode }) {
  return (
    <div className="flex items-baseline justify-between gap-4">
      <dt className="shrink-0 text-muted">{name}</dt>
      <dd className="num min-w-0 text-right">{value}</dd>
    </div>
  );
}

function ExternalOrders({ run }: { run: ReconciliationDetailDto }) {
  return (
    <Card title={`Orders placed elsewhere (${run.externalOrders})`} bodyClassName="p-0">
      <ul aria-label="Orders placed elsewhere" className="divide-y divide-line">
        {run.orders.external.map((order) => (
          <li key={order.venueOrderId} className="flex min-h-14 items-center justify-between gap-3 px-4 py-2.5 text-sm">
            <span className="font-medium">
              <SideText side={order.side} /> {order.symbol}
            </span>
            <span className="num">
              {formatQuantity(order.quantity)}
              {order.limitPrice === null ? "" : ` at ${formatPrice(order.limitPrice)}`}
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
