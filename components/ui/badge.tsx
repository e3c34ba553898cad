import type { ReactNode } from "react";
import { cn } from "#lib/format/class-names.ts";
import type { Tone } from "#lib/sentences/orders.ts";

const TONES: Readonly<Record<Tone | "accent", string>> = {
  neutral: "bg-hover text-muted",
  progress: "bg-info-soft text-info",
  good: "bg-gain-soft text-gain",
  bad: "bg-loss-soft text-loss",
  warn: "bg-warn-soft text-warn",
  accent: "bg-accent-soft text-accent-text",
};

export function Badge({
  tone = "neutral",
  className,
  children,
}: {
  tone?: Tone | "accent";
  className?: string;
  children: ReactNode;
}) {
  return (
    <span
      className={cn(
        "inline-flex h-6 shrink-0 items-center gap-1 whitespace-nowrap rounded-sm px-2 text-xs font-medium",
        TONES[tone],
        className,
      )}
    >
      {children}
    </span>
  );
}
