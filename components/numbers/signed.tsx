import { ArrowDownRight, ArrowUpRight, Minus } from "lucide-react";
import { cn } from "#lib/format/class-names.ts";
import { formatMoney, formatPercent, signOf, UNKNOWN_TEXT } from "#lib/format/number.ts";

interface SignedProps {
  readonly value: string | null;
  readonly asset?: string;
  /** A fraction shown in brackets behind the amount. */
  readonly fraction?: string | null;
  readonly withArrow?: boolean;
  readonly className?: string;
}

/** A gain or a loss: sign, arrow and colour say the same thing. Unknown is a dash. */
export function Signed({ value, asset = "USD", fraction = null, withArrow = true, className }: SignedProps) {
  if (value === null) {
    return (
      <span className={cn("num text-muted", className)} title="Not known: a price is missing">
        {UNKNOWN_TEXT}
      </span>
    );
  }
  const sign = signOf(value);
  const Arrow = sign > 0 ? ArrowUpRight : sign < 0 ? ArrowDownRight : Minus;
  return (
    <span className={cn("num inline-flex items-center gap-1", sign > 0 && "text-gain", sign < 0 && "text-loss", className)}>
      {withArrow ? <Arrow aria-hidden className="size-[1em] shrink-0" strokeWidth={2.25} /> : null}
      {formatMoney(value, asset, "always")}
      {fraction === null ? null : <span className="text-[0.86em] opacity-85">({formatPercent(fraction, "always")})</span>}
    </span>
  );
}
