import { CircleCheck, CircleDot, CircleHelp, CircleX, LoaderCircle } from "lucide-react";
import Link from "next/link";
import { TimeText } from "#components/numbers/age.tsx";
import type { ActivityDto } from "#lib/contracts/trade.ts";
import { cn } from "#lib/format/class-names.ts";
import { describeEvent } from "#lib/sentences/events.ts";
import type { Tone } from "#lib/sentences/orders.ts";

const LOOKS = {
  neutral: { icon: CircleDot, classes: "bg-hover text-muted" },
  progress: { icon: LoaderCircle, classes: "bg-info-soft text-info" },
  good: { icon: CircleCheck, classes: "bg-gain-soft text-gain" },
  bad: { icon: CircleX, classes: "bg-loss-soft text-loss" },
  warn: { icon: CircleHelp, classes: "bg-warn-soft text-warn" },
} as const satisfies Record<Tone, unknown>;

/** The page of the order, or of the order over time, that an event is about. */
function pageOf({ orderId, twapId }: ActivityDto["data"]) {
  if (typeof twapId === "string") return `/orders/twaps/${twapId}` as const;
  return typeof orderId === "string" ? (`/orders/${orderId}` as const) : null;
}

/** Events as lines; those of an order open it. */
export function ActivityList({ events, label }: { events: readonly ActivityDto[]; label: string }) {
  return (
    <ul aria-label={label} className="divide-y divide-line">
      {events.map((event) => {
        const page = pageOf(event.data);
        return (
          <li key={event.seq}>
            {page !== null ? (
              <Link href={page} className="block transition-colors duration-150 hover:bg-hover">
                <ActivityLine event={event} />
              </Link>
            ) : (
              <ActivityLine event={event} />
            )}
          </li>
        );
      })}
    </ul>
  );
}

function ActivityLine({ event }: { event: ActivityDto }) {
  const { title, line, tone } = describeEvent(event.type, event.data);
  const { icon: Icon, classes } = LOOKS[tone];
  return (
    <div className="flex min-h-16 items-center gap-3 px-4 py-2.5">
      <span className={cn("grid size-8 shrink-0 place-items-center rounded-full", classes)}>
        <Icon aria-hidden className="size-4" />
      </span>
      <div className="min-w-0 flex-1">
        <p className="truncate text-sm font-medium">{title}</p>
        <p className="truncate text-xs text-muted">{line}</p>
      </div>
      <TimeText at={event.at} className="shrink-0" />
    </div>
  );
}
