"use client";

import { Layers } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { ClosePosition } from "./close-position.tsx";
import { DustList } from "./dust-list.tsx";
import { PositionCards } from "./position-cards.tsx";
import { PositionsTable } from "./positions-table.tsx";
import { Button } from "#components/ui/button.tsx";
import { Card } from "#components/ui/card.tsx";
import { EmptyState } from "#components/ui/state-panel.tsx";
import type { LivePosition } from "#lib/ticket/position.ts";

/** Open positions with live prices; each can be closed. Below them what is too small to be. */
export function PositionsCard({ positions: held }: { positions: readonly LivePosition[] }) {
  const positions = held.filter((live) => !live.position.isDust);
  const dust = held.filter((live) => live.position.isDust);
  // Kept as it was when asked: the fill may take the position off the list before the answer has opened the order's page.
  const [asked, setAsked] = useState<LivePosition | null>(null);
  const closing = asked === null ? null : (held.find((live) => positionKey(live) === positionKey(asked)) ?? asked);
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
        <>
          <div className="hidden overflow-x-auto md:block">
            <PositionsTable positions={positions} onClose={setAsked} />
          </div>
          <PositionCards positions={positions} onClose={setAsked} className="md:hidden" />
        </>
      )}
      <DustList dust={dust} />
      {closing === null ? null : <ClosePosition key={positionKey(closing)} live={closing} onDone={() => setAsked(null)} />}
    </Card>
  );
}

function positionKey({ position }: LivePosition): string {
  return `${position.venueAccountId} ${position.symbol}`;
}
