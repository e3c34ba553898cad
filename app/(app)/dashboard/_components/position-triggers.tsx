"use client";

import { useState } from "react";
import { EndedTriggers } from "#components/triggers/ended-triggers.tsx";
import { RemoveTrigger } from "#components/triggers/remove-trigger.tsx";
import { TriggerTile } from "#components/triggers/trigger-tile.tsx";
import type { TriggerDto } from "#lib/contracts/triggers.ts";
import type { LivePosition } from "#lib/ticket/position.ts";
import { splitTriggers } from "#lib/ticket/protection.ts";

interface PositionTriggersProps {
  readonly live: LivePosition;
  /** Those of this position. */
  readonly triggers: readonly TriggerDto[];
  readonly canTrade: boolean;
}

/** What watches over a position, beneath it, and what did today. */
export function PositionTriggers({ live, triggers, canTrade }: PositionTriggersProps) {
  const [removing, setRemoving] = useState<TriggerDto | null>(null);
  const { open, ended } = splitTriggers(triggers);
  const { symbol, quantity, averagePrice } = live.position;
  const basis = { price: live.price, entryPrice: averagePrice, quantity };
  return (
    <div className="flex flex-col gap-2">
      {open.length === 0 ? null : (
        <ul aria-label={`Stops and targets of ${symbol}`} className="grid gap-2 @lg:grid-cols-2">
          {open.map((trigger) => (
            <TriggerTile key={trigger.id} trigger={trigger} basis={basis} onRemove={canTrade ? setRemoving : undefined} />
          ))}
        </ul>
      )}
      <EndedTriggers triggers={ended} label={`Ended stops and targets of ${symbol}`} />
      {removing === null ? null : (
        <RemoveTrigger
          key={removing.id}
          trigger={removing}
          hasOther={open.some((other) => other.groupId === removing.groupId && other.id !== removing.id)}
          onDone={() => setRemoving(null)}
        />
      )}
    </div>
  );
}
