"use client";

import { useQuery } from "@tanstack/react-query";
import { useTRPC } from "#components/data/trpc.tsx";
import { useWorkspace } from "#components/data/workspace.tsx";
import { PlaceDialog } from "#components/intent/place-dialog.tsx";
import { usePlaceIntent } from "#components/intent/use-place-intent.ts";
import { ConfirmDialog } from "#components/ui/confirm-dialog.tsx";
import { Signed } from "#components/numbers/signed.tsx";
import type { TriggerDto } from "#lib/contracts/triggers.ts";
import { Decimal, floorTo, toText } from "#lib/format/decimal.ts";
import { formatPrice, formatQuantity } from "#lib/format/number.ts";
import { endsWithPosition } from "#lib/sentences/triggers.ts";
import { venueName } from "#lib/sentences/venues.ts";
import type { LivePosition } from "#lib/ticket/position.ts";

interface ClosePositionProps {
  readonly live: LivePosition;
  /** The position's stops and targets that are not over. */
  readonly levels: readonly TriggerDto[];
  readonly onDone: () => void;
}

/** Closes a whole position with a market exit at the account that holds it. Opens at once and asks once. */
export function ClosePosition({ live, levels, onDone }: ClosePositionProps) {
  const { workspace } = useWorkspace();
  const trpc = useTRPC();
  const markets = useQuery(trpc.trade.markets.queryOptions({ workspaceId: workspace.id }, { staleTime: 300_000 }));
  const { position } = live;
  const intent = usePlaceIntent(workspace.id, `close:${position.venueAccountId}:${position.symbol}`);
  const market = markets.data?.find(
    (each) => each.venue === position.venue && each.mode === position.mode && each.symbol === position.symbol,
  );
  const held = new Decimal(position.quantity);
  const isShort = held.isNegative();
  const step = market?.amountStep ?? "0";
  const quantity = toText(floorTo(held.abs(), new Decimal(step)));
  const isDust = quantity === "0";
  const terms = {
    workspaceId: workspace.id,
    symbol: position.symbol,
    side: isShort ? "BUY" : "SELL",
    type: "MARKET",
    timeInForce: "IOC",
    postOnly: false,
    quantity,
    limitPrice: null,
    venueAccountId: position.venueAccountId,
    isExit: true,
  } as const;

  const [base = "", quote = ""] = position.symbol.split("/");
  const sent = "input" in intent.status ? intent.status.input.quantity : quantity;
  const dust = held.abs().minus(sent);
  if (isDust && intent.status.step === "idle") {
    return (
      <ConfirmDialog
        open
        onOpenChange={onDone}
        title="Too small to close"
        description={`${formatQuantity(position.quantity)} ${base} is less than the venue's smallest step of ${step} ${base}. It is sold along with a later order that is large enough.`}
        confirmLabel="Understood"
        onConfirm={onDone}
      />
    );
  }
  return (
    <PlaceDialog
      status={intent.status}
      isAsking={markets.data !== undefined}
      title={`Close ${position.symbol}?`}
      description={
        <div className="flex flex-col gap-3">
          <p>
            A market order {isShort ? "buys" : "sells"} {formatQuantity(sent)} {base} on {venueName(position.venue)} (
            {position.accountLabel}) at the best prices there, now around {formatPrice(live.price)} {quote}. It cannot be undone.
          </p>
          {levels.length === 0 ? null : <p>{endsWithPosition(levels)}</p>}
          {dust.gt(0) ? (
            <p>
              {formatQuantity(toText(dust))} {base} stay: less than the venue's smallest step.
            </p>
          ) : null}
          <p className="flex items-center justify-between rounded-md bg-raised p-3 text-text">
            <span className="text-muted">P&L at the price shown, before fees</span>
            <Signed value={live.unrealisedPnl} asset={quote} fraction={live.fraction} className="font-medium" />
          </p>
        </div>
      }
      confirmLabel="Close position"
      tone={isShort ? "gain" : "loss"}
      onPlace={() => intent.placeNow(terms)}
      onDismiss={() => {
        intent.disarm();
        onDone();
      }}
    />
  );
}
