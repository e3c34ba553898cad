"use client";

import { ChevronRight, X } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { EndedTriggers } from "#components/triggers/ended-triggers.tsx";
import { RemoveTrigger } from "#components/triggers/remove-trigger.tsx";
import { TRIGGER_ICONS } from "#components/triggers/trigger-tile.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { Card } from "#components/ui/card.tsx";
import type { TriggerDto } from "#lib/contracts/triggers.ts";
import { TRIGGER_KIND_WORDS, triggerLevel, triggerStateWords } from "#lib/sentences/triggers.ts";
import { splitTriggers } from "#lib/ticket/protection.ts";

interface OtherTriggersProps {
  /** Those without an open position. */
  readonly triggers: readonly TriggerDto[];
  readonly canTrade: boolean;
}

/** Stops and targets without an open position: those that wait for an entry, and those that ended today with why. */
export function OtherTriggers({ triggers, canTrade }: OtherTriggersProps) {
  const [removing, setRemoving] = useState<TriggerDto | null>(null);
  if (triggers.length === 0) return null;
  const { open, ended } = splitTriggers(triggers);
  return (
    <Card title="Other stops and targets" bodyClassName="p-0">
      {open.length === 0 ? null : (
        <ul aria-label="Waiting stops and targets" className="divide-y divide-line">
          {open.map((trigger) => (
            <WaitingTrigger key={trigger.id} trigger={trigger} onRemove={canTrade ? setRemoving : null} />
          ))}
        </ul>
      )}
      {ended.length === 0 ? null : (
        <div className="border-line px-4 py-3 not-first:border-t">
          <EndedTriggers triggers={ended} label="Ended stops and targets" withSymbol />
        </div>
      )}
      {removing === null ? null : (
        <RemoveTrigger
          key={removing.id}
          trigger={removing}
          hasOther={open.some((other) => other.groupId === removing.groupId && other.id !== removing.id)}
          onDone={() => setRemoving(null)}
        />
      )}
    </Card>
  );
}

interface WaitingTriggerProps {
  readonly trigger: TriggerDto;
  readonly onRemove: ((trigger: TriggerDto) => void) | null;
}

function WaitingTrigger({ trigger, onRemove }: WaitingTriggerProps) {
  const { kind, symbol, state, entryOrderId } = trigger;
  const { label, tone } = triggerStateWords(state);
  const Icon = TRIGGER_ICONS[kind];
  return (
    <li className="flex min-h-14 items-center gap-3 py-1.5 pl-4 pr-2">
      <Icon aria-hidden className="size-4 shrink-0 text-muted" />
      <div className="min-w-0 flex-1 py-1 text-sm">
        <p>
          <span className="font-medium">{symbol}</span>{" "}
          <span className="text-muted">
            {TRIGGER_KIND_WORDS[kind]} {triggerLevel(trigger)}
          </span>
        </p>
        {state === "PENDING" && entryOrderId !== null ? (
          <Link
            href={`/orders/${entryOrderId}`}
            className="-mb-2 inline-flex min-h-9 items-center gap-1 text-xs text-accent-text hover:underline md:mb-0 md:min-h-6"
          >
            Waiting for its entry order
            <ChevronRight aria-hidden className="size-3.5" />
          </Link>
        ) : null}
      </div>
      {state === "PENDING" ? null : <Badge tone={tone}>{label}</Badge>}
      {onRemove === null || state === "FIRED" ? null : (
        <button
          type="button"
          onClick={() => onRemove(trigger)}
          aria-label={`Remove the ${TRIGGER_KIND_WORDS[kind].toLowerCase()} of ${symbol}`}
          className="grid size-11 shrink-0 place-items-center rounded-md text-muted transition-colors duration-150 hover:bg-hover hover:text-text"
        >
          <X aria-hidden className="size-4" />
        </button>
      )}
    </li>
  );
}
