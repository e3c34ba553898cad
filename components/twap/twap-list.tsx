"use client";

import Link from "next/link";
import { SideText } from "#components/numbers/order-badge.tsx";
import { TwapActions } from "#components/twap/twap-actions.tsx";
import { filledWords, NextPart, TwapBadge, TwapBar } from "#components/twap/twap-progress.tsx";
import { useTwaps } from "#components/twap/use-twaps.ts";
import { Card } from "#components/ui/card.tsx";
import { Notice } from "#components/ui/notice.tsx";
import type { TwapDto } from "#lib/contracts/twap.ts";
import { readAppError } from "#lib/errors/app-error.ts";
import { formatPrice } from "#lib/format/number.ts";
import { isRunning } from "#lib/sentences/twaps.ts";

/** Ended ones beside those that run; each has its page, and the activity has all. */
const ENDED_SHOWN = 3;

/** What runs now; nothing while nothing does. */
export function RunningTwaps() {
  const { twaps, error } = useTwaps();
  return <TwapList twaps={(twaps ?? []).filter(isRunning)} error={error} />;
}

/** What runs now and what ended last. */
export function RecentTwaps({ className }: { readonly className?: string }) {
  const { twaps, error } = useTwaps();
  const known = twaps ?? [];
  const ended = known.filter((twap) => !isRunning(twap)).slice(0, ENDED_SHOWN);
  return (
    <TwapList twaps={[...known.filter(isRunning), ...ended]} error={error} {...(className === undefined ? {} : { className })} />
  );
}

interface TwapListProps {
  readonly twaps: readonly TwapDto[];
  readonly error: unknown;
  readonly className?: string;
}

function TwapList({ twaps, error, className }: TwapListProps) {
  if (error !== null && error !== undefined) {
    return (
      <Notice tone="warn" role="status" {...(className === undefined ? {} : { className })}>
        Orders over time could not be read, so none are shown. {readAppError(error).sentence}
      </Notice>
    );
  }
  if (twaps.length === 0) return null;
  return (
    <Card title="Orders over time" bodyClassName="p-0" {...(className === undefined ? {} : { className })}>
      <ul aria-label="Orders over time" className="divide-y divide-line">
        {twaps.map((twap) => (
          <TwapLine key={twap.id} twap={twap} />
        ))}
      </ul>
    </Card>
  );
}

function TwapLine({ twap }: { readonly twap: TwapDto }) {
  const { id, side, symbol, state, averagePrice } = twap;
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3">
      <Link href={`/orders/twaps/${id}`} className="flex min-w-0 flex-1 basis-56 flex-col gap-2 rounded-sm">
        <span className="flex items-center justify-between gap-3 text-sm">
          <span className="truncate font-medium">
            <SideText side={side} /> {symbol}
          </span>
          <TwapBadge state={state} />
        </span>
        <TwapBar twap={twap} />
        <span className="num flex flex-wrap justify-between gap-x-3 text-xs text-muted">
          <span className="text-text">
            {filledWords(twap)}
            {averagePrice === null ? "" : ` at ${formatPrice(averagePrice)}`}
          </span>
          <span>
            <NextPart twap={twap} />
          </span>
        </span>
      </Link>
      <TwapActions twap={twap} />
    </li>
  );
}
