import Link from "next/link";
import type { ReactNode } from "react";
import { type PositionActions, ProtectButton } from "./protect-button.tsx";
import { Age } from "#components/numbers/age.tsx";
import { Signed } from "#components/numbers/signed.tsx";
import { Button } from "#components/ui/button.tsx";
import { cn } from "#lib/format/class-names.ts";
import { formatMoney, formatPrice, formatQuantity } from "#lib/format/number.ts";
import { venueName } from "#lib/sentences/venues.ts";
import type { LivePosition } from "#lib/ticket/position.ts";

interface PositionCardsProps extends PositionActions {
  readonly positions: readonly LivePosition[];
  readonly renderDetail: (live: LivePosition) => ReactNode;
  readonly className?: string;
}

/** Positions where a table has no room, as on a phone. */
export function PositionCards({ positions, renderDetail, onClose, onProtect, coverageOf, className }: PositionCardsProps) {
  return (
    <ul aria-label="Positions" className={cn("divide-y divide-line", className)}>
      {positions.map((live) => {
        const { position, price, priceAt, value, unrealisedPnl, fraction } = live;
        const [base = "", quote = ""] = position.symbol.split("/");
        return (
          <li key={`${position.venueAccountId} ${position.symbol}`} className="flex flex-col gap-2 px-4 py-3">
            <div className="flex items-start justify-between gap-3">
              <div className="min-w-0">
                <Link
                  href={`/positions/${position.venueAccountId}/${position.symbol.replace("/", "-")}`}
                  className="block truncate font-medium hover:underline"
                >
                  {position.symbol}
                </Link>
                <p className="truncate text-xs text-muted">
                  {venueName(position.venue)} · {position.accountLabel}
                </p>
              </div>
              <div className="text-right">
                <p className="num font-medium">{formatMoney(value, quote)}</p>
                <Signed value={unrealisedPnl} asset={quote} fraction={fraction} className="text-sm font-medium" />
              </div>
            </div>
            <p className="num flex flex-wrap justify-between gap-x-3 text-xs leading-5 text-muted">
              <span>
                {formatQuantity(position.quantity)} {base} at {formatPrice(position.averagePrice)}
              </span>
              <span>
                now {formatPrice(price)} <Age at={priceAt} />
              </span>
            </p>
            <div className="grid auto-cols-fr grid-flow-col items-center gap-2 @md:auto-cols-max @md:justify-end">
              <ProtectButton live={live} coverage={coverageOf(live)} onProtect={onProtect} />
              <Button
                size="sm"
                onClick={() => onClose(live)}
                aria-label={`Close ${position.symbol} on ${venueName(position.venue)}`}
              >
                Close
              </Button>
            </div>
            {renderDetail(live)}
          </li>
        );
      })}
    </ul>
  );
}
