"use client";

import type { Ticket } from "./use-ticket.ts";
import { Age } from "#components/numbers/age.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { Card } from "#components/ui/card.tsx";
import { cn } from "#lib/format/class-names.ts";
import { formatPrice } from "#lib/format/number.ts";
import { venueName } from "#lib/sentences/venues.ts";

/** Best bid and ask per venue, live, with the age of what is not. */
export function QuotesCard({ ticket }: { ticket: Ticket }) {
  const { draft, quotes, best, listed } = ticket;
  const sorted = [...quotes].sort((a, b) => a.venue.localeCompare(b.venue) || a.mode.localeCompare(b.mode));
  return (
    <Card title={draft.symbol === null ? "Prices" : `Prices of ${draft.symbol}`} bodyClassName="p-0">
      {sorted.length === 0 ? (
        <p className="px-4 py-6 text-center text-sm text-muted">
          {draft.symbol === null ? "Choose a symbol to see its prices." : "No venue has a price for this market yet."}
        </p>
      ) : (
        <table className="w-full text-sm">
          <thead>
            <tr className="border-b border-line text-xs text-muted">
              <th scope="col" className="px-4 py-2 text-left font-medium">
                Venue
              </th>
              <th scope="col" className="px-2 py-2 text-right font-medium">
                Bid
              </th>
              <th scope="col" className="px-4 py-2 text-right font-medium">
                Ask
              </th>
            </tr>
          </thead>
          <tbody className="divide-y divide-line">
            {sorted.map((quote) => {
              const isBest = best?.venue === quote.venue;
              const tick = listed.find((market) => market.venue === quote.venue && market.mode === quote.mode)?.priceTick;
              return (
                <tr key={`${quote.venue} ${quote.mode}`} className="h-12">
                  <th scope="row" className="px-4 text-left font-medium">
                    <span className="flex flex-wrap items-center gap-x-2">
                      {venueName(quote.venue)}
                      {isBest ? <Badge tone="accent">Best</Badge> : null}
                      <Age at={quote.at} />
                    </span>
                  </th>
                  <td className={cn("num px-2 text-right", isBest && draft.side === "SELL" ? "font-semibold" : "text-muted")}>
                    {formatPrice(quote.bid, tick)}
                  </td>
                  <td className={cn("num px-4 text-right", isBest && draft.side === "BUY" ? "font-semibold" : "text-muted")}>
                    {formatPrice(quote.ask, tick)}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
    </Card>
  );
}
