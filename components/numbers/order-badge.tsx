import { CircleCheck, CircleHelp, CircleX, LoaderCircle, MinusCircle } from "lucide-react";
import { Badge } from "#components/ui/badge.tsx";
import type { OrderStateWord } from "#lib/contracts/scalars.ts";
import { ORDER_STATE_WORDS, type Tone } from "#lib/sentences/orders.ts";

const ICONS = {
  neutral: MinusCircle,
  progress: LoaderCircle,
  good: CircleCheck,
  bad: CircleX,
  warn: CircleHelp,
} as const satisfies Record<Tone, unknown>;

/** The state of an order: a word, an icon and a colour. */
export function OrderBadge({ state }: { state: OrderStateWord }) {
  const { label, tone } = ORDER_STATE_WORDS[state];
  const Icon = ICONS[tone];
  return (
    <Badge tone={tone}>
      <Icon aria-hidden className="size-3.5" />
      {label}
    </Badge>
  );
}

/** Buy or sell, in the colours of gain and loss only by convention; the word carries the meaning. */
export function SideText({ side }: { side: "BUY" | "SELL" }) {
  return (
    <span className={side === "BUY" ? "font-medium text-gain" : "font-medium text-loss"}>{side === "BUY" ? "Buy" : "Sell"}</span>
  );
}
