"use client";

import { useQuery } from "@tanstack/react-query";
import { Timer } from "lucide-react";
import Link from "next/link";
import { ChangeOrder } from "./change-order.tsx";
import { CancelOrder } from "./cancel-order.tsx";
import { FillsCard } from "./fills-card.tsx";
import { OrderFacts } from "./order-facts.tsx";
import { ReplacementNotice } from "./replacement-notice.tsx";
import { type OrderStep, Timeline } from "./timeline.tsx";
import { useTRPC } from "#components/data/trpc.tsx";
import { useWorkspace } from "#components/data/workspace.tsx";
import { OrderBadge, SideText } from "#components/numbers/order-badge.tsx";
import { RouteCandidates } from "#components/route/candidates.tsx";
import { PageHeading } from "#components/shell/page-heading.tsx";
import { Card } from "#components/ui/card.tsx";
import { Notice } from "#components/ui/notice.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { ErrorState } from "#components/ui/state-panel.tsx";
import type { OrderDetailDto } from "#lib/contracts/trade.ts";
import { describeReason } from "#lib/sentences/denials.ts";
import { isChangeable, isUnderWay, lastChange } from "#lib/sentences/replacements.ts";
import { isCancelable, isFinalState, ORDER_STATE_WORDS } from "#lib/sentences/orders.ts";

/** Events bring changes at once; this only covers a connection that is down. */
const POLL_MS = 3_000;
const BACK = { href: "/orders", label: "Orders" } as const;

/** One order: what it is, what became of it, and every step on the way. */
export function OrderScreen({ orderId }: { orderId: string }) {
  const trpc = useTRPC();
  const { workspace } = useWorkspace();
  const query = useQuery(
    trpc.trade.getOrder.queryOptions(
      { workspaceId: workspace.id, orderId },
      {
        refetchInterval: ({ state }) => (state.data !== undefined && isFinalState(state.data.order.state) ? false : POLL_MS),
      },
    ),
  );
  if (query.data !== undefined) return <OrderDetail detail={query.data} canTrade={workspace.role !== "VIEWER"} />;
  return (
    <>
      <PageHeading title="Order" back={BACK} />
      {query.isError ? (
        <Card>
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        </Card>
      ) : (
        <div role="status" aria-label="Reading the order" className="grid gap-4 lg:grid-cols-2">
          <Skeleton className="h-80 rounded-md" />
          <Skeleton className="h-80 rounded-md" />
        </div>
      )}
    </>
  );
}

interface OrderDetailProps {
  readonly detail: Omit<OrderDetailDto, "history"> & { readonly history: readonly OrderStep[] };
  readonly canTrade: boolean;
}

/** While a change is under way the row covers both terms; the page shows the old ones until the new ones are certain. */
function asItWas({ order, replacements }: OrderDetailProps["detail"]): OrderDetailDto["order"] {
  const last = lastChange(replacements);
  return last !== null && isUnderWay(last) ? { ...order, quantity: last.oldQuantity, priceCap: last.oldLimitPrice } : order;
}

function OrderDetail({ detail, canTrade }: OrderDetailProps) {
  const { history, fills, decision, replacements, replacesOrderId } = detail;
  const order = asItWas(detail);
  const [, quote = ""] = order.symbol.split("/");
  return (
    <>
      <PageHeading
        back={BACK}
        title={
          <span className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
            <span>
              <SideText side={order.side} /> {order.symbol}
            </span>
            <OrderBadge state={order.state} />
          </span>
        }
        action={
          canTrade && isCancelable(order.state) ? (
            <span className="flex gap-2">
              {isChangeable(order) ? <ChangeOrder order={order} /> : null}
              <CancelOrder order={order} />
            </span>
          ) : null
        }
      />
      <StateNotice order={order} />
      {detail.twapId === null ? null : (
        <Link
          href={`/orders/twaps/${detail.twapId}`}
          className="mb-4 inline-flex min-h-11 items-center gap-1.5 text-sm font-medium text-accent-text hover:underline md:min-h-8"
        >
          <Timer aria-hidden className="size-4" />
          Part of an order over time
        </Link>
      )}
      <ReplacementNotice replacements={replacements} replacesOrderId={replacesOrderId} order={order} />
      <div className="grid gap-4 lg:grid-cols-2 lg:items-start">
        <div className="flex min-w-0 flex-col gap-4">
          <OrderFacts order={order} fills={fills} />
          <FillsCard fills={fills} symbol={order.symbol} />
        </div>
        <div className="flex min-w-0 flex-col gap-4">
          <Card title="Life of the order">
            <Timeline history={history} createdAt={order.createdAt} state={order.state} />
          </Card>
          <Card title="Route" bodyClassName="p-0">
            {decision === null ? (
              <p className="px-4 py-6 text-center text-sm text-muted">
                {isFinalState(order.state)
                  ? "No venue was chosen for this order."
                  : "No venue has been chosen for this order yet."}
              </p>
            ) : (
              <RouteCandidates candidates={decision.candidates} chosen={decision.chosenVenueAccountId} quote={quote} />
            )}
          </Card>
        </div>
      </div>
    </>
  );
}

/** What the state means, when it needs more than its badge. */
function StateNotice({ order }: { order: OrderDetailDto["order"] }) {
  const { sentence } = ORDER_STATE_WORDS[order.state];
  if (order.state === "UNKNOWN") {
    return (
      <Notice tone="warn" role="status" className="mb-4">
        {sentence} It is never sent a second time.
      </Notice>
    );
  }
  if (order.reasonCode === null) return null;
  return (
    <Notice tone={isFinalState(order.state) ? "bad" : "info"} role="status" className="mb-4">
      {sentence} {describeReason(order.reasonCode)}
      {order.reasonDetail === null || order.reasonDetail === "" ? null : (
        <span className="mt-0.5 block opacity-85">{order.reasonDetail}</span>
      )}
    </Notice>
  );
}
