"use client";

import type { RoutePreview } from "./use-route-preview.ts";
import { Age } from "#components/numbers/age.tsx";
import { Notice } from "#components/ui/notice.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import type { RouteCandidateDto } from "#lib/contracts/trade.ts";
import { cn } from "#lib/format/class-names.ts";
import { formatBps, formatMoney, formatPrice } from "#lib/format/number.ts";
import { readAppError } from "#lib/errors/app-error.ts";
import { describeDenial } from "#lib/sentences/denials.ts";
import { splitSentence } from "#lib/sentences/routing.ts";
import { venueName } from "#lib/sentences/venues.ts";

interface RouteSummaryProps {
  readonly route: RoutePreview;
  readonly hasOrder: boolean;
  readonly quote: string;
}

export function chosenOf(route: RoutePreview): RouteCandidateDto | null {
  const { preview } = route;
  return preview?.candidates.find((candidate) => candidate.venueAccountId === preview.chosenVenueAccountId) ?? null;
}

/** Where the order would go and at what cost. Its box has one height, so that typing makes nothing jump. */
export function RouteSummary({ route, hasOrder, quote }: RouteSummaryProps) {
  const chosen = chosenOf(route);
  const denial = route.preview?.denial ?? null;
  const split = route.preview?.split ?? null;
  const slice = route.preview?.overTime ?? null;
  return (
    <section aria-label="Route preview" aria-busy={hasOrder && !route.isCurrent} className="min-h-42 rounded-md bg-raised p-3">
      {!hasOrder ? (
        <p className="grid min-h-36 place-items-center text-center text-sm text-muted">
          Enter a quantity to see where the order would go and what it would cost.
        </p>
      ) : (
        <div className={cn("flex flex-col gap-2 transition-opacity duration-150", !route.isCurrent && "opacity-60")}>
          <Rows chosen={chosen} isReading={route.preview === null && route.error === null} quote={quote} />
          {slice === null ? null : (
            <p className="text-sm text-muted">For the first of {slice.slices} parts; each is routed again when its time comes.</p>
          )}
          {split === null ? null : <p className="text-sm">{splitSentence(split)}</p>}
          {denial === null ? null : (
            <Notice tone="bad" role="alert">
              {describeDenial(denial.code, denial.details)}
            </Notice>
          )}
          {route.error === null || route.error === undefined ? null : (
            <Notice tone="warn" role="status">
              No preview: {readAppError(route.error).sentence}
            </Notice>
          )}
          {chosen === null ? null : <Age at={chosen.bookAt} />}
        </div>
      )}
    </section>
  );
}

interface RowsProps {
  readonly chosen: RouteCandidateDto | null;
  readonly isReading: boolean;
  readonly quote: string;
}

function Rows({ chosen, isReading, quote }: RowsProps) {
  const rows: readonly (readonly [string, string])[] = [
    ["Venue", chosen === null ? "None" : venueName(chosen.venue)],
    ["Expected price", formatPrice(chosen?.expectedPrice)],
    ["Fee", chosen === null ? formatBps(null) : `${formatMoney(chosen.fee, quote)} (${formatBps(chosen.feeBps)})`],
    ["Slippage", formatBps(chosen?.slippageBps)],
    ["All-in cost", formatBps(chosen?.allInBps)],
  ];
  return (
    <dl className="flex flex-col gap-2">
      {rows.map(([name, value], index) => (
        <div key={name} className="flex h-5 items-center justify-between gap-3 text-sm">
          <dt className="text-muted">{name}</dt>
          <dd className={cn("num", (index === 0 || index === rows.length - 1) && "font-semibold")}>
            {isReading ? <Skeleton className="h-4 w-24" /> : value}
          </dd>
        </div>
      ))}
    </dl>
  );
}
