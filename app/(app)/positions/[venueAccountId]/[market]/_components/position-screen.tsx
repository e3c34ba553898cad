"use client";

import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { LotsCard } from "./lots-card.tsx";
import { ReleaseAdopted } from "./release-adopted.tsx";
import { usePollMs } from "#components/data/realtime.tsx";
import { useTRPC } from "#components/data/trpc.tsx";
import { useWorkspace } from "#components/data/workspace.tsx";
import { Age } from "#components/numbers/age.tsx";
import { Signed } from "#components/numbers/signed.tsx";
import { PageHeading } from "#components/shell/page-heading.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { Card } from "#components/ui/card.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { ErrorState } from "#components/ui/state-panel.tsx";
import type { PositionDetailDto } from "#lib/contracts/position.ts";
import { formatMoney, formatPrice, formatQuantity, signOf } from "#lib/format/number.ts";
import { venueName } from "#lib/sentences/venues.ts";

const BACK = { href: "/dashboard", label: "Dashboard" } as const;
const REFRESH_MS = 5_000;

/** One position: what it is worth, what it has won by either method, and the lots it is made of. */
export function PositionScreen({ venueAccountId, symbol }: { venueAccountId: string; symbol: string }) {
  const trpc = useTRPC();
  const { workspace } = useWorkspace();
  const query = useQuery(
    trpc.trade.position.queryOptions(
      { workspaceId: workspace.id, venueAccountId, symbol },
      { refetchInterval: usePollMs(REFRESH_MS) },
    ),
  );
  if (query.data !== undefined) return <PositionDetail detail={query.data} />;
  return (
    <>
      <PageHeading title={symbol} back={BACK} />
      {query.isError ? (
        <Card>
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        </Card>
      ) : (
        <div role="status" aria-label="Reading the position" className="grid gap-4 lg:grid-cols-[1fr_340px]">
          <Skeleton className="h-64 rounded-md" />
          <Skeleton className="h-64 rounded-md" />
        </div>
      )}
    </>
  );
}

function PositionDetail({ detail }: { detail: PositionDetailDto }) {
  const { position } = detail;
  const [base = "", quote = ""] = position.symbol.split("/");
  return (
    <>
      <PageHeading
        back={BACK}
        title={
          <span className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
            <span>{position.symbol}</span>
            <Badge tone={position.mode === "LIVE" ? "good" : "accent"}>{position.mode === "LIVE" ? "Live" : "Paper"}</Badge>
          </span>
        }
      />
      <p className="-mt-2 mb-4 truncate text-sm text-muted">
        {venueName(position.venue)} · {position.accountLabel}
      </p>
      <div className="grid gap-4 lg:grid-cols-[1fr_340px] lg:items-start">
        <LotsCard detail={detail} base={base} quote={quote} />
        <div className="flex min-w-0 flex-col gap-4">
          <Card title="Position">
            <dl className="flex flex-col gap-2 text-sm">
              <Fact name="Held" value={`${formatQuantity(position.quantity)} ${base}`} />
              <Fact
                name="Price"
                value={
                  <span className="inline-flex items-center gap-2">
                    <Age at={position.priceAt} /> {formatPrice(position.price)}
                  </span>
                }
              />
              <Fact name="Value" value={formatMoney(position.value, quote)} />
              <Fact name="Unrealised" value={<Signed value={position.unrealisedPnl} asset={quote} />} />
            </dl>
            <ReleaseAdopted detail={detail} base={base} />
          </Card>
          <Methods detail={detail} quote={quote} />
        </div>
      </div>
    </>
  );
}

/** The same trades told by two methods; they agree once all is sold. */
function Methods({ detail, quote }: { detail: PositionDetailDto; quote: string }) {
  const { position } = detail;
  return (
    <Card title="Realised, after fees">
      <dl className="flex flex-col gap-2 text-sm">
        <Fact name="By average cost" value={<Signed value={position.realisedPnl} asset={quote} />} />
        <Fact name="First in, first out" value={<Signed value={detail.fifoRealisedPnl} asset={quote} />} />
        <Fact name="Average cost of the rest" value={formatMoney(detail.costBasis, quote)} />
        <Fact name="Lots' cost of the rest" value={formatMoney(detail.fifoCost, quote)} />
        {detail.otherFees.map(({ asset, amount }) => (
          <Fact key={asset} name={`Fees in ${asset}, in neither`} value={`${formatQuantity(amount)} ${asset}`} />
        ))}
        {signOf(detail.externalQuantitySold) === 0 ? null : (
          <Fact
            name="Sold of your own holdings"
            value={`${formatQuantity(detail.externalQuantitySold)} for ${formatMoney(detail.externalProceeds, quote)}`}
          />
        )}
      </dl>
      <p className="mt-3 border-t border-line pt-3 text-xs text-muted">
        Both share out the same payments between what was sold and what is left. Once all is sold they agree.
      </p>
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
