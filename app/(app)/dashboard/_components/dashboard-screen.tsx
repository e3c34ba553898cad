"use client";

import { useQuery } from "@tanstack/react-query";
import { Activity } from "lucide-react";
import Link from "next/link";
import { Notices } from "./notices.tsx";
import { OtherTriggers } from "./other-triggers.tsx";
import { isOver, PositionsCard } from "./positions-card.tsx";
import { StatCards, StatCardsSkeleton } from "./stat-cards.tsx";
import { ActivityList } from "#components/activity/activity-list.tsx";
import { useConnection, usePollMs } from "#components/data/realtime.tsx";
import { useTRPC } from "#components/data/trpc.tsx";
import { useLivePositions } from "#components/data/use-live-positions.ts";
import { useTriggers } from "#components/data/use-triggers.ts";
import { useWorkspace } from "#components/data/workspace.tsx";
import { Age } from "#components/numbers/age.tsx";
import { RunningTwaps } from "#components/twap/twap-list.tsx";
import { PageHeading } from "#components/shell/page-heading.tsx";
import { Button } from "#components/ui/button.tsx";
import { Card } from "#components/ui/card.tsx";
import { Notice } from "#components/ui/notice.tsx";
import { SkeletonRows } from "#components/ui/skeleton.tsx";
import { EmptyState, ErrorState } from "#components/ui/state-panel.tsx";
import { readAppError } from "#lib/errors/app-error.ts";
import type { ActivityDto, DashboardDto } from "#lib/contracts/trade.ts";

const RECENT_SHOWN = 8;
/** Realised numbers change with events; this covers what no event tells, such as a new UTC day. */
const REFRESH_MS = 30_000;

/** Balance events follow every fill and say little to a person; the activity page has them all. */
const QUIET: ReadonlySet<string> = new Set([
  "BalanceChanged",
  "PositionChanged",
  "OrderSubmitted",
  "OrderAcknowledged",
  "OrderRouted",
  "TwapSlicePlaced",
]);

function isWorthTelling({ type, data }: ActivityDto): boolean {
  if (type === "VenueAccountReconciled") return data["ok"] !== true;
  return !QUIET.has(type);
}

export function DashboardScreen() {
  const trpc = useTRPC();
  const { workspace } = useWorkspace();
  const query = useQuery(
    trpc.trade.dashboard.queryOptions({ workspaceId: workspace.id }, { refetchInterval: usePollMs(REFRESH_MS) }),
  );
  const connection = useConnection();
  return (
    <>
      <PageHeading
        title={
          <span className="flex items-center gap-3">
            Dashboard
            {connection === "live" || query.data === undefined ? null : <Age at={query.data.at} />}
          </span>
        }
        action={
          <Button asChild variant="primary" size="sm">
            <Link href="/trade">New order</Link>
          </Button>
        }
      />
      {query.data !== undefined ? (
        <Dashboard data={query.data} />
      ) : query.isError ? (
        <Card>
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        </Card>
      ) : (
        <DashboardSkeleton />
      )}
    </>
  );
}

function Dashboard({ data }: { data: DashboardDto }) {
  const positions = useLivePositions(data.positions);
  const { triggers, error: triggersError } = useTriggers();
  const canTrade = useWorkspace().workspace.role !== "VIEWER";
  const open = positions.filter((live) => !live.position.isDust);
  const others = (triggers ?? []).filter((trigger) => !open.some((live) => isOver(trigger, live)));
  const recent = data.recent.filter(isWorthTelling).slice(0, RECENT_SHOWN);
  return (
    <div className="flex flex-col gap-4">
      <Notices notices={data.notices} />
      <StatCards data={data} positions={positions} />
      <div className="grid gap-4 lg:grid-cols-[1fr_340px] lg:items-start">
        <div className="flex min-w-0 flex-col gap-4">
          {triggersError === null ? null : (
            <Notice tone="warn" role="status">
              Stops and targets could not be read, so none are shown. {readAppError(triggersError).sentence}
            </Notice>
          )}
          <RunningTwaps />
          <PositionsCard positions={positions} triggers={triggers} />
          <OtherTriggers triggers={others} canTrade={canTrade} />
        </div>
        <Card
          title="Recent activity"
          bodyClassName="p-0"
          action={
            <Link
              href="/activity"
              className="inline-flex min-h-11 items-center text-xs font-medium text-accent-text hover:underline"
            >
              Show all
            </Link>
          }
        >
          {recent.length === 0 ? (
            <EmptyState icon={Activity} title="Nothing yet" text="Your orders and fills appear here." />
          ) : (
            <ActivityList events={recent} label="Recent activity" />
          )}
        </Card>
      </div>
    </div>
  );
}

function DashboardSkeleton() {
  return (
    <div className="flex flex-col gap-4">
      <StatCardsSkeleton />
      <div className="grid gap-4 lg:grid-cols-[1fr_340px] lg:items-start">
        <Card title="Positions" bodyClassName="p-0">
          <SkeletonRows count={3} label="Reading positions" />
        </Card>
        <Card title="Recent activity" bodyClassName="p-0">
          <SkeletonRows count={4} label="Reading activity" />
        </Card>
      </div>
    </div>
  );
}
