import { Layers } from "lucide-react";
import { TimeText } from "#components/numbers/age.tsx";
import { Signed } from "#components/numbers/signed.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { Card } from "#components/ui/card.tsx";
import { EmptyState } from "#components/ui/state-panel.tsx";
import type { LotDto, PositionDetailDto } from "#lib/contracts/position.ts";
import { formatMoney, formatPrice, formatQuantity } from "#lib/format/number.ts";

interface LotsCardProps {
  readonly detail: PositionDetailDto;
  readonly base: string;
  readonly quote: string;
}

/** The buys and adoptions that the position is made of, oldest first: the first is the next to be sold. */
export function LotsCard({ detail, base, quote }: LotsCardProps) {
  const { lots } = detail;
  return (
    <Card title={lots.length === 0 ? "Lots" : `Lots (${lots.length})`} bodyClassName="p-0">
      {lots.length === 0 ? (
        <EmptyState icon={Layers} title="Nothing is held" text="Every buy opens a lot here, and sells take the oldest first." />
      ) : (
        <ul aria-label="Lots" className="divide-y divide-line">
          {lots.map((lot) => (
            <LotRow key={lot.fillId ?? lot.adoptionId ?? "none"} lot={lot} base={base} quote={quote} />
          ))}
        </ul>
      )}
    </Card>
  );
}

function LotRow({ lot, base, quote }: { lot: LotDto; base: string; quote: string }) {
  return (
    <li className="flex min-h-14 items-center justify-between gap-3 px-4 py-2.5 text-sm">
      <div className="min-w-0">
        <p className="num font-medium">
          {formatQuantity(lot.quantity)} {base}
          {lot.unitCost === null ? null : <span className="font-normal text-muted"> at {formatPrice(lot.unitCost)}</span>}
          {lot.adoptionId === null ? null : <Badge className="ml-2">Adopted</Badge>}
        </p>
        <p className="num mt-0.5 truncate text-xs text-muted">
          {lot.openedAt === null ? "Came without a buy" : <TimeText at={lot.openedAt} />}
          {` · cost ${formatMoney(lot.cost, quote)}`}
        </p>
      </div>
      <Signed value={lot.unrealisedPnl} asset={quote} className="shrink-0 font-medium" />
    </li>
  );
}
