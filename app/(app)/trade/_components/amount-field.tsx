"use client";

import type { Ticket } from "./use-ticket.ts";
import { TextField } from "#components/ui/field.tsx";
import { formatMoney, formatQuantity } from "#lib/format/number.ts";
import { shareOfBalance } from "#lib/ticket/terms.ts";

const SHARES = [
  { label: "25%", share: "0.25" },
  { label: "50%", share: "0.5" },
  { label: "75%", share: "0.75" },
  { label: "Max", share: "1" },
] as const;

/** The size of the order, in base or in quote, or as a share of the balance. */
export function AmountField({ ticket }: { ticket: Ticket }) {
  const { draft, rules, terms, spendable, change } = ticket;
  const base = rules?.base ?? "Base";
  const quote = rules?.quote ?? "Quote";
  const other = draft.unit === "BASE" ? "QUOTE" : "BASE";

  function conversion(): string {
    if (terms === null || terms.quantity === null)
      return draft.unit === "QUOTE" ? `Converted to ${base} at the price shown` : `In ${base}`;
    const cost = terms.cost === null ? "" : ` for about ${formatMoney(terms.cost, quote)}`;
    return `${formatQuantity(terms.quantity, rules?.amountStep)} ${base}${cost}`;
  }

  return (
    <div className="flex flex-col gap-2">
      <TextField
        label="Quantity"
        inputMode="decimal"
        autoComplete="off"
        placeholder="0"
        value={draft.amountText}
        onChange={(event) => change({ amountText: event.target.value })}
        error={terms?.amountProblem ?? null}
        hint={conversion()}
        aside={spendable === null ? undefined : `${formatQuantity(spendable.available)} ${spendable.asset} available`}
        disabled={rules === null}
        suffix={
          <button
            type="button"
            aria-label={`Quantity in ${draft.unit === "BASE" ? base : quote}, change to ${other === "BASE" ? base : quote}`}
            onClick={() => change({ unit: other, amountText: "" })}
            disabled={rules === null}
            className="h-9 min-w-16 rounded-sm bg-hover px-3 text-xs font-semibold text-text hover:text-accent-text"
          >
            {draft.unit === "BASE" ? base : quote}
          </button>
        }
      />
      <div className="grid grid-cols-4 gap-2" role="group" aria-label="Share of the balance">
        {SHARES.map(({ label, share }) => (
          <button
            key={label}
            type="button"
            disabled={rules === null || spendable === null}
            onClick={() => {
              if (rules === null || spendable === null) return;
              const amountText = shareOfBalance(draft, rules, spendable.available, share);
              change({ unit: draft.side === "BUY" ? "QUOTE" : "BASE", amountText });
            }}
            className="num h-11 rounded-sm border border-line text-xs font-medium text-muted transition-colors duration-150 hover:border-line-strong hover:text-text disabled:opacity-45 md:h-9"
          >
            {label}
          </button>
        ))}
      </div>
    </div>
  );
}
