"use client";

import { Crosshair, Eye, Landmark, Shield, ShieldHalf, X } from "lucide-react";
import { Signed } from "#components/numbers/signed.tsx";
import { Badge } from "#components/ui/badge.tsx";
import type { TriggerDto } from "#lib/contracts/triggers.ts";
import { Decimal, toDecimal } from "#lib/format/decimal.ts";
import { formatPercent, formatPrice, formatQuantity } from "#lib/format/number.ts";
import { distanceWords, heldReason, holderWords, TRIGGER_KIND_WORDS, triggerStateWords } from "#lib/sentences/triggers.ts";
import { fractionOfBps, type LevelsBasis, viewLevel } from "#lib/ticket/protection.ts";

export const TRIGGER_ICONS = {
  STOP_LOSS: Shield,
  TRAILING_STOP: ShieldHalf,
  TAKE_PROFIT: Crosshair,
} as const satisfies Record<TriggerDto["kind"], unknown>;

/** Who holds it, and why if it is not the venue. */
function Holder({ trigger }: { trigger: TriggerDto }) {
  const reason = heldReason(trigger);
  const Icon = trigger.heldBy === "VENUE" ? Landmark : Eye;
  return (
    <p className="flex min-w-0 items-center gap-1.5 text-xs text-muted">
      <Icon aria-hidden className="size-3.5 shrink-0" />
      <span className="min-w-0">
        <span className="font-medium text-text">{holderWords(trigger)}</span>
        {reason === null ? "" : `: ${reason}`}
      </span>
    </p>
  );
}

interface TriggerTileProps {
  readonly trigger: TriggerDto;
  /** The position it sells, at its present price. */
  readonly basis: LevelsBasis;
  /** Absent for those who may not trade. */
  readonly onRemove?: ((trigger: TriggerDto) => void) | undefined;
}

/** One stop or target that is watched or selling: where, how far away, how much, and what it would make. */
export function TriggerTile({ trigger, basis, onRemove }: TriggerTileProps) {
  const { kind, state, quantity, stopPrice, trailBps, symbol } = trigger;
  const [base = "", quote = ""] = symbol.split("/");
  const { label, tone } = triggerStateWords(state);
  const Icon = TRIGGER_ICONS[kind];
  const level = toDecimal(stopPrice);
  // A fee taken in base leaves less than was bought.
  const sold = Decimal.min(quantity, basis.quantity ?? quantity).toFixed();
  const view = level === null ? null : viewLevel(level, { ...basis, quantity: sold });
  const distance = distanceWords(view?.distance ?? null);
  return (
    <li className="flex min-w-0 items-stretch rounded-md border border-line bg-raised">
      <div className="flex min-w-0 flex-1 flex-col gap-1 py-2.5 pl-3 pr-2">
        <div className="flex items-center justify-between gap-2">
          <span className="flex min-w-0 items-center gap-1.5 text-xs text-muted">
            <Icon aria-hidden className="size-3.5 shrink-0" />
            <span className="truncate">
              {TRIGGER_KIND_WORDS[kind]}
              {trailBps === null ? "" : ` ${formatPercent(fractionOfBps(trailBps))}`}
            </span>
          </span>
          <Badge tone={tone} className="h-5 px-1.5">
            {label}
          </Badge>
        </div>
        <div className="flex items-baseline justify-between gap-2">
          <span className="num text-sm font-semibold">
            {stopPrice === null ? "Set by the first price" : formatPrice(stopPrice)}
          </span>
          {view === null ? null : <Signed value={view.pnl} asset={quote} className="text-sm font-medium" />}
        </div>
        <p className="num flex justify-between gap-2 text-xs text-muted">
          <span>{distance === null ? "" : `${distance} the price`}</span>
          <span>
            {formatQuantity(sold)} {base}
          </span>
        </p>
        {state === "ARMED" ? <Holder trigger={trigger} /> : null}
      </div>
      {onRemove === undefined || state === "FIRED" ? null : (
        <button
          type="button"
          onClick={() => onRemove(trigger)}
          aria-label={`Remove the ${TRIGGER_KIND_WORDS[kind].toLowerCase()} of ${symbol}`}
          className="grid w-11 shrink-0 place-items-center rounded-r-md border-l border-line text-muted transition-colors duration-150 hover:bg-hover hover:text-text"
        >
          <X aria-hidden className="size-4" />
        </button>
      )}
    </li>
  );
}
