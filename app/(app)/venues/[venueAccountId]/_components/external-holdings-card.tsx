"use client";

import { useState } from "react";
import { AdoptHolding } from "./adopt-holding.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { Button } from "#components/ui/button.tsx";
import { Card } from "#components/ui/card.tsx";
import type { ExternalHoldingDto, VenueAccountDto } from "#lib/contracts/account.ts";
import { formatMoney, formatQuantity, signOf } from "#lib/format/number.ts";

interface ExternalHoldingsCardProps {
  readonly account: VenueAccountDto;
  readonly holdings: readonly ExternalHoldingDto[];
  readonly canAdopt: boolean;
}

/** Coins in the account that Nija did not buy. Nothing is shown where there are none. */
export function ExternalHoldingsCard({ account, holdings, canAdopt }: ExternalHoldingsCardProps) {
  const [adopting, setAdopting] = useState<ExternalHoldingDto | null>(null);
  return (
    <>
      {holdings.length === 0 ? null : (
        <Card title={`Held and not by Nija (${holdings.length})`} bodyClassName="p-0">
          <p className="border-b border-line px-4 py-3 text-xs text-muted">
            You had these before, bought them elsewhere or moved them here. Nija shows them and never sells them unless you adopt
            them.
          </p>
          <ul aria-label="Held and not by Nija" className="divide-y divide-line">
            {holdings.map((holding) => (
              <Holding key={holding.asset} holding={holding} onAdopt={canAdopt ? () => setAdopting(holding) : null} />
            ))}
          </ul>
        </Card>
      )}
      {/* It outlives its row and the card: a holding is gone from the list as soon as it is adopted, before the answer is here. */}
      {adopting === null ? null : <AdoptHolding account={account} holding={adopting} onDone={() => setAdopting(null)} />}
    </>
  );
}

function Holding({ holding, onAdopt }: { holding: ExternalHoldingDto; onAdopt: (() => void) | null }) {
  const { asset, external, managed, value } = holding;
  const isMissing = signOf(external) < 0;
  return (
    <li className="flex min-h-14 items-center justify-between gap-3 px-4 py-2.5 text-sm">
      <div className="min-w-0 flex-1">
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
      {onAdopt === null || isMissing ? null : (
        <Button size="sm" aria-label={`Adopt ${asset}`} onClick={onAdopt}>
          Adopt
        </Button>
      )}
    </li>
  );
}
