"use client";

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { toast } from "sonner";
import { useChangeOrder } from "./use-change-order.ts";
import { useTRPC } from "#components/data/trpc.tsx";
import { useIsOnline } from "#components/data/use-is-online.ts";
import { useSymbolQuotes } from "#components/data/use-quotes.ts";
import { useWorkspace } from "#components/data/workspace.tsx";
import { Button } from "#components/ui/button.tsx";
import { TextField } from "#components/ui/field.tsx";
import { FormDialog } from "#components/ui/form-dialog.tsx";
import { Notice } from "#components/ui/notice.tsx";
import type { OrderDto } from "#lib/contracts/trade.ts";
import { formatPrice, formatQuantity } from "#lib/format/number.ts";
import { changeMeans } from "#lib/sentences/replacements.ts";
import { venueName } from "#lib/sentences/venues.ts";
import { type ChangeDraft, draftOf, readChange } from "#lib/ticket/change.ts";

/** Opens the form that gives an open limit order another price or quantity. */
export function ChangeOrder({ order }: { order: OrderDto }) {
  const [isOpen, setOpen] = useState(false);
  const isOnline = useIsOnline();
  return (
    <>
      <Button disabled={!isOnline} onClick={() => setOpen(true)}>
        Change
      </Button>
      {isOpen ? <ChangeForm order={order} onDone={() => setOpen(false)} /> : null}
    </>
  );
}

/** The rules of the order's market, once they are known. */
function useRules({ venue, venueAccountId, symbol }: OrderDto) {
  const trpc = useTRPC();
  const { workspace } = useWorkspace();
  const markets = useQuery(trpc.trade.markets.queryOptions({ workspaceId: workspace.id }, { staleTime: 300_000 }));
  const accounts = useQuery(trpc.venue.list.queryOptions({ workspaceId: workspace.id }, { staleTime: 300_000 }));
  const mode = accounts.data?.find(({ id }) => id === venueAccountId)?.mode;
  const rules = markets.data?.find((each) => each.venue === venue && each.mode === mode && each.symbol === symbol);
  return { mode, rules: rules ?? null };
}

function suffix(asset: string) {
  return <span className="px-2 text-xs font-semibold text-muted">{asset}</span>;
}

function ChangeForm({ order, onDone }: { order: OrderDto; onDone: () => void }) {
  const isOnline = useIsOnline();
  const [base = "", quote = ""] = order.symbol.split("/");
  const { mode, rules } = useRules(order);
  const book = useSymbolQuotes(order.symbol).find((each) => each.venue === order.venue && each.mode === mode);
  const opposite = order.side === "BUY" ? book?.ask : book?.bid;
  const [draft, setDraft] = useState<ChangeDraft>(() => draftOf(order));
  const read = readChange(draft, order, rules);
  const change = useChangeOrder(order.id, () => {
    toast.success("Change requested", { description: `${order.symbol} on ${venueName(order.venue ?? "")}` });
    onDone();
  });
  const isLocked = change.isSending || change.isUnknown;
  const edit = (patch: Partial<ChangeDraft>) => setDraft((before) => ({ ...before, ...patch }));

  return (
    <FormDialog
      title={`Change ${order.side === "BUY" ? "buy" : "sell"} of ${order.symbol}`}
      description={
        <span className="num">
          Now {formatQuantity(order.quantity)} {base} at {formatPrice(order.limitPrice, rules?.priceTick)} {quote}
        </span>
      }
      submitLabel={change.isUnknown ? "Ask again" : "Change order"}
      busy={change.isSending}
      blocked={!isOnline || (!change.isUnknown && read.terms === null)}
      onSubmit={() => {
        if (change.isUnknown) change.repeat();
        else if (read.terms !== null) change.send(read.terms);
      }}
      onClose={onDone}
    >
      <div className="flex flex-col gap-4">
        <TextField
          label="Limit price"
          inputMode="decimal"
          autoComplete="off"
          value={draft.priceText}
          onChange={(event) => edit({ priceText: event.target.value })}
          error={read.priceProblem}
          aside={
            opposite === undefined || opposite === null
              ? undefined
              : `${order.side === "BUY" ? "ask" : "bid"} ${formatPrice(opposite, rules?.priceTick)}`
          }
          disabled={isLocked}
          suffix={suffix(quote)}
        />
        <TextField
          label="Quantity"
          inputMode="decimal"
          autoComplete="off"
          value={draft.quantityText}
          onChange={(event) => edit({ quantityText: event.target.value })}
          error={read.quantityProblem}
          hint={read.left === null ? null : `${formatQuantity(read.left)} ${base} left to fill`}
          aside={order.filledQuantity === "0" ? undefined : `${formatQuantity(order.filledQuantity)} of it filled`}
          disabled={isLocked}
          suffix={suffix(base)}
        />
        <p className="text-xs text-muted">{changeMeans(order.venue)}</p>
        {change.refused === null ? null : (
          <Notice tone="bad" role="alert">
            {change.refused}
          </Notice>
        )}
        {change.isUnknown ? (
          <Notice tone="warn" role="alert">
            <strong className="font-semibold">Outcome not known.</strong> No answer has come back. Asking again has no second
            effect: it goes out under the same id.
          </Notice>
        ) : null}
        {isOnline ? null : <Notice tone="warn">You are offline: nothing can be changed now.</Notice>}
      </div>
    </FormDialog>
  );
}
