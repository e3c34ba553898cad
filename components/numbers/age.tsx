"use client";

import { Clock } from "lucide-react";
import { useNow } from "#components/numbers/use-now.ts";
import { ageMs, FRESH_MS, formatAge, formatFullTime, formatTime } from "#lib/format/time.ts";
import { cn } from "#lib/format/class-names.ts";

/** How old a number is, once it is older than five seconds; before that nothing, since it is live. */
export function Age({ at, className }: { at: string | null; className?: string }) {
  const now = useNow();
  if (at === null || now === 0) return null;
  const age = ageMs(at, now);
  if (age <= FRESH_MS) return null;
  return (
    <span className={cn("num inline-flex items-center gap-1 text-xs text-warn", className)} title={formatFullTime(at)}>
      <Clock aria-hidden className="size-3" />
      {formatAge(age)} old
    </span>
  );
}

/** When something happened: local time, with date, time and zone on hover. */
export function TimeText({ at, className }: { at: string; className?: string }) {
  return (
    <time dateTime={at} title={formatFullTime(at)} className={cn("num text-xs text-muted", className)} suppressHydrationWarning>
      {formatTime(at)}
    </time>
  );
}
