"use client";

import { useState } from "react";
import { TRIGGER_ICONS } from "#components/triggers/trigger-tile.tsx";
import type { TriggerDto } from "#lib/contracts/triggers.ts";
import { formatQuantity } from "#lib/format/number.ts";
import { TRIGGER_KIND_WORDS, triggerEndSentence, triggerLevel } from "#lib/sentences/triggers.ts";
import { venueName } from "#lib/sentences/venues.ts";

const SHOWN = 4;

interface EndedTriggersProps {
  readonly triggers: readonly TriggerDto[];
  readonly label: string;
  /** True where no row around them says which position it was. */
  readonly withSymbol?: boolean;
}

/** Stops and targets that are over, quietly, each with why. */
export function EndedTriggers({ triggers, label, withSymbol = false }: EndedTriggersProps) {
  const [showsAll, setShowsAll] = useState(false);
  if (triggers.length === 0) return null;
  const shown = showsAll ? triggers : triggers.slice(0, SHOWN);
  return (
    <div>
      <ul aria-label={label} className="flex flex-col gap-1.5 text-xs text-muted">
        {shown.map((trigger) => (
          <EndedTrigger key={trigger.id} trigger={trigger} withSymbol={withSymbol} />
        ))}
      </ul>
      {shown.length < triggers.length ? (
        <button
          type="button"
          onClick={() => setShowsAll(true)}
          className="inline-flex min-h-11 items-center text-xs font-medium text-accent-text hover:underline"
        >
          Show all {triggers.length}
        </button>
      ) : null}
    </div>
  );
}

function EndedTrigger({ trigger, withSymbol }: { trigger: TriggerDto; withSymbol: boolean }) {
  const { kind, symbol, venue, quantity, reason } = trigger;
  const [base = ""] = symbol.split("/");
  const Icon = TRIGGER_ICONS[kind];
  const place = venue === null ? symbol : `${symbol} on ${venueName(venue)}`;
  // What waited for an entry that filled nothing never had a quantity.
  const amount = /[1-9]/.test(quantity) ? `, ${formatQuantity(quantity)} ${base}` : "";
  return (
    <li className="flex gap-1.5">
      <Icon aria-hidden className="mt-px size-3.5 shrink-0" />
      <span className="min-w-0">
        {withSymbol ? <span className="text-text">{place}: </span> : null}
        {TRIGGER_KIND_WORDS[kind]} {triggerLevel(trigger)}
        {amount}. <span className="text-text">{triggerEndSentence(reason)}.</span>
      </span>
    </li>
  );
}
