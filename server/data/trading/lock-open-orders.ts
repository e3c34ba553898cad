import { ORDER_COLUMNS, type OrderRow, type RawOrderRow, toOrderRow } from "#server/data/orders/order-row.ts";
import { statement, type Tx } from "#server/data/tx.ts";

const LOCK = statement(
  "orders.lock-open",
  `select ${ORDER_COLUMNS} from orders
   where workspace_id = $1::uuid and ($2::text is null or venue = $2)
     and state in ('PENDING_NEW', 'SUBMITTING', 'NEW', 'PARTIALLY_FILLED', 'PENDING_REPLACE', 'PENDING_CANCEL', 'UNKNOWN')
   order by created_at, id for update`,
);

/** Every order of the workspace that is not final, or those at one venue, locked until the transaction ends. Call it under the risk lock. */
export async function lockOpenOrders(tx: Tx, workspaceId: string, venue: string | null): Promise<OrderRow[]> {
  return (await tx.query<RawOrderRow>(LOCK, [workspaceId, venue])).map(toOrderRow);
}
