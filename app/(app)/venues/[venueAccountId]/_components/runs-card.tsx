"use client";

import { useQuery } from "@tanstack/react-query";
import { Scale } from "lucide-react";
import Link from "next/link";
import { usePollMs } from "#components/data/realtime.tsx";
import { useTRPC } from "#components/data/trpc.tsx";
import { useWorkspace } from "#components/data/workspace.tsx";
import { TimeText } from "#components/numbers/age.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { Card } from "#components/ui/card.tsx";
import { SkeletonRows } from "#components/ui/skeleton.tsx";
import { EmptyState, ErrorState } from "#components/ui/state-panel.tsx";
import type { VenueAccountDto } from "#lib/contracts/account.ts";
import type { ReconciliationDto } from "#lib/contracts/reconcile.ts";
import { describeRun, OUTCOME_WORDS, REASON_WORDS } from "#lib/sentences/reconcile.ts";

/** Every comparison of the account with its venue, the latest first. */
export function RunsCard({ account }: { account: VenueAccountDto }) {
  const trpc = useTRPC();
  const { workspace } = useWorkspace();
  const reference = { workspaceId: workspace.id, venueAccountId: account.id };
  const query = useQuery(trpc.venue.listReconciliations.queryOptions(reference, { refetchInterval: usePollMs(30_000) }));
  return (
    <Card title="Comparisons with the venue" bodyClassName="p-0">
      {query.data === undefined ? (
        query.isError ? (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        ) : (
          <SkeletonRows count={5} label="Reading comparisons" />
        )
      ) : query.data.length === 0 ? (
        <EmptyState
          icon={Scale}
          title="Not compared yet"
          text="The first comparison follows as soon as the key has been checked."
        />
      ) : (
        <ul aria-label="Comparisons" className="divide-y divide-line">
          {query.data.map((run) => (
            <Run key={run.id} run={run} accountId={account.id} />
          ))}
        </ul>
      )}
    </Card>
  );
}

function Run({ run, accountId }: { run: ReconciliationDto; accountId: string }) {
  const outcome = OUTCOME_WORDS[run.outcome];
  return (
    <li className="relative flex min-h-14 items-center justify-between gap-3 px-4 py-2.5 text-sm hover:bg-hover">
      <div className="min-w-0">
        <Link href={`/venues/${accountId}/runs/${run.id}`} className="font-medium after:absolute after:inset-0 hover:underline">
          {describeRun(run)}
        </Link>
        <p className="mt-0.5 truncate text-xs text-muted">
          {run.runs === 1 ? REASON_WORDS[run.reason] : `${run.runs} times, last: ${REASON_WORDS[run.reason]}`}
        </p>
      </div>
      <div className="flex shrink-0 flex-col items-end gap-1">
        <TimeText at={run.at} />
        {run.outcome === "OK" ? null : <Badge tone={outcome.tone}>{outcome.label}</Badge>}
      </div>
    </li>
  );
}
