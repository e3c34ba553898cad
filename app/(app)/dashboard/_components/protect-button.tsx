import { Shield, ShieldCheck } from "lucide-react";
import { Button } from "#components/ui/button.tsx";
import type { Decimal } from "#lib/format/decimal.ts";
import { venueName } from "#lib/sentences/venues.ts";
import type { LivePosition } from "#lib/ticket/position.ts";

/** What can be done with a position, wherever it is shown. */
export interface PositionActions {
  readonly onClose: (live: LivePosition) => void;
  readonly onProtect: (live: LivePosition) => void;
  /** What of it no stop or target covers yet; null while that is not known or for those who may not trade. */
  readonly freeOf: (live: LivePosition) => Decimal | null;
}

interface ProtectButtonProps {
  readonly live: LivePosition;
  readonly free: Decimal | null;
  readonly onProtect: (live: LivePosition) => void;
}

/** Opens the form for stops and targets; once all of the position is covered it says so instead. */
export function ProtectButton({ live, free, onProtect }: ProtectButtonProps) {
  if (free === null || live.position.quantity.startsWith("-")) return null;
  if (free.isZero()) {
    return (
      <span className="inline-flex items-center justify-center gap-1 px-1 text-xs font-medium text-gain">
        <ShieldCheck aria-hidden className="size-4" />
        Protected
      </span>
    );
  }
  return (
    <Button
      size="sm"
      onClick={() => onProtect(live)}
      aria-label={`Protect ${live.position.symbol} on ${venueName(live.position.venue)}`}
    >
      <Shield aria-hidden className="size-4" />
      Protect
    </Button>
  );
}
