import { TimeText } from "#components/numbers/age.tsx";
import { filledWords, NextPart, TwapBar } from "#components/twap/twap-progress.tsx";
import { Card } from "#components/ui/card.tsx";
import type { TwapDto } from "#lib/contracts/twap.ts";
import { toDecimal } from "#lib/format/decimal.ts";
import { formatMoney, formatPrice, formatQuantity, UNKNOWN_TEXT } from "#lib/format/number.ts";
import { isRunning, paceWords } from "#lib/sentences/twaps.ts";

/** How far it is, what it has cost, and what it was asked to do. */
export function TwapFacts({ twap, venue }: { readonly twap: TwapDto; readonly venue: string }) {
  const [base = "", quote = ""] = twap.symbol.split("/");
  const { averagePrice, limitPrice, slices, passed, filled, quantity } = twap;
  const spent = toDecimal(averagePrice)?.times(filled).toFixed() ?? null;
  const left = toDecimal(quantity)?.minus(filled).toFixed() ?? null;
  const rows: readonly (readonly [string, string])[] = [
    ["Average price", averagePrice === null ? UNKNOWN_TEXT : `${formatPrice(averagePrice)} ${quote}`],
    [twap.side === "BUY" ? "Spent" : "Received", formatMoney(spent, quote)],
    ["Left", `${formatQuantity(left)} ${base}`],
    ["Parts", `${passed} of ${slices} were due`],
    ["Pace", paceWords(twap)],
    ["Worst price", limitPrice === null ? "none" : `${formatPrice(limitPrice)} ${quote}`],
    ["Venue", venue],
    ["Over time", twap.decidedBy === "RULE" ? "because it is large" : "as asked for"],
  ];
  return (
    <Card title="Progress">
      <div className="mb-4">
        <div className="flex items-baseline justify-between gap-3">
          <span className="text-sm text-muted">Filled</span>
          <span className="num font-semibold">{filledWords(twap)}</span>
        </div>
        <TwapBar twap={twap} className="mt-2" />
        <p className="num mt-2 flex justify-between gap-3 text-xs text-muted">
          <span>
            <NextPart twap={twap} />
          </span>
          {isRunning(twap) ? (
            <span>
              over at <TimeText at={twap.endsAt} />
            </span>
          ) : null}
        </p>
      </div>
      <dl className="flex flex-col gap-2.5 text-sm">
        {rows.map(([name, value]) => (
          <div key={name} className="flex justify-between gap-4">
            <dt className="text-muted">{name}</dt>
            <dd className="num text-right">{value}</dd>
          </div>
        ))}
        <div className="flex justify-between gap-4">
          <dt className="text-muted">Started</dt>
          <dd>
            <TimeText at={twap.createdAt} className="text-sm text-text" />
          </dd>
        </div>
      </dl>
    </Card>
  );
}
