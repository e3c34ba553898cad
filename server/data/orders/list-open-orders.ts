import { statement, type Tx } from "#server/data/tx.ts";
import { ORDER_COLUMNS, type OrderRow, type RawOrderRow, toOrderRow } from "./order-row.ts";

const OPEN = "('PENDING_NEW', 'SUBMITTING', 'NEW', 'PARTIALLY_FILLED', 'PENDING_REPLACE', 'PENDING_CANCEL', 'UNKNOWN')";
const OF_WORKSPACE = statement(
  "orders.open-of-workspace",
  `select ${ORDER_COLUMNS} from orders where workspace_id = $1::uuid and state in ${OPEN} order by created_at`,
);
const OF_ACCOUNT = statement(
  "orders.open-of-account",
  `select ${ORDER_COLUMNS} from orders
   where workspace_id = $1::uuid and venue_account_id = $2::uuid and state in ${OPEN} order by created_at`,
);

/** Every order of the workspace that is not final. Bounded by the in-flight limit of its tier. */
export async function listOpenOrders(tx: Tx, workspaceId: string): Promise<OrderRow[]> {
  return (await tx.query<RawOrderRow>(OF_WORKSPACE, [workspaceId])).map(toOrderRow);
}

export async function listOpenOrdersOfAccount(tx: Tx, workspaceId: string, venueAccountId: string): Promise<OrderRow[]> {
  return (await tx.query<RawOrderRow>(OF_ACCOUNT, [workspaceId, venueAccountId])).map(toOrderRow);
}
