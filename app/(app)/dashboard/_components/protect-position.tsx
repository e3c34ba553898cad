"use client";

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { toast } from "sonner";
import { useProtect } from "./use-protect.ts";
import { useTRPC } from "#components/data/trpc.tsx";
import { useIsOnline } from "#components/data/use-is-online.ts";
import { useSymbolQuotes } from "#components/data/use-quotes.ts";
import { useWorkspace } from "#components/data/workspace.tsx";
import { Age } from "#components/numbers/age.tsx";
import { LevelFields } from "#components/triggers/level-fields.tsx";
import { TextField } from "#components/ui/field.tsx";
import { FormDialog } from "#components/ui/form-dialog.tsx";
import { Notice } from "#components/ui/notice.tsx";
import type { TriggerDto } from "#lib/contracts/triggers.ts";
import { toText } from "#lib/format/decimal.ts";
import { formatPrice, formatQuantity } from "#lib/format/number.ts";
import { bracketName, describeTriggerError, WHO_HOLDS } from "#lib/sentences/triggers.ts";
import { venueName } from "#lib/sentences/venues.ts";
import type { LivePosition } from "#lib/ticket/position.ts";
import {
  coverageOf,
  type LevelsDraft,
  NO_LEVELS,
  readLevels,
  readQuantity,
  smallestOrderProblem,
} from "#lib/ticket/protection.ts";

interface ProtectPositionProps {
  readonly live: LivePosition;
  /** Those of this position. */
  readonly triggers: readonly TriggerDto[];
  readonly onDone: () => void;
}

/** The form that puts a stop, a trailing stop or a target over a position. Open while it is mounted. */
export function ProtectPosition({ live, triggers, onDone }: ProtectPositionProps) {
  const { workspace } = useWorkspace();
  const trpc = useTRPC();
  const isOnline = useIsOnline();
  const { position } = live;
  const { symbol, venue, mode, venueAccountId } = position;
  const [base = "", quote = ""] = symbol.split("/");
  const markets = useQuery(trpc.trade.markets.queryOptions({ workspaceId: workspace.id }, { staleTime: 300_000 }));
  const market = markets.data?.find((each) => each.venue === venue && each.mode === mode && each.symbol === symbol);
  const tick = market?.priceTick ?? "0";
  const book = useSymbolQuotes(symbol).find((each) => each.venue === venue && each.mode === mode);
  const bid = book?.bid ?? null;

  const [draft, setDraft] = useState<LevelsDraft>(NO_LEVELS);
  const [quantityText, setQuantityText] = useState("");
  const { free } = coverageOf(position.quantity, triggers);
  const { quantity, problem } = readQuantity(quantityText, free);
  const read = readLevels(draft, { price: bid, entryPrice: position.averagePrice, quantity: toText(quantity) });
  const level = read.stop ?? read.target;
  const quantityProblem = problem ?? (market === undefined ? null : smallestOrderProblem(quantity, level?.price ?? null, market));
  const protect = useProtect(() => {
    toast.success(read.levels === null ? "Protected" : `${bracketName(read.levels)} set`, {
      description: `${symbol} on ${venueName(venue)}.`,
    });
    onDone();
  });
  const isLocked = protect.isSending || protect.isUnknown;
  const canSend = protect.isUnknown || (read.levels !== null && quantityProblem === null);

  return (
    <FormDialog
      title={`Protect ${symbol}`}
      description={
        <span className="flex flex-wrap items-center gap-x-2">
          <span className="num">
            {venueName(venue)}, best bid <span className="font-semibold text-text">{formatPrice(bid, market?.priceTick)}</span>
          </span>
          <Age at={book?.at ?? null} />
        </span>
      }
      submitLabel={protect.isUnknown ? "Ask again" : "Set"}
      busy={protect.isSending}
      blocked={!canSend || !isOnline}
      onSubmit={() => {
        const all = quantityText.trim() === "";
        if (protect.isUnknown) protect.repeat();
        else if (read.levels !== null) {
          protect.send({ ...read.levels, venueAccountId, symbol, quantity: all ? null : toText(quantity) });
        }
      }}
      onClose={onDone}
    >
      <div className="flex flex-col gap-4">
        <LevelFields
          draft={draft}
          onChange={(patch) => setDraft((before) => ({ ...before, ...patch }))}
          read={read}
          price={bid}
          priceName="the best bid"
          quote={quote}
          tick={tick}
          disabled={isLocked}
        />
        <TextField
          label="Quantity"
          inputMode="decimal"
          autoComplete="off"
          placeholder={`All: ${formatQuantity(toText(free))}`}
          value={quantityText}
          onChange={(event) => setQuantityText(event.target.value)}
          error={quantityProblem}
          hint="Empty for all that is not protected yet"
          aside={`${formatQuantity(toText(free))} of ${formatQuantity(position.quantity)} ${base} unprotected`}
          disabled={isLocked}
          suffix={<span className="px-2 text-xs font-semibold text-muted">{base}</span>}
        />
        <p className="text-xs text-muted">
          {WHO_HOLDS} It is sold at the best prices there. Of a stop and a target, the one reached first drops the other.
        </p>
        {protect.refused === null ? null : (
          <Notice tone="bad" role="alert">
            {describeTriggerError(protect.refused, base)}
          </Notice>
        )}
        {protect.isUnknown ? (
          <Notice tone="warn" role="alert">
            <strong className="font-semibold">Outcome not known.</strong> No answer has come back. Asking again has no second
            effect: it goes out under the same id.
          </Notice>
        ) : null}
        {isOnline ? null : <Notice tone="warn">You are offline: nothing can be set now.</Notice>}
      </div>
    </FormDialog>
  );
}
