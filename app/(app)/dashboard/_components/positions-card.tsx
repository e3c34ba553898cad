"use client";

import { Layers } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { ClosePosition } from "./close-position.tsx";
import { PositionCards } from "./position-cards.tsx";
import { PositionsTable } from "./positions-table.tsx";
import { Button } from "#components/ui/button.tsx";
import { Card } from "#components/ui/card.tsx";
import { EmptyState } from "#components/ui/state-panel.tsx";
import type { LivePosition } from "#lib/ticket/position.ts";

/** Open positions with live prices; each can be closed. */
export function PositionsCard({ positions }: { positions: readonly LivePosition[] }) {
  const [closingKey, setClosingKey] = useState<string | null>(null);
  const closing = positions.find((live) => positionKey(live) === closingKey) ?? null;
  const onClose = (live: LivePosition): void => setClosingKey(positionKey(live));
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
            <PositionsTable positions={positions} onClose={onClose} />
          </div>
          <PositionCards positions={positions} onClose={onClose} className="md:hidden" />
        </>
      )}
      {closing === null ? null : <ClosePosition key={closingKey} live={closing} onDone={() => setClosingKey(null)} />}
    </Card>
  );
}

function positionKey({ position }: LivePosition): string {
  return `${position.venueAccountId} ${position.symbol}`;
}
