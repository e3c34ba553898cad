import { statement, type Tx } from "#server/data/tx.ts";
import type { OrderState } from "#server/domain/order/state.ts";
import type { RestingKind } from "#server/domain/trigger/resting.ts";

/** An order as screens show it; decimals are strings without trailing zeros. */
export interface OrderViewRow {
  readonly id: string;
  readonly intent_id: string;
  readonly venue_account_id: string | null;
  readonly venue: string | null;
  readonly symbol: string;
  readonly side: "BUY" | "SELL";
  readonly type: "MARKET" | "LIMIT";
  readonly time_in_force: "GTC" | "IOC" | "FOK";
  readonly post_only: boolean;
  readonly is_exit: boolean;
  readonly quantity: string;
  readonly limit_price: string | null;
  readonly price_cap: string | null;
  readonly state: OrderState;
  readonly filled_quantity: string;
  readonly average_price: string | null;
  readonly trigger_kind: RestingKind | null;
  readonly trigger_price: string | null;
  readonly reason_code: string | null;
  readonly reason_detail: string | null;
  readonly client_order_id: string | null;
  readonly venue_order_id: string | null;
  readonly created_at: Date;
  readonly updated_at: Date;
}

const COLUMNS = `id, intent_id, venue_account_id, venue, symbol, side, type, time_in_force, post_only, is_exit,
  trim_scale(quantity) as quantity, trim_scale(limit_price) as limit_price, trim_scale(price_cap) as price_cap, state,
  trim_scale(filled_quantity) as filled_quantity,
  case when filled_quantity > 0 then trim_scale(round(filled_quote / filled_quantity, 18)) end as average_price,
  trigger_kind, trim_scale(trigger_price) as trigger_price, reason_code, reason_detail, client_order_id, venue_order_id, created_at, updated_at`;

const LIST = statement(
  "order-view.list",
  `select ${COLUMNS} from orders
   where workspace_id = $1::uuid and ($2::text[] is null or state = any($2::text[]))
     and ($3::text is null or symbol = $3) and ($4::text is null or venue = $4)
     and ($5::uuid is null or (created_at, id) < (select c.created_at, c.id from orders c where c.workspace_id = $1::uuid and c.id = $5::uuid))
   order by created_at desc, id desc limit $6`,
);
const FIND = statement("order-view.find", `select ${COLUMNS} from orders where workspace_id = $1::uuid and id = $2::uuid`);

// Slices may be tried again and split: more than all of them is more than anybody reads.
const OF_TWAP = statement(
  "order-view.of-twap",
  `select ${COLUMNS} from orders where workspace_id = $1::uuid
     and intent_id in (select s.intent_id from twap_slices s where s.workspace_id = $1::uuid and s.twap_id = $2::uuid)
   order by created_at desc, id desc limit 1000`,
);

export interface OrderListQuery {
  readonly states: readonly OrderState[] | null;
  readonly symbol: string | null;
  readonly venue: string | null;
  /** The last order of the page before. */
  readonly afterId: string | null;
  readonly limit: number;
}

/** Newest first. */
export function listOrderViews(tx: Tx, workspaceId: string, query: OrderListQuery): Promise<OrderViewRow[]> {
  const { states, symbol, venue, afterId, limit } = query;
  return tx.query<OrderViewRow>(LIST, [workspaceId, states, symbol, venue, afterId, limit]);
}

export async function findOrderView(tx: Tx, workspaceId: string, orderId: string): Promise<OrderViewRow | null> {
  const [row] = await tx.query<OrderViewRow>(FIND, [workspaceId, orderId]);
  return row ?? null;
}

/** The orders of an order over time, newest first. */
export function listOrderViewsOfTwap(tx: Tx, workspaceId: string, twapId: string): Promise<OrderViewRow[]> {
  return tx.query<OrderViewRow>(OF_TWAP, [workspaceId, twapId]);
}
