"use client";

import { useState } from "react";
import { ReleaseHolding } from "./release-holding.tsx";
import { useWorkspace } from "#components/data/workspace.tsx";
import { Button } from "#components/ui/button.tsx";
import type { PositionDetailDto } from "#lib/contracts/position.ts";
import { Decimal, toText } from "#lib/format/decimal.ts";
import { formatQuantity, signOf } from "#lib/format/number.ts";

/** What of the position was adopted, and the way out. Nothing is shown where nothing was. */
export function ReleaseAdopted({ detail, base }: { detail: PositionDetailDto; base: string }) {
  const { workspace } = useWorkspace();
  const [isOpen, setIsOpen] = useState(false);
  const lots = detail.lots.filter(({ adoptionId }) => adoptionId !== null);
  const adopted = toText(lots.reduce((sum, { quantity }) => sum.plus(quantity), new Decimal(0)));
  if (signOf(adopted) === 0 && !isOpen) return null;
  return (
    <div className="mt-3 flex items-center justify-between gap-3 border-t border-line pt-3 text-sm">
      <p className="min-w-0 text-muted">
        <span className="num text-text">
          {formatQuantity(adopted)} {base}
        </span>{" "}
        of it adopted
      </p>
      {workspace.role === "VIEWER" ? null : (
        <Button size="sm" onClick={() => setIsOpen(true)}>
          Release
        </Button>
      )}
      {isOpen ? <ReleaseHolding position={detail.position} adopted={adopted} onDone={() => setIsOpen(false)} /> : null}
    </div>
  );
}
