"use client";

import { Check } from "lucide-react";
import { Checkbox } from "radix-ui";
import { useId } from "react";
import type { Ticket } from "./use-ticket.ts";
import { TextField } from "#components/ui/field.tsx";
import { NativeSelect } from "#components/ui/native-select.tsx";
import { formatPrice } from "#lib/format/number.ts";
import { timeInForce } from "#lib/contracts/scalars.ts";

const TIMES = [
  { value: "GTC", label: "Good till canceled" },
  { value: "IOC", label: "Immediate or cancel" },
  { value: "FOK", label: "Fill or kill" },
] as const;

/** What only a limit order has: its price, how long it rests, and whether it may take liquidity. */
export function LimitOptions({ ticket }: { ticket: Ticket }) {
  const { draft, rules, terms, best, change } = ticket;
  const checkboxId = useId();
  return (
    <>
      <TextField
        label="Limit price"
        inputMode="decimal"
        autoComplete="off"
        placeholder={best === null ? "0" : formatPrice(best.price, rules?.priceTick)}
        value={draft.priceText}
        onChange={(event) => change({ priceText: event.target.value })}
        error={terms?.priceProblem ?? null}
        hint={rules === null ? undefined : `In ${rules.quote}, steps of ${rules.priceTick}`}
        disabled={rules === null}
        suffix={
          best === null ? undefined : (
            <button
              type="button"
              onClick={() => change({ priceText: best.price })}
              className="h-9 rounded-sm bg-hover px-3 text-xs font-semibold text-text hover:text-accent-text"
            >
              {draft.side === "BUY" ? "Best ask" : "Best bid"}
            </button>
          )
        }
      />
      <div className="grid gap-3 sm:grid-cols-2 sm:items-end">
        <NativeSelect
          label="Time in force"
          value={draft.postOnly ? "GTC" : draft.timeInForce}
          disabled={draft.postOnly}
          options={TIMES}
          onValueChange={(value) => change({ timeInForce: timeInForce.parse(value) })}
        />
        <label htmlFor={checkboxId} className="flex h-12 cursor-pointer items-center gap-3 md:h-11">
          <Checkbox.Root
            id={checkboxId}
            checked={draft.postOnly}
            onCheckedChange={(checked) => change({ postOnly: checked === true })}
            className="grid size-6 shrink-0 place-items-center rounded-sm border border-line-strong bg-raised data-[state=checked]:border-accent data-[state=checked]:bg-accent data-[state=checked]:text-on-accent"
          >
            <Checkbox.Indicator>
              <Check aria-hidden className="size-4" strokeWidth={3} />
            </Checkbox.Indicator>
          </Checkbox.Root>
          <span className="text-sm">Post only</span>
        </label>
      </div>
    </>
  );
}
