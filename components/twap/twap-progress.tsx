"use client";

import { useNow } from "#components/numbers/use-now.ts";
import { Badge } from "#components/ui/badge.tsx";
import type { TwapDto } from "#lib/contracts/twap.ts";
import { toDecimal } from "#lib/format/decimal.ts";
import { formatQuantity } from "#lib/format/number.ts";
import { countdown, formatTime } from "#lib/format/time.ts";
import { cn } from "#lib/format/class-names.ts";
import { TWAP_STATE_WORDS } from "#lib/sentences/twaps.ts";

export function TwapBadge({ state }: Pick<TwapDto, "state">) {
  const { label, tone } = TWAP_STATE_WORDS[state];
  return <Badge tone={tone}>{label}</Badge>;
}

/** How much is filled, as a bar with the share of the time that has passed behind it. */
export function TwapBar({ twap, className }: { readonly twap: TwapDto; readonly className?: string }) {
  const share = Math.min(1, toDecimal(twap.filled)?.dividedBy(twap.quantity).toNumber() ?? 0);
  const filled = `${share * 100}%`;
  const due = `${(twap.passed / twap.slices) * 100}%`;
  return (
    <div
      role="progressbar"
      aria-label="Filled"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(share * 100)}
      className={cn("relative h-1.5 overflow-hidden rounded-full bg-hover", className)}
    >
      <div
        className="absolute inset-y-0 left-0 rounded-full bg-line-strong transition-[width] duration-200"
        style={{ width: due }}
      />
      <div
        className="absolute inset-y-0 left-0 rounded-full bg-accent transition-[width] duration-200"
        style={{ width: filled }}
      />
    </div>
  );
}

/** "0.021 of 0.05 BTC" */
export function filledWords({ filled, quantity, symbol }: TwapDto): string {
  const [base = ""] = symbol.split("/");
  return `${formatQuantity(filled)} of ${formatQuantity(quantity)} ${base}`;
}

/** What comes next, counting down; of one that is over, when it ended. */
export function NextPart({ twap }: { readonly twap: TwapDto }) {
  const now = useNow();
  const { state, nextSliceAt, endedAt, pausedAt, passed, slices } = twap;
  if (state === "PAUSED") return <>paused {pausedAt === null ? "" : `at ${formatTime(pausedAt)}`}</>;
  if (state !== "ACTIVE") return <>{endedAt === null ? "over" : `ended at ${formatTime(endedAt)}`}</>;
  if (nextSliceAt === null) return <>catching up what is left</>;
  if (now === 0) return null;
  const left = Date.parse(nextSliceAt) - now;
  return (
    <>
      part {Math.min(passed + 1, slices)} of {slices} {left <= 0 ? "is due" : `in ${countdown(left)}`}
    </>
  );
}
