"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { ArrowLeftRight } from "lucide-react";
import { useTRPC, useTRPCClient } from "#components/data/trpc.tsx";
import { useWorkspace } from "#components/data/workspace.tsx";
import { TimeText } from "#components/numbers/age.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { Button } from "#components/ui/button.tsx";
import { Card } from "#components/ui/card.tsx";
import { SkeletonRows } from "#components/ui/skeleton.tsx";
import { EmptyState, ErrorState } from "#components/ui/state-panel.tsx";
import type { VenueAccountDto } from "#lib/contracts/account.ts";
import type { MovementDto } from "#lib/contracts/reconcile.ts";
import { cn } from "#lib/format/class-names.ts";
import { formatQuantity, signOf } from "#lib/format/number.ts";
import { MOVEMENT_WORDS } from "#lib/sentences/reconcile.ts";

const PAGE = 20;

/** What came to the account or left it other than by a trade of ours, each under its name. */
export function MovementsCard({ account }: { account: VenueAccountDto }) {
  const trpc = useTRPC();
  const { workspace } = useWorkspace();
  const client = useTRPCClient();
  const query = useInfiniteQuery({
    queryKey: [...trpc.venue.movements.pathKey(), "pages", account.id],
    // Not tRPC's own infinite options: they add a direction to the input, which the contract rightly refuses.
    queryFn: ({ pageParam, signal }) =>
      client.venue.movements.query(
        { workspaceId: workspace.id, venueAccountId: account.id, cursor: pageParam, limit: PAGE },
        { signal },
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
  });
  const rows = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Card title="Deposits, withdrawals and the like" bodyClassName="p-0">
      {query.data === undefined ? (
        query.isError ? (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        ) : (
          <SkeletonRows count={3} label="Reading movements" />
        )
      ) : rows.length === 0 ? (
        <EmptyState
          icon={ArrowLeftRight}
          title="Nothing moved"
          text="Deposits, withdrawals and rewards at the venue appear here once the books have been compared."
        />
      ) : (
        <ul aria-label="Movements" className="divide-y divide-line">
          {rows.map((movement) => (
            <Movement key={movement.id} movement={movement} />
          ))}
        </ul>
      )}
      {query.hasNextPage ? (
        <div className="border-t border-line p-3 text-center">
          <Button size="sm" busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            Show more
          </Button>
        </div>
      ) : null}
    </Card>
  );
}

function Movement({ movement }: { movement: MovementDto }) {
  const { kind, asset, amount, reference, detail, at } = movement;
  const words = MOVEMENT_WORDS[kind];
  const sign = signOf(amount);
  const about = [detail, reference].filter((part) => part !== null && part !== "").join(" · ");
  return (
    <li className="flex min-h-14 items-center justify-between gap-3 px-4 py-2.5 text-sm">
      <div className="min-w-0">
        <p className="flex items-center gap-2" title={words.sentence}>
          <Badge tone={words.tone}>{words.label}</Badge>
        </p>
        {about === "" ? (
          <p className="mt-1 text-xs text-muted">{words.sentence}</p>
        ) : (
          <p className="num mt-1 truncate text-xs text-muted" title={about}>
            {about}
          </p>
        )}
      </div>
      <div className="flex shrink-0 flex-col items-end gap-0.5">
        <span className={cn("num font-medium", sign > 0 && "text-gain")}>
          {sign > 0 ? "+" : ""}
          {formatQuantity(amount)} {asset}
        </span>
        <TimeText at={at} />
      </div>
    </li>
  );
}
