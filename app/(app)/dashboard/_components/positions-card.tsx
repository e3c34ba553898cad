"use client";

import { Layers } from "lucide-react";
import Link from "next/link";
import { useCallback, useState } from "react";
import { ClosePosition } from "./close-position.tsx";
import { DustList } from "./dust-list.tsx";
import { PositionCards } from "./position-cards.tsx";
import { PositionTriggers } from "./position-triggers.tsx";
import { PositionsTable } from "./positions-table.tsx";
import { ProtectPosition } from "./protect-position.tsx";
import { useWorkspace } from "#components/data/workspace.tsx";
import { Button } from "#components/ui/button.tsx";
import { Card } from "#components/ui/card.tsx";
import { EmptyState } from "#components/ui/state-panel.tsx";
import type { TriggerDto } from "#lib/contracts/triggers.ts";
import { HELD_BY_NIJA, RESTS_AT_VENUE } from "#lib/sentences/triggers.ts";
import type { LivePosition } from "#lib/ticket/position.ts";
import { coverageOf, splitTriggers } from "#lib/ticket/protection.ts";

interface PositionsCardProps {
  readonly positions: readonly LivePosition[];
  /** Null while they are read: nothing is offered then that depends on them. */
  readonly triggers: readonly TriggerDto[] | null;
}

/** Open positions with live prices; each can be closed, and protected by stops and targets. Below them what is too small to be. */
export function PositionsCard({ positions: held, triggers }: PositionsCardProps) {
  const canTrade = useWorkspace().workspace.role !== "VIEWER";
  const positions = held.filter((live) => !live.position.isDust);
  const dust = held.filter((live) => live.position.isDust);
  // Kept as it was when asked: the fill may take the position off the list before the answer has opened the order's page.
  const [asked, setAsked] = useState<LivePosition | null>(null);
  const [toProtect, setToProtect] = useState<LivePosition | null>(null);
  const newest = (live: LivePosition): LivePosition => held.find((each) => positionKey(each) === positionKey(live)) ?? live;
  const triggersOf = useCallback((live: LivePosition) => (triggers ?? []).filter((each) => isOver(each, live)), [triggers]);
  const coverageFor = useCallback(
    (live: LivePosition) => (triggers === null || !canTrade ? null : coverageOf(live.position.quantity, triggersOf(live))),
    [triggers, canTrade, triggersOf],
  );
  const renderDetail = (live: LivePosition) => {
    const own = triggersOf(live);
    return own.length === 0 ? null : <PositionTriggers live={live} triggers={own} canTrade={canTrade} />;
  };
  const actions = { onClose: setAsked, onProtect: setToProtect, coverageOf: coverageFor, renderDetail };
  const closing = asked === null ? null : newest(asked);
  return (
    <Card title={positions.length === 0 ? "Positions" : `Positions (${positions.length})`} bodyClassName="p-0">
      {positions.length === 0 ? (
        <EmptyState
          icon={Layers}
          title="No open positions"
          text="What you buy appears here with its live price and its gain or loss."
          action={
            <Button asChild>
              <Link href="/trade">Place an order</Link>
            </Button>
          }
        />
      ) : (
        // By the card's own width, not the screen's: beside the activity it is narrower than a tablet.
        <div className="@container">
          <div className="relative hidden overflow-x-auto @min-[700px]:block">
            <PositionsTable positions={positions} {...actions} />
          </div>
          <PositionCards positions={positions} {...actions} className="@min-[700px]:hidden" />
        </div>
      )}
      <HolderNotes armed={positions.flatMap(triggersOf).filter(({ state }) => state === "ARMED")} />
      <DustList dust={dust} />
      {toProtect === null ? null : (
        <ProtectPosition
          key={positionKey(toProtect)}
          live={newest(toProtect)}
          triggers={triggersOf(toProtect)}
          onDone={() => setToProtect(null)}
        />
      )}
      {closing === null ? null : (
        <ClosePosition
          key={positionKey(closing)}
          live={closing}
          levels={splitTriggers(triggersOf(closing)).open}
          onDone={() => setAsked(null)}
        />
      )}
    </Card>
  );
}

/** What the words of a stop or a target about who holds it mean; only those that stand above. */
function HolderNotes({ armed }: { armed: readonly TriggerDto[] }) {
  const notes = [
    { words: "Rests at the venue.", meaning: RESTS_AT_VENUE, isThere: armed.some(({ heldBy }) => heldBy === "VENUE") },
    { words: "Held by Nija.", meaning: HELD_BY_NIJA, isThere: armed.some(({ heldBy }) => heldBy === "NIJA") },
  ].filter(({ isThere }) => isThere);
  if (notes.length === 0) return null;
  return (
    <div className="flex flex-col gap-1 border-t border-line px-4 py-3 text-xs text-muted">
      {notes.map(({ words, meaning }) => (
        <p key={words}>
          <span className="font-medium text-text">{words}</span> {meaning}
        </p>
      ))}
    </div>
  );
}

/** True when the trigger is one of this position's. */
export function isOver(trigger: TriggerDto, { position }: LivePosition): boolean {
  return trigger.venueAccountId === position.venueAccountId && trigger.symbol === position.symbol;
}

function positionKey({ position }: LivePosition): string {
  return `${position.venueAccountId} ${position.symbol}`;
}
