import { Badge } from "#components/ui/badge.tsx";
import { Card } from "#components/ui/card.tsx";
import type { ExternalHoldingDto } from "#lib/contracts/account.ts";
import { formatMoney, formatQuantity, signOf } from "#lib/format/number.ts";

/** Coins in the account that Nija did not buy. Nothing is shown where there are none. */
export function ExternalHoldingsCard({ holdings }: { holdings: readonly ExternalHoldingDto[] }) {
  if (holdings.length === 0) return null;
  return (
    <Card title={`Held and not by Nija (${holdings.length})`} bodyClassName="p-0">
      <p className="border-b border-line px-4 py-3 text-xs text-muted">
        You had these before, bought them elsewhere or moved them here. Nija shows them and never sells them.
      </p>
      <ul aria-label="Held and not by Nija" className="divide-y divide-line">
        {holdings.map((holding) => (
          <Holding key={holding.asset} holding={holding} />
        ))}
      </ul>
    </Card>
  );
}

function Holding({ holding }: { holding: ExternalHoldingDto }) {
  const { asset, external, managed, value } = holding;
  const isMissing = signOf(external) < 0;
  return (
    <li className="flex min-h-14 items-center justify-between gap-3 px-4 py-2.5 text-sm">
      <div className="min-w-0">
        <p className="num font-medium">
          {formatQuantity(external)} {asset}
        </p>
        {signOf(managed) === 0 ? null : (
          <p className="num mt-0.5 truncate text-xs text-muted">
            {isMissing ? "positions say " : "beside positions of "}
            {formatQuantity(managed)} {asset}
          </p>
        )}
      </div>
      <div className="flex shrink-0 flex-col items-end gap-1">
        <span className="num">{formatMoney(value)}</span>
        {isMissing ? <Badge tone="warn">Less than positions</Badge> : <Badge>External</Badge>}
      </div>
    </li>
  );
}
