import type { Decimal } from "#server/domain/decimal.ts";
import type { IntentId, OrderId, WorkspaceId } from "#server/domain/ids.ts";
import type { Money } from "#server/domain/money/money.ts";
import type { OrderTerms } from "#server/domain/order/order.ts";
import type { OrderPriority } from "./order-row.ts";
import { statement, type Tx } from "#server/data/tx.ts";

export interface NewOrder extends OrderTerms {
  readonly id: OrderId;
  readonly workspaceId: WorkspaceId;
  readonly intentId: IntentId;
  readonly isExit: boolean;
  readonly priceCap: Decimal | null;
  readonly reserve: Money;
  /** The venue account that holds the reserve, or the workspace while the order is not routed. */
  readonly reserveHolderId: string;
  readonly priority: OrderPriority;
  readonly hasTriggers: boolean;
}

const INSERT = statement(
  "orders.insert",
  `insert into orders (id, workspace_id, intent_id, symbol, side, type, time_in_force, post_only, is_exit, quantity, limit_price,
     price_cap, state, reserve_holder_id, reserve_asset, reserve_left, priority, has_triggers)
   values ($1::uuid, $2::uuid, $3::uuid, $4, $5, $6, $7, $8::boolean, $9::boolean, $10::numeric, $11::numeric, $12::numeric,
     'PENDING_NEW', $13::uuid, $14, $15::numeric, $16::smallint, $17::boolean)`,
);

/** Inserts an accepted order, waiting to be routed. */
export function insertOrder(tx: Tx, order: NewOrder): void {
  tx.send(INSERT, [
    order.id,
    order.workspaceId,
    order.intentId,
    order.symbol,
    order.side,
    order.type,
    order.timeInForce,
    order.postOnly,
    order.isExit,
    order.quantity.toFixed(),
    order.limitPrice?.toFixed() ?? null,
    order.priceCap?.toFixed() ?? null,
    order.reserveHolderId,
    order.reserve.asset,
    order.reserve.amount.toFixed(),
    order.priority,
    order.hasTriggers,
  ]);
}
