import { TimeText } from "#components/numbers/age.tsx";
import { Signed } from "#components/numbers/signed.tsx";
import { Card } from "#components/ui/card.tsx";
import type { FillDto } from "#lib/contracts/trade.ts";
import { formatPrice, formatQuantity, signOf } from "#lib/format/number.ts";

/** The executions the venue has reported. */
export function FillsCard({ fills, symbol }: { fills: readonly FillDto[]; symbol: string }) {
  const [base = "", quote = ""] = symbol.split("/");
  return (
    <Card title={fills.length === 0 ? "Fills" : `Fills (${fills.length})`} bodyClassName="p-0">
      {fills.length === 0 ? (
        <p className="px-4 py-6 text-center text-sm text-muted">No fill has been reported yet.</p>
      ) : (
        <ul aria-label="Fills" className="divide-y divide-line">
          {fills.map((fill) => (
            <li key={fill.id} className="flex min-h-14 items-center justify-between gap-3 px-4 py-2.5 text-sm">
              <div className="min-w-0">
                <p className="num font-medium">
                  {formatQuantity(fill.quantity)} {base} at {formatPrice(fill.price)}
                </p>
                <p className="num mt-0.5 truncate text-xs text-muted">
                  Fee {formatQuantity(fill.fee)} {fill.feeAsset} · {fill.maker ? "maker" : "taker"} · {fill.venueTradeId}
                </p>
              </div>
              <div className="flex shrink-0 flex-col items-end gap-0.5">
                {signOf(fill.realisedPnl) === 0 ? null : (
                  <Signed value={fill.realisedPnl} asset={quote} className="text-sm font-medium" />
                )}
                <TimeText at={fill.executedAt} />
              </div>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
