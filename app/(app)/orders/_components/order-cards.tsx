import Link from "next/link";
import { TimeText } from "#components/numbers/age.tsx";
import { OrderBadge, SideText } from "#components/numbers/order-badge.tsx";
import type { OrderDto } from "#lib/contracts/trade.ts";
import { cn } from "#lib/format/class-names.ts";
import { formatPrice, formatQuantity } from "#lib/format/number.ts";
import { venueName } from "#lib/sentences/venues.ts";

/** Orders on a phone. */
export function OrderCards({ orders, className }: { orders: readonly OrderDto[]; className?: string }) {
  return (
    <ul aria-label="Orders" className={cn("divide-y divide-line", className)}>
      {orders.map((order) => {
        const [base = ""] = order.symbol.split("/");
        const price = order.averagePrice ?? order.limitPrice;
        const waitsFor = order.averagePrice === null ? order.restsFor : null;
        return (
          <li key={order.id}>
            <Link
              href={`/orders/${order.id}`}
              className="flex min-h-18 items-center justify-between gap-3 px-4 py-3 active:bg-hover"
            >
              <span className="min-w-0">
                <span className="block truncate font-medium">
                  <SideText side={order.side} /> {order.symbol}
                </span>
                <span className="mt-0.5 flex items-center gap-1.5 text-xs text-muted">
                  <TimeText at={order.createdAt} />
                  <span aria-hidden>·</span>
                  <span className="truncate">{order.venue === null ? "not routed" : venueName(order.venue)}</span>
                </span>
              </span>
              <span className="flex shrink-0 flex-col items-end gap-1">
                <span className="num text-xs">
                  {formatQuantity(order.quantity)} {base}
                  {waitsFor !== null
                    ? `, ${waitsFor.kind === "STOP_LOSS" ? "stop" : "target"} ${formatPrice(waitsFor.price)}`
                    : price === null
                      ? ""
                      : ` @ ${formatPrice(price)}`}
                </span>
                <OrderBadge state={order.state} />
              </span>
            </Link>
          </li>
        );
      })}
    </ul>
  );
}
