import type { Decimal } from "#server/domain/decimal.ts";
import type { OrderId } from "#server/domain/ids.ts";
import type { OrderSide } from "#server/domain/order/order.ts";

/** One of the workspace's orders on the other side of the same book. */
export interface OwnOpposite {
  readonly orderId: OrderId;
  /** Its limit or worst price; null: it takes any. */
  readonly price: Decimal | null;
  /** Its cancel has been asked for. */
  readonly leaving: boolean;
}

/** Would an order of `side` that goes no further than `price` (null: any) trade against one on the other side at `otherPrice`? */
export function meets(side: OrderSide, price: Decimal | null, otherPrice: Decimal | null): boolean {
  if (price === null || otherPrice === null) return true;
  return side === "BUY" ? price.gte(otherPrice) : price.lte(otherPrice);
}
