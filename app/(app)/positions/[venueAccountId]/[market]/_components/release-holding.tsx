"use client";

import { useState } from "react";
import { toast } from "sonner";
import { OutcomeNotices } from "#components/adoption/outcome-notices.tsx";
import { useAdoption } from "#components/adoption/use-adoption.ts";
import { useIsOnline } from "#components/data/use-is-online.ts";
import { TextField } from "#components/ui/field.tsx";
import { FormDialog } from "#components/ui/form-dialog.tsx";
import type { PositionDto } from "#lib/contracts/trade.ts";
import { Decimal, toText } from "#lib/format/decimal.ts";
import { formatQuantity } from "#lib/format/number.ts";
import { venueName } from "#lib/sentences/venues.ts";
import { readAmount } from "#lib/ticket/adoption.ts";

interface ReleaseHoldingProps {
  readonly position: PositionDto;
  /** What of it was adopted. */
  readonly adopted: string;
  readonly onDone: () => void;
}

/** The form that takes an adopted holding out of its position again. Open while it is mounted. */
export function ReleaseHolding({ position, adopted, onDone }: ReleaseHoldingProps) {
  const isOnline = useIsOnline();
  const { symbol, venue, venueAccountId } = position;
  const [base = ""] = symbol.split("/");
  // As it was when the form was opened: what somebody is typing does not change under their hands.
  const [most] = useState(adopted);
  const [quantityText, setQuantityText] = useState(most);
  const quantity = readAmount(quantityText, new Decimal(most), "of what is held was adopted");
  const adoption = useAdoption((done) => {
    toast.success(`${formatQuantity(done.quantity)} ${base} released`, {
      description: `Yours alone again on ${venueName(venue)}.`,
    });
    onDone();
  });
  return (
    <FormDialog
      title={`Release ${base}`}
      description={`It leaves the position and stays in your account on ${venueName(venue)}. Nija no longer sells it. Nothing is traded.`}
      submitLabel={adoption.isUnknown ? "Ask again" : "Release"}
      busy={adoption.isSending}
      blocked={!(adoption.isUnknown || quantity.value !== null) || !isOnline}
      onSubmit={() => {
        if (adoption.isUnknown) adoption.repeat();
        else if (quantity.value !== null) adoption.release({ venueAccountId, symbol, quantity: toText(quantity.value) });
      }}
      onClose={onDone}
    >
      <div className="flex flex-col gap-4">
        <TextField
          label="Quantity"
          inputMode="decimal"
          autoComplete="off"
          value={quantityText}
          onChange={(event) => setQuantityText(event.target.value)}
          error={quantity.problem}
          aside={`${formatQuantity(most)} ${base} adopted`}
          disabled={adoption.isSending || adoption.isUnknown}
          suffix={<span className="px-2 text-xs font-semibold text-muted">{base}</span>}
        />
        <p className="text-xs text-muted">
          It leaves at the position's average cost, so nothing is won or lost by it. What open exits, stops and targets will sell
          stays in.
        </p>
        <OutcomeNotices refused={adoption.refused} isUnknown={adoption.isUnknown} base={base} />
      </div>
    </FormDialog>
  );
}
