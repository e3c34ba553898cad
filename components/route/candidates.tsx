"use client";

import { Check, ChevronDown, X } from "lucide-react";
import { Collapsible } from "radix-ui";
import { Age } from "#components/numbers/age.tsx";
import { Badge } from "#components/ui/badge.tsx";
import type { RouteCandidateDto } from "#lib/contracts/trade.ts";
import { cn } from "#lib/format/class-names.ts";
import { formatBps, formatMoney, formatPrice } from "#lib/format/number.ts";
import { COMPONENT_LABELS, gateLabel } from "#lib/sentences/routing.ts";
import { venueName } from "#lib/sentences/venues.ts";

interface CandidatesProps {
  readonly candidates: readonly RouteCandidateDto[];
  readonly chosen: string | null;
  readonly quote: string;
  /** A stored decision is a record: its age means nothing. */
  readonly showAge?: boolean;
}

/** Every venue account that was looked at: what it would cost, how it scored, and why it was left out. */
export function RouteCandidates({ candidates, chosen, quote, showAge = false }: CandidatesProps) {
  const rank = (candidate: RouteCandidateDto): number =>
    candidate.venueAccountId === chosen ? Number.POSITIVE_INFINITY : Number(candidate.score ?? "-1");
  const ranked = candidates.toSorted((a, b) => (rank(b) === rank(a) ? 0 : rank(b) - rank(a)));
  return (
    <ul aria-label="Venues compared" className="divide-y divide-line">
      {ranked.map((candidate) => (
        <Candidate
          key={candidate.venueAccountId}
          candidate={candidate}
          isChosen={candidate.venueAccountId === chosen}
          quote={quote}
          showAge={showAge}
        />
      ))}
    </ul>
  );
}

interface CandidateProps {
  readonly candidate: RouteCandidateDto;
  readonly isChosen: boolean;
  readonly quote: string;
  readonly showAge: boolean;
}

function Candidate({ candidate, isChosen, quote, showAge }: CandidateProps) {
  const { eligible, venue, label, allInBps, score } = candidate;
  return (
    <Collapsible.Root asChild>
      <li>
        <Collapsible.Trigger className="group flex min-h-14 w-full items-center gap-3 px-4 py-2 text-left hover:bg-hover">
          <span
            className={cn(
              "grid size-6 shrink-0 place-items-center rounded-full",
              isChosen ? "bg-accent text-on-accent" : eligible ? "bg-hover text-muted" : "bg-loss-soft text-loss",
            )}
          >
            {eligible ? (
              <Check aria-hidden className={cn("size-3.5", !isChosen && "opacity-50")} />
            ) : (
              <X aria-hidden className="size-3.5" />
            )}
          </span>
          <span className="min-w-0 flex-1">
            <span className="flex items-center gap-2">
              <span className="truncate font-medium">{venueName(venue)}</span>
              {isChosen ? <Badge tone="accent">Chosen</Badge> : null}
            </span>
            <span className="block truncate text-xs text-muted">
              {eligible ? label : candidate.failedGates.map((gate) => gateLabel(gate.code)).join(", ")}
            </span>
          </span>
          <span className="text-right">
            <span className="num block font-medium">{formatBps(allInBps)}</span>
            <span className="num block text-xs text-muted">
              {score === null ? "not scored" : `score ${Number(score).toFixed(0)}`}
            </span>
          </span>
          <ChevronDown
            aria-hidden
            className="size-4 shrink-0 text-muted transition-transform duration-150 group-data-[state=open]:rotate-180"
          />
        </Collapsible.Trigger>
        <Collapsible.Content>
          <CandidateDetail candidate={candidate} quote={quote} showAge={showAge} />
        </Collapsible.Content>
      </li>
    </Collapsible.Root>
  );
}

function CandidateDetail({ candidate, quote, showAge }: Omit<CandidateProps, "isChosen">) {
  const { components, failedGates, bookAt } = candidate;
  const rows: readonly (readonly [string, string])[] = [
    ["Expected price", formatPrice(candidate.expectedPrice)],
    ["Not worse than", formatPrice(candidate.worstPrice)],
    ["Slippage", formatBps(candidate.slippageBps)],
    [
      "Fee",
      candidate.fee === null
        ? formatBps(candidate.feeBps)
        : `${formatMoney(candidate.fee, quote)} (${formatBps(candidate.feeBps)})`,
    ],
  ];
  return (
    <div className="flex flex-col gap-3 bg-ground/40 px-4 pb-4 pl-13 pt-1 text-sm">
      {failedGates.map((gate) => (
        <p key={gate.code} className="text-loss">
          {gate.detail === "" ? `${gateLabel(gate.code)}.` : gate.detail}
        </p>
      ))}
      <dl className="grid grid-cols-2 gap-x-6 gap-y-1.5">
        {rows.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-muted">{name}</dt>
            <dd className="num text-right">{value}</dd>
          </div>
        ))}
      </dl>
      {components === null ? null : <ScoreBars components={components} />}
      {showAge ? <Age at={bookAt} /> : null}
    </div>
  );
}

function ScoreBars({ components }: { components: NonNullable<RouteCandidateDto["components"]> }) {
  const names = ["cost", "success", "latency", "load", "pair"] as const;
  return (
    <dl aria-label="Score by part" className="grid grid-cols-5 gap-2">
      {names.map((name) => (
        <div key={name} className="flex flex-col-reverse gap-1">
          <dt className="truncate text-xs text-muted">{COMPONENT_LABELS[name]}</dt>
          <dd className="num text-xs">{Number(components[name]).toFixed(0)}</dd>
          <span aria-hidden className="h-1 overflow-hidden rounded-full bg-hover">
            <span className="block h-full rounded-full bg-accent" style={{ width: `${Number(components[name])}%` }} />
          </span>
        </div>
      ))}
    </dl>
  );
}
