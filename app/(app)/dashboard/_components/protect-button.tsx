import { Crosshair, Shield, ShieldCheck } from "lucide-react";
import { Button } from "#components/ui/button.tsx";
import { cn } from "#lib/format/class-names.ts";
import { venueName } from "#lib/sentences/venues.ts";
import type { LivePosition } from "#lib/ticket/position.ts";
import type { Coverage } from "#lib/ticket/protection.ts";

/** What can be done with a position, wherever it is shown. */
export interface PositionActions {
  readonly onClose: (live: LivePosition) => void;
  readonly onProtect: (live: LivePosition) => void;
  /** What its stops and targets cover; null while that is not known or for those who may not trade. */
  readonly coverageOf: (live: LivePosition) => Coverage | null;
}

interface ProtectButtonProps {
  readonly live: LivePosition;
  readonly coverage: Coverage | null;
  readonly onProtect: (live: LivePosition) => void;
}

/** Opens the form for stops and targets; once all of the position is covered it says by what instead. */
export function ProtectButton({ live, coverage, onProtect }: ProtectButtonProps) {
  if (coverage === null || live.position.quantity.startsWith("-")) return null;
  if (coverage.free.isZero()) {
    const { lacksStop } = coverage;
    const Icon = lacksStop ? Crosshair : ShieldCheck;
    return (
      <span
        title={lacksStop ? "No stop: remove the target to set both" : undefined}
        className={cn(
          "inline-flex items-center justify-center gap-1 px-1 text-xs font-medium",
          lacksStop ? "text-warn" : "text-gain",
        )}
      >
        <Icon aria-hidden className="size-4" />
        {lacksStop ? "No stop" : "Protected"}
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
