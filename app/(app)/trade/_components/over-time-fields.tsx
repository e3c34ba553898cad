"use client";

import type { Ticket } from "./use-ticket.ts";
import { useNow } from "#components/numbers/use-now.ts";
import { TextField } from "#components/ui/field.tsx";
import type { OverTimeInput } from "#lib/contracts/twap.ts";
import { formatQuantity } from "#lib/format/number.ts";
import { formatTime } from "#lib/format/time.ts";
import { paceWords } from "#lib/sentences/twaps.ts";
import { readOverTime } from "#lib/ticket/over-time.ts";

const DURATIONS = [
  { label: "5 min", minutes: "5" },
  { label: "10 min", minutes: "10" },
  { label: "30 min", minutes: "30" },
  { label: "1 h", minutes: "60" },
  { label: "4 h", minutes: "240" },
] as const;

interface OverTimeFieldsProps {
  readonly ticket: Ticket;
  /** Base, of an even part, as the server would cut it; null while it is read. */
  readonly sliceQuantity: string | null;
}

/** What only an order over time has: how long, in how many parts, and a price that no part goes beyond. */
export function OverTimeFields({ ticket, sliceQuantity }: OverTimeFieldsProps) {
  const { draft, rules, terms, best, change } = ticket;
  const { overTime, minutesProblem, partsProblem } = readOverTime(draft);
  return (
    <>
      <div className="flex flex-col gap-2">
        <div className="grid grid-cols-2 gap-3">
          <TextField
            label="Minutes"
            inputMode="decimal"
            autoComplete="off"
            value={draft.minutesText}
            onChange={(event) => change({ minutesText: event.target.value })}
            error={minutesProblem}
          />
          <TextField
            label="Parts"
            inputMode="numeric"
            autoComplete="off"
            value={draft.partsText}
            onChange={(event) => change({ partsText: event.target.value })}
            error={partsProblem}
          />
        </div>
        <div className="grid grid-cols-5 gap-2" role="group" aria-label="Duration">
          {DURATIONS.map(({ label, minutes }) => (
            <button
              key={minutes}
              type="button"
              aria-pressed={draft.minutesText === minutes}
              onClick={() => change({ minutesText: minutes })}
              className="num h-11 rounded-sm border border-line text-xs font-medium text-muted transition-colors duration-150 hover:border-line-strong hover:text-text aria-pressed:border-line-strong aria-pressed:text-text md:h-9"
            >
              {label}
            </button>
          ))}
        </div>
      </div>
      <TextField
        label="Worst price"
        inputMode="decimal"
        autoComplete="off"
        placeholder="None: the market's price"
        value={draft.priceText}
        onChange={(event) => change({ priceText: event.target.value })}
        error={terms?.priceProblem ?? null}
        hint={
          draft.side === "BUY"
            ? "Optional. No part is bought above it; what that leaves is caught up."
            : "Optional. No part is sold below it; what that leaves is caught up."
        }
        disabled={rules === null}
        suffix={
          best === null ? undefined : (
            <button
              type="button"
              onClick={() => change({ priceText: best.price })}
              className="h-9 rounded-sm bg-hover px-3 text-xs font-semibold text-text hover:text-accent-text"
            >
              {draft.side === "BUY" ? "Best ask" : "Best bid"}
            </button>
          )
        }
      />
      {overTime === null ? null : (
        <Schedule overTime={overTime} part={sliceQuantity} base={rules?.base ?? ""} step={rules?.amountStep} />
      )}
    </>
  );
}

interface ScheduleProps {
  readonly overTime: OverTimeInput;
  readonly part: string | null;
  readonly base: string;
  readonly step: string | undefined;
}

/** More would be a comb without teeth. */
const TICKS_MAX = 60;

/** When the parts would be placed if it were started now. */
function Schedule({ overTime, part, base, step }: ScheduleProps) {
  const { slices, durationMs } = overTime;
  const now = useNow();
  const ticks = Math.min(slices, TICKS_MAX);
  const endsAt = now === 0 ? "" : formatTime(new Date(now + durationMs).toISOString(), now);
  return (
    <section aria-label="Schedule" className="flex flex-col gap-2 rounded-md border border-line p-3 text-sm">
      <p>
        <span className="num font-semibold">{slices}</span> parts{part === null ? "" : " of about "}
        {part === null ? null : (
          <span className="num font-semibold">
            {formatQuantity(part, step)} {base}
          </span>
        )}
        , {paceWords(overTime)}
      </p>
      <div aria-hidden className="flex h-4 items-end justify-between">
        {Array.from({ length: ticks }, (_unused, index) => (
          <span key={index} className="h-full w-0.5 rounded-full bg-accent opacity-70" />
        ))}
        <span className="h-2 w-0.5 rounded-full bg-line-strong" />
      </div>
      <p className="num flex justify-between gap-3 text-xs text-muted">
        <span>first at once</span>
        <span>over at {endsAt}</span>
      </p>
    </section>
  );
}
