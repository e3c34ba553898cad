import { setStatement, type Tx } from "#server/data/tx.ts";
import { ORDER_COLUMNS, type OrderRow, type RawOrderRow, toOrderRow } from "./order-row.ts";

const LOAD = setStatement(
  "orders.load",
  { workspace_id: "uuid", id: "uuid" },
  (items) => `select item.n::int as n, loaded.* from ${items}
   cross join lateral (select ${ORDER_COLUMNS} from orders where workspace_id = item.workspace_id and id = item.id offset 0) loaded`,
);
const LOAD_LOCKED = setStatement(
  "orders.load-locked",
  { workspace_id: "uuid", id: "uuid" },
  (items) => `select item.n::int as n, locked.* from ${items}
   cross join lateral (select ${ORDER_COLUMNS} from orders where workspace_id = item.workspace_id and id = item.id for update) locked`,
);

/** The order, or null when this workspace has none of that id. */
export async function loadOrder(tx: Tx, workspaceId: string, orderId: string): Promise<OrderRow | null> {
  const [raw] = await tx.query<RawOrderRow>(LOAD, [workspaceId, orderId]);
  return raw === undefined ? null : toOrderRow(raw);
}

/** The same, and nobody else changes it until this transaction ends. */
export async function lockOrder(tx: Tx, workspaceId: string, orderId: string): Promise<OrderRow | null> {
  const [raw] = await tx.query<RawOrderRow>(LOAD_LOCKED, [workspaceId, orderId]);
  return raw === undefined ? null : toOrderRow(raw);
}
