import { Signed } from "#components/numbers/signed.tsx";
import type { VenueAccountDto } from "#lib/contracts/account.ts";
import type { PlaceIntentInput, RouteCandidateDto } from "#lib/contracts/trade.ts";
import type { BracketInput } from "#lib/contracts/triggers.ts";
import { toDecimal } from "#lib/format/decimal.ts";
import { entryBasis, fractionOfBps, type LevelsBasis, viewLevel } from "#lib/ticket/protection.ts";
import { formatMoney, formatPercent, formatPrice, formatQuantity } from "#lib/format/number.ts";
import { doneWord, scheduleWords } from "#lib/sentences/twaps.ts";
import { distanceWords, TRIGGER_KIND_WORDS, WHO_HOLDS } from "#lib/sentences/triggers.ts";
import { venueName } from "#lib/sentences/venues.ts";

interface OrderSummaryProps {
  readonly order: Omit<PlaceIntentInput, "intentId">;
  /** The route as previewed now, if it is known. */
  readonly chosen: RouteCandidateDto | null;
  readonly accounts: readonly VenueAccountDto[];
}

function whatHappens(order: OrderSummaryProps["order"]): string {
  if (order.overTime !== undefined && order.overTime !== null) {
    return `It is ${doneWord(order.side)} ${scheduleWords(order.overTime)}, the first at once. What a part misses is caught up until the time is over.`;
  }
  if (order.type === "MARKET") return "It is filled at once at the best prices; what cannot be filled is canceled.";
  if (order.postOnly) return "It rests in the book until it is filled or you cancel it. It is refused if it would fill at once.";
  if (order.timeInForce === "IOC") return "What cannot be filled at once at this price or better is canceled.";
  if (order.timeInForce === "FOK") return "It is filled completely at once at this price or better, or not at all.";
  return "It is filled at this price or better and rests in the book until then, or until you cancel it.";
}

/** An order in parts costs as many fees. */
function feeOf(order: OrderSummaryProps["order"], chosen: RouteCandidateDto | null): string | null {
  const fee = toDecimal(chosen?.fee);
  return fee?.times(order.overTime?.slices ?? 1).toFixed() ?? null;
}

/** Says exactly what "Place order" will do. */
export function OrderSummary({ order, chosen, accounts }: OrderSummaryProps) {
  const [base = "", quote = ""] = order.symbol.split("/");
  const isSliced = order.overTime !== undefined && order.overTime !== null;
  const price = (isSliced ? null : order.limitPrice) ?? chosen?.expectedPrice ?? order.limitPrice;
  const entry = entryBasis(order.limitPrice, null, chosen?.expectedPrice ?? null).entryPrice;
  const value = toDecimal(price)?.times(order.quantity).toFixed() ?? null;
  const pinned = accounts.find((account) => account.id === order.venueAccountId);
  const mode = pinned?.mode ?? accounts.find((account) => account.id === chosen?.venueAccountId)?.mode ?? null;
  const venue = pinned === undefined ? (chosen === null ? "the best venue" : venueName(chosen.venue)) : venueName(pinned.venue);
  const rows: readonly (readonly [string, string])[] = [
    [order.side === "BUY" ? "You buy" : "You sell", `${formatQuantity(order.quantity)} ${base}`],
    [order.type === "LIMIT" && !isSliced ? "Limit price" : "Expected price", formatPrice(price)],
    ...(isSliced && order.limitPrice !== null ? [["Worst price", formatPrice(order.limitPrice)] as const] : []),
    [order.side === "BUY" ? "Expected cost" : "Expected proceeds", formatMoney(value, quote)],
    ["Expected fee", formatMoney(feeOf(order, chosen), quote)],
    [
      "Venue",
      pinned === undefined ? (isSliced ? "the best for each part" : `${venue} (automatic)`) : `${venue}: ${pinned.label}`,
    ],
  ];
  return (
    <div className="flex flex-col gap-3">
      <dl className="flex flex-col gap-1.5 rounded-md bg-raised p-3 text-text">
        {rows.map(([name, text]) => (
          <div key={name} className="flex justify-between gap-4">
            <dt className="text-muted">{name}</dt>
            <dd className="num font-medium">{text}</dd>
          </div>
        ))}
      </dl>
      {order.bracket === undefined ? null : (
        <BracketSummary
          bracket={order.bracket}
          basis={{ price: entry, entryPrice: entry, quantity: order.quantity }}
          quote={quote}
        />
      )}
      <p>
        {isSliced ? "" : `A ${order.type.toLowerCase()} order is sent to ${venue}. `}
        {whatHappens(order)}
        {order.type === "MARKET" && order.overTime === undefined
          ? " A large one is worked off over time, in parts: no preview says yet whether this one is."
          : ""}
        {pinned !== undefined
          ? ""
          : isSliced
            ? " Each part goes to the venue that is best for it at its moment."
            : " Prices move: the venue is chosen again at the moment of sending."}
      </p>
      {mode === "LIVE" ? <p className="font-semibold text-text">This is a live account: real money moves.</p> : null}
    </div>
  );
}

interface BracketSummaryProps {
  readonly bracket: BracketInput;
  readonly basis: LevelsBasis;
  readonly quote: string;
}

/** The stop and the target that its fills arm, each with how far it is and what it would make. */
function BracketSummary({ bracket, basis, quote }: BracketSummaryProps) {
  const { stopPrice, trailBps, takeProfitPrice } = bracket;
  const levels = [
    { kind: "STOP_LOSS", price: stopPrice },
    { kind: "TAKE_PROFIT", price: takeProfitPrice },
  ] as const;
  return (
    <div className="flex flex-col gap-1.5 rounded-md bg-raised p-3 text-text">
      <dl aria-label="Stop and target" className="flex flex-col gap-1.5">
        {trailBps === null ? null : (
          <div className="flex justify-between gap-4">
            <dt className="text-muted">{TRIGGER_KIND_WORDS.TRAILING_STOP}</dt>
            <dd className="num font-medium">{formatPercent(fractionOfBps(trailBps))} behind the market</dd>
          </div>
        )}
        {levels.map(({ kind, price }) => {
          const level = toDecimal(price);
          if (level === null) return null;
          const { distance, pnl } = viewLevel(level, basis);
          return (
            <div key={kind} className="flex justify-between gap-4">
              <dt className="text-muted">{TRIGGER_KIND_WORDS[kind]}</dt>
              <dd className="num flex flex-wrap items-center justify-end gap-x-2 font-medium">
                {formatPrice(price)}
                <span className="text-xs font-normal text-muted">{distanceWords(distance)}</span>
                <Signed value={pnl} asset={quote} className="text-xs" />
              </dd>
            </div>
          );
        })}
      </dl>
      <p className="text-xs text-muted">Armed for what is filled. {WHO_HOLDS}</p>
    </div>
  );
}
