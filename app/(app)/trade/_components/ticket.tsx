"use client";

import { useEffect, useState } from "react";
import { AmountField } from "./amount-field.tsx";
import { BracketFields } from "./bracket-fields.tsx";
import { LimitOptions } from "./limit-options.tsx";
import { OrderSummary } from "./order-summary.tsx";
import { OverTimeFields } from "./over-time-fields.tsx";
import { chosenOf, RouteSummary } from "./route-summary.tsx";
import { SymbolField } from "./symbol-field.tsx";
import type { Ticket } from "./use-ticket.ts";
import { WayNote } from "./way-note.tsx";
import type { RoutePreview } from "./use-route-preview.ts";
import { useIsOnline } from "#components/data/use-is-online.ts";
import { PlaceDialog } from "#components/intent/place-dialog.tsx";
import { usePlaceIntent } from "#components/intent/use-place-intent.ts";
import { Age } from "#components/numbers/age.tsx";
import { Button } from "#components/ui/button.tsx";
import { NativeSelect } from "#components/ui/native-select.tsx";
import { Segmented } from "#components/ui/segmented.tsx";
import type { PlaceIntentInput } from "#lib/contracts/trade.ts";
import { formatPrice } from "#lib/format/number.ts";
import { venueName } from "#lib/sentences/venues.ts";
import { type TicketDraft, withShownWay } from "#lib/ticket/terms.ts";

interface TicketFormProps {
  readonly workspaceId: string;
  readonly symbols: readonly string[];
  readonly ticket: Ticket;
  readonly order: Omit<PlaceIntentInput, "intentId"> | null;
  readonly route: RoutePreview;
  readonly canTrade: boolean;
}

const SIDES = [
  { value: "BUY", label: "Buy", tone: "gain" },
  { value: "SELL", label: "Sell", tone: "loss" },
] as const;

const TYPES = [
  { value: "MARKET", label: "Market" },
  { value: "LIMIT", label: "Limit" },
  { value: "OVER_TIME", label: "Over time" },
] as const;

/** The form: fill in, review, place. */
export function TicketForm({ workspaceId, symbols, ticket, order, route, canTrade }: TicketFormProps) {
  const { draft, change, changeLevels, rules, accounts } = ticket;
  const intent = usePlaceIntent(workspaceId, "ticket");
  const isOnline = useIsOnline();
  const slice = route.preview?.overTime ?? null;
  const ready = withBracket(order, ticket);
  const [reviewed, setReviewed] = useState(ready);
  const shown = "input" in intent.status ? intent.status.input : reviewed;

  function changeType(type: TicketDraft["type"]): void {
    // A worst price is no limit price, and the other way round.
    const isOtherPrice = (type === "OVER_TIME") !== (draft.type === "OVER_TIME");
    change({ type, ...(isOtherPrice ? { priceText: "" } : {}) });
  }

  useEffect(() => {
    // Once accepted the wish is fulfilled: the same amount left in the form would invite a second order.
    if (intent.status.step === "done" && intent.status.result.state === "ACCEPTED") {
      change({ amountText: "" });
      changeLevels(null);
    }
  }, [intent.status, change, changeLevels]);

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (ready === null || !canTrade || !isOnline) return;
        const order = withShownWay(ready, route.isCurrent ? route.preview : null);
        setReviewed(order);
        intent.arm(order);
      }}
      aria-label="Trade ticket"
      className="flex flex-col gap-4"
    >
      <SymbolField
        symbols={symbols}
        value={draft.symbol}
        onValueChange={(symbol) => change({ symbol, amountText: "", priceText: "", venueAccountId: null })}
        hint={<BestPrice ticket={ticket} />}
      />
      <Segmented label="Side" value={draft.side} onValueChange={(side) => change({ side })} options={SIDES} />
      <Segmented label="Order type" value={draft.type} onValueChange={changeType} options={TYPES} />
      {draft.type === "LIMIT" ? <LimitOptions ticket={ticket} /> : null}
      <AmountField ticket={ticket} />
      {draft.type === "OVER_TIME" ? <OverTimeFields ticket={ticket} sliceQuantity={slice?.sliceQuantity ?? null} /> : null}
      <NativeSelect
        label="Venue"
        value={draft.venueAccountId ?? ""}
        onValueChange={(value) => change({ venueAccountId: value === "" ? null : value })}
        options={[
          { value: "", label: "Automatic: the best venue" },
          ...accounts.map((account) => ({ value: account.id, label: `${venueName(account.venue)}: ${account.label}` })),
        ]}
      />
      {draft.side === "BUY" && draft.type !== "OVER_TIME" ? <BracketFields ticket={ticket} /> : null}
      <WayNote ticket={ticket} preview={route.preview} />
      <RouteSummary route={route} hasOrder={order !== null} quote={rules?.quote ?? ""} />
      <Button type="submit" variant="primary" size="lg" disabled={ready === null || !canTrade || !isOnline}>
        {isOnline ? "Review order" : "Offline"}
      </Button>
      {canTrade ? null : <p className="text-center text-xs text-muted">Your role in this workspace does not allow trading.</p>}
      <PlaceDialog
        status={intent.status}
        title={shown === null ? "Order" : `${shown.side === "BUY" ? "Buy" : "Sell"} ${shown.symbol}`}
        description={
          shown === null ? null : (
            <OrderSummary order={shown} chosen={route.isCurrent ? chosenOf(route) : null} accounts={accounts} />
          )
        }
        confirmLabel="Place order"
        tone={shown?.side === "SELL" ? "loss" : "gain"}
        onPlace={intent.place}
        onDismiss={intent.disarm}
      />
    </form>
  );
}

type OrderTerms = Omit<PlaceIntentInput, "intentId">;

/** The order with its stop and target; null while one of them is not right, so that no order goes without what was asked for. */
function withBracket(order: OrderTerms | null, { draft, levels, readLevels }: Ticket): OrderTerms | null {
  if (order === null || levels === null || readLevels === null || draft.side !== "BUY") return order;
  if (readLevels.stopProblem !== null || readLevels.targetProblem !== null) return null;
  return readLevels.levels === null ? order : { ...order, bracket: readLevels.levels };
}

/** The price that an order would meet first, live. */
function BestPrice({ ticket }: { ticket: Ticket }) {
  const { draft, best, listed } = ticket;
  if (best === null) return <span>No price yet</span>;
  const tick = listed.find((market) => market.venue === best.venue)?.priceTick;
  return (
    <span className="num flex items-center gap-2">
      <span>
        {draft.side === "BUY" ? "Best ask" : "Best bid"}{" "}
        <span className="font-semibold text-text">{formatPrice(best.price, tick)}</span> at {venueName(best.venue)}
      </span>
      <Age at={best.at} />
    </span>
  );
}
