"use client";

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { toast } from "sonner";
import { OutcomeNotices } from "#components/adoption/outcome-notices.tsx";
import { useAdoption } from "#components/adoption/use-adoption.ts";
import { useTRPC } from "#components/data/trpc.tsx";
import { useIsOnline } from "#components/data/use-is-online.ts";
import { useSymbolQuotes } from "#components/data/use-quotes.ts";
import { useWorkspace } from "#components/data/workspace.tsx";
import { Age } from "#components/numbers/age.tsx";
import { TextField } from "#components/ui/field.tsx";
import { FormDialog } from "#components/ui/form-dialog.tsx";
import { NativeSelect } from "#components/ui/native-select.tsx";
import { Notice } from "#components/ui/notice.tsx";
import { Segmented } from "#components/ui/segmented.tsx";
import type { ExternalHoldingDto, VenueAccountDto } from "#lib/contracts/account.ts";
import { Decimal, toText } from "#lib/format/decimal.ts";
import { formatPrice, formatQuantity } from "#lib/format/number.ts";
import { venueName } from "#lib/sentences/venues.ts";
import { readAmount, readUnitCost, symbolsOf } from "#lib/ticket/adoption.ts";

interface AdoptHoldingProps {
  readonly account: VenueAccountDto;
  readonly holding: ExternalHoldingDto;
  readonly onDone: () => void;
}

const COST_KINDS = [
  { value: "NOW", label: "The price now" },
  { value: "OWN", label: "What I paid" },
] as const;

/** The form that makes a holding a position. Open while it is mounted. */
export function AdoptHolding({ account, holding, onDone }: AdoptHoldingProps) {
  const trpc = useTRPC();
  const { workspace } = useWorkspace();
  const isOnline = useIsOnline();
  const { asset, external } = holding;
  const markets = useQuery(trpc.trade.markets.queryOptions({ workspaceId: workspace.id }, { staleTime: 300_000 }));
  const symbols = symbolsOf(markets.data ?? [], account.venue, account.mode, asset);
  const [chosen, setChosen] = useState<string | null>(null);
  const symbol = chosen ?? symbols[0] ?? null;
  const quote = symbol?.split("/")[1] ?? "";
  const book = useSymbolQuotes(symbol).find((each) => each.venue === account.venue && each.mode === account.mode);
  const bid = book?.bid ?? null;

  const [quantityText, setQuantityText] = useState(external);
  const [costKind, setCostKind] = useState<"NOW" | "OWN">("NOW");
  const [costText, setCostText] = useState("");
  const quantity = readAmount(quantityText, new Decimal(external), "are outside of positions");
  const cost = readUnitCost(costText);
  const adoption = useAdoption((done) => {
    toast.success(`${formatQuantity(done.quantity)} ${asset} adopted`, {
      description: `${done.symbol} on ${venueName(account.venue)}, at ${formatPrice(done.unitCost)} each.`,
    });
    onDone();
  });
  const isLocked = adoption.isSending || adoption.isUnknown;
  const isReady = symbol !== null && quantity.value !== null && (costKind === "NOW" || cost.value !== null);

  return (
    <FormDialog
      title={`Adopt ${asset}`}
      description={`It becomes a position. Exits, stops and targets that you set, and a kill switch that closes positions, may then sell it on ${venueName(account.venue)}. Nothing is traded now.`}
      submitLabel={adoption.isUnknown ? "Ask again" : "Adopt"}
      busy={adoption.isSending}
      blocked={!(adoption.isUnknown || isReady) || !isOnline}
      onSubmit={() => {
        if (adoption.isUnknown) adoption.repeat();
        else if (symbol !== null && quantity.value !== null) {
          const unitCost = costKind === "NOW" || cost.value === null ? null : toText(cost.value);
          adoption.adopt({ venueAccountId: account.id, symbol, quantity: toText(quantity.value), unitCost });
        }
      }}
      onClose={onDone}
    >
      <div className="flex flex-col gap-4">
        {markets.data !== undefined && symbols.length === 0 ? (
          <Notice tone="warn">{venueName(account.venue)} lists no market that Nija could sell this in.</Notice>
        ) : null}
        {symbols.length > 1 ? (
          <NativeSelect
            label="Market"
            value={symbol ?? ""}
            options={symbols.map((each) => ({ value: each, label: each }))}
            onValueChange={setChosen}
            disabled={isLocked}
          />
        ) : null}
        <TextField
          label="Quantity"
          inputMode="decimal"
          autoComplete="off"
          value={quantityText}
          onChange={(event) => setQuantityText(event.target.value)}
          error={quantity.problem}
          aside={`${formatQuantity(external)} ${asset} outside of positions`}
          disabled={isLocked}
          suffix={<span className="px-2 text-xs font-semibold text-muted">{asset}</span>}
        />
        <div className="flex flex-col gap-1.5">
          <p aria-hidden className="text-sm font-medium">
            Cost
          </p>
          <Segmented
            label="Cost that profit and loss start from"
            value={costKind}
            onValueChange={setCostKind}
            options={COST_KINDS}
            disabled={isLocked}
          />
          {costKind === "NOW" ? (
            <p className="mt-1.5 flex min-h-6 flex-wrap items-center gap-x-2 text-sm text-muted">
              <span className="num">
                Best bid <span className="font-semibold text-text">{formatPrice(bid)}</span> {quote}
              </span>
              <Age at={book?.at ?? null} />
            </p>
          ) : (
            <TextField
              className="mt-2.5"
              label={`Paid for one ${asset}`}
              inputMode="decimal"
              autoComplete="off"
              value={costText}
              onChange={(event) => setCostText(event.target.value)}
              error={cost.problem}
              disabled={isLocked}
              suffix={<span className="px-2 text-xs font-semibold text-muted">{quote}</span>}
            />
          )}
        </div>
        <p className="text-xs text-muted">
          Profit and loss count from this cost. You can release it again on the position's page as long as nothing is set to sell
          it.
        </p>
        <OutcomeNotices refused={adoption.refused} isUnknown={adoption.isUnknown} base={asset} />
      </div>
    </FormDialog>
  );
}
