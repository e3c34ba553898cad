import Link from "next/link";
import { Notice } from "#components/ui/notice.tsx";
import type { OrderDetailDto } from "#lib/contracts/trade.ts";
import { changesInPlace, describeRefusedChange, isUnderWay, lastChange, wantedTerms } from "#lib/sentences/replacements.ts";

type ReplacementNoticeProps = Pick<OrderDetailDto, "replacements" | "replacesOrderId"> & {
  readonly order: Pick<OrderDetailDto["order"], "symbol" | "venue">;
};

function OrderLink({ orderId, children }: { orderId: string; children: string }) {
  return (
    <Link href={`/orders/${orderId}`} className="font-semibold underline underline-offset-2">
      {children}
    </Link>
  );
}

/** What becomes of the last change that was asked for, and from which order this one took over. */
export function ReplacementNotice({ replacements, replacesOrderId, order }: ReplacementNoticeProps) {
  const last = lastChange(replacements);
  const refused = last === null ? null : describeRefusedChange(last);
  return (
    <>
      {last !== null && isUnderWay(last) ? (
        <Notice tone="info" role="status" className="mb-4">
          Being changed to <span className="num">{wantedTerms(last, order.symbol)}</span>.{" "}
          {changesInPlace(order.venue)
            ? "Until the venue shows it, the order may fill under either terms."
            : "First this order is canceled, then another one is placed for what is left."}
        </Notice>
      ) : null}
      {last === null || last.newOrderId === null ? null : (
        <Notice tone="info" role="status" className="mb-4">
          Changed to <span className="num">{wantedTerms(last, order.symbol)}</span>:{" "}
          <OrderLink orderId={last.newOrderId}>another order</OrderLink> has taken over what was left.
        </Notice>
      )}
      {refused === null ? null : (
        <Notice tone="warn" role="status" className="mb-4">
          {refused}
        </Notice>
      )}
      {replacesOrderId === null ? null : (
        <p className="mb-4 text-sm text-muted">
          Took over from <OrderLink orderId={replacesOrderId}>the order before</OrderLink>, which was canceled for it.
        </p>
      )}
    </>
  );
}
