import { Copyable } from "./copyable.tsx";
import { TimeText } from "#components/numbers/age.tsx";
import { Card } from "#components/ui/card.tsx";
import type { FillDto, OrderDetailDto } from "#lib/contracts/trade.ts";
import { Decimal, toDecimal } from "#lib/format/decimal.ts";
import { formatPercent, formatPrice, formatQuantity, UNKNOWN_TEXT } from "#lib/format/number.ts";
import { isFinalState } from "#lib/sentences/orders.ts";
import { orderTypeWords } from "#lib/sentences/triggers.ts";
import { venueName } from "#lib/sentences/venues.ts";

type Order = OrderDetailDto["order"];

/** Fees per asset, since two assets are never added. */
function feesOf(fills: readonly FillDto[]): string {
  const sums = new Map<string, Decimal>();
  for (const { fee, feeAsset } of fills) sums.set(feeAsset, (sums.get(feeAsset) ?? new Decimal(0)).plus(fee));
  if (sums.size === 0) return UNKNOWN_TEXT;
  return [...sums].map(([asset, sum]) => `${formatQuantity(sum.toFixed())} ${asset}`).join(", ");
}

function termsOf(order: Order): string {
  if (order.type === "MARKET") return "Market";
  const times = { GTC: "good till canceled", IOC: "immediate or cancel", FOK: "fill or kill" } as const;
  return `Limit, ${order.postOnly ? "post only" : times[order.timeInForce]}`;
}

/** Quantity, price, fees and ids. While the outcome is unknown nothing is shown as zero. */
export function OrderFacts({ order, fills }: { order: Order; fills: readonly FillDto[] }) {
  const [base = "", quote = ""] = order.symbol.split("/");
  // Cut to what the formats read: a third has no end.
  const share = toDecimal(order.filledQuantity)?.dividedBy(order.quantity).toDecimalPlaces(6) ?? null;
  const isUnknown = order.state === "UNKNOWN" && fills.length === 0;
  const filled = isUnknown
    ? "being looked up"
    : `${formatQuantity(order.filledQuantity)} of ${formatQuantity(order.quantity)} ${base}`;
  const rows: readonly (readonly [string, string])[] = [
    ["Terms", `${termsOf(order)}${order.isExit ? ", exit" : ""}`],
    ...(order.restsFor === null
      ? []
      : [["Waits for", `${orderTypeWords(order)} ${formatPrice(order.restsFor.price)} ${quote}`] as const]),
    ["Limit price", order.limitPrice === null ? "none" : `${formatPrice(order.limitPrice)} ${quote}`],
    ["Not worse than", order.priceCap === null ? UNKNOWN_TEXT : `${formatPrice(order.priceCap)} ${quote}`],
    ["Average price", order.averagePrice === null ? UNKNOWN_TEXT : `${formatPrice(order.averagePrice)} ${quote}`],
    ["Fees", feesOf(fills)],
    ["Venue", order.venue === null ? (isFinalState(order.state) ? "none" : "not chosen yet") : venueName(order.venue)],
  ];
  return (
    <Card title="Order">
      <div className="mb-4">
        <div className="flex items-baseline justify-between gap-3">
          <span className="text-sm text-muted">Filled</span>
          <span className="num font-semibold">{filled}</span>
        </div>
        <div
          role="progressbar"
          aria-label="Filled"
          aria-valuemin={0}
          aria-valuemax={100}
          {...(isUnknown || share === null ? {} : { "aria-valuenow": Math.round(share.times(100).toNumber()) })}
          className="mt-2 h-1.5 overflow-hidden rounded-full bg-hover"
        >
          <div
            className="h-full rounded-full bg-accent transition-[width] duration-200 ease-standard"
            style={{ width: isUnknown || share === null ? "0%" : formatPercent(share.toFixed(), "auto", 0) }}
          />
        </div>
      </div>
      <dl className="flex flex-col gap-2.5 text-sm">
        {rows.map(([name, value]) => (
          <div key={name} className="flex justify-between gap-4">
            <dt className="text-muted">{name}</dt>
            <dd className="num text-right">{value}</dd>
          </div>
        ))}
        <div className="flex justify-between gap-4">
          <dt className="text-muted">Placed</dt>
          <dd>
            <TimeText at={order.createdAt} className="text-sm text-text" />
          </dd>
        </div>
      </dl>
      <dl className="mt-4 flex flex-col gap-1 border-t border-line pt-3 text-xs">
        <Copyable label="Order id" value={order.id} />
        <Copyable label="Intent id" value={order.intentId} />
        <Copyable label="Client order id" value={order.clientOrderId} />
        <Copyable label="Venue order id" value={order.venueOrderId} />
      </dl>
    </Card>
  );
}
