import type { OrderStateWord } from "#lib/contracts/scalars.ts";
import type { OrderDetailDto } from "#lib/contracts/trade.ts";
import { cn } from "#lib/format/class-names.ts";
import { formatPrice, formatQuantity } from "#lib/format/number.ts";
import { formatFullTime, formatStepTime } from "#lib/format/time.ts";
import { isFinalState, ORDER_STATE_WORDS, orderStepSentence, type Tone } from "#lib/sentences/orders.ts";
import { venueName } from "#lib/sentences/venues.ts";

const DOTS: Readonly<Record<Tone, string>> = {
  neutral: "bg-muted",
  progress: "bg-info",
  good: "bg-gain",
  bad: "bg-loss",
  warn: "bg-warn",
};

function toneOf(state: string): Tone {
  return Object.entries(ORDER_STATE_WORDS).find(([name]) => name === state)?.[1].tone ?? "neutral";
}

/** How each fact of a step is said; ids and nested values are left to the activity. */
const FACTS: Readonly<Record<string, (value: string) => string>> = {
  venue: venueName,
  quantity: (value) => formatQuantity(value),
  price: (value) => `at ${formatPrice(value)}`,
  reason: (value) => value,
  code: (value) => value,
  attempt: (value) => (value === "1" ? "" : `attempt ${value}`),
};

function factsOf(details: unknown): string {
  if (typeof details !== "object" || details === null) return "";
  const given = new Map(Object.entries(details));
  const shown = Object.entries(FACTS).map(([name, say]) => {
    const value: unknown = given.get(name);
    return typeof value === "string" || typeof value === "number" ? say(String(value)) : "";
  });
  return shown.filter((text) => text !== "").join(" ");
}

/** Over the wire a step without details has no such field. */
export type OrderStep = Omit<OrderDetailDto["history"][number], "details"> & { readonly details?: unknown };

interface TimelineProps {
  readonly history: readonly OrderStep[];
  readonly createdAt: string;
  readonly state: OrderStateWord;
}

/** Every step of the order, oldest first, and what is awaited now. */
export function Timeline({ history, createdAt, state }: TimelineProps) {
  const steps = [
    { key: "placed", title: "Placed", facts: "", at: createdAt, tone: "neutral" as Tone },
    ...history.map((step) => ({
      key: String(step.version),
      title: orderStepSentence(step.event),
      facts: factsOf(step.details),
      at: step.at,
      tone: toneOf(step.toState),
    })),
  ];
  const isOpen = !isFinalState(state);
  return (
    <ol aria-label="Steps" className="flex flex-col">
      {steps.map((step, index) => (
        <li key={step.key} className="relative flex gap-3 pb-4 last:pb-0">
          {index < steps.length - 1 || isOpen ? (
            <span aria-hidden className="absolute left-[5px] top-4 h-full w-px bg-line" />
          ) : null}
          <span
            aria-hidden
            className={cn("relative mt-1 size-[11px] shrink-0 rounded-full ring-4 ring-surface", DOTS[step.tone])}
          />
          <div className="flex min-w-0 flex-1 flex-wrap items-baseline justify-between gap-x-3">
            <span className="text-sm">{step.title}</span>
            <time dateTime={step.at} title={formatFullTime(step.at)} className="num text-xs text-muted">
              {formatStepTime(step.at)}
            </time>
            {step.facts === "" ? null : <span className="w-full break-words text-xs text-muted">{step.facts}</span>}
          </div>
        </li>
      ))}
      {isOpen ? (
        <li className="relative flex gap-3">
          <span
            aria-hidden
            className="relative mt-1 size-[11px] shrink-0 animate-pulse rounded-full border-2 border-info ring-4 ring-surface"
          />
          <span className="text-sm text-muted">{ORDER_STATE_WORDS[state].sentence}</span>
        </li>
      ) : null}
    </ol>
  );
}
