import { formatMoney, formatQuantity } from "#lib/format/number.ts";
import { venueName } from "#lib/sentences/venues.ts";
import type { LivePosition } from "#lib/ticket/position.ts";

/** What is left of closed positions and too small for any order: named quietly, with why it cannot be closed. */
export function DustList({ dust }: { dust: readonly LivePosition[] }) {
  if (dust.length === 0) return null;
  return (
    <div className="border-t border-line px-4 py-3 text-xs text-muted">
      <p>
        <span className="font-medium text-text">Dust.</span> Less than the venue's smallest order, so it cannot be closed by
        itself. It can be sold together with what you buy later.
      </p>
      <ul aria-label="Dust" className="mt-1.5 flex flex-wrap gap-x-5 gap-y-1">
        {dust.map(({ position, value }) => {
          const [base = "", quote = ""] = position.symbol.split("/");
          return (
            <li key={`${position.venueAccountId} ${position.symbol}`} className="num">
              {formatQuantity(position.quantity)} {base} on {venueName(position.venue)}
              {value === null ? "" : `, worth ${formatMoney(value, quote)}`}
            </li>
          );
        })}
      </ul>
    </div>
  );
}
