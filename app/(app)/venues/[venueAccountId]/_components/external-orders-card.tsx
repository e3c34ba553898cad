import { TimeText } from "#components/numbers/age.tsx";
import { SideText } from "#components/numbers/order-badge.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { Card } from "#components/ui/card.tsx";
import type { ExternalOrderDto } from "#lib/contracts/reconcile.ts";
import { formatPrice, formatQuantity } from "#lib/format/number.ts";

/** Open orders at the venue that did not come from here. Nothing is shown where there are none. */
export function ExternalOrdersCard({ orders, at }: { orders: readonly ExternalOrderDto[]; at: string | null }) {
  if (orders.length === 0) return null;
  return (
    <Card
      title={`Orders placed elsewhere (${orders.length})`}
      bodyClassName="p-0"
      action={at === null ? null : <TimeText at={at} />}
    >
      <p className="border-b border-line px-4 py-3 text-xs text-muted">
        Opened by hand or by another tool. Nija shows them and never touches them.
      </p>
      <ul aria-label="Orders placed elsewhere" className="divide-y divide-line">
        {orders.map((order) => (
          <li key={order.venueOrderId} className="flex min-h-14 items-center justify-between gap-3 px-4 py-2.5 text-sm">
            <div className="min-w-0">
              <p className="font-medium">
                <SideText side={order.side} /> {order.symbol}
              </p>
              <p className="num mt-0.5 truncate text-xs text-muted">{order.venueOrderId}</p>
            </div>
            <div className="flex shrink-0 flex-col items-end gap-1">
              <span className="num">
                {formatQuantity(order.quantity)}
                {order.limitPrice === null ? "" : ` at ${formatPrice(order.limitPrice)}`}
              </span>
              <Badge>External</Badge>
            </div>
          </li>
        ))}
      </ul>
    </Card>
  );
}
