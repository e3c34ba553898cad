import type { SimAccount, SimFill, SimOrder } from "#simulator/engine/types.ts";
import {
  accountGet,
  type CoinbaseCall,
  type CoinbaseContext,
  type CoinbaseRoute,
  productIdOf,
} from "#simulator/protocols/coinbase/context.ts";
import { invalidArgument, orderNotFound } from "#simulator/protocols/coinbase/errors.ts";
import { fillRow, orderRow, orderTypeOf, statusOf, timeInForceOf } from "#simulator/protocols/coinbase/order-shape.ts";
import { instantOf, listOf, pageOf } from "#simulator/protocols/coinbase/paging.ts";

const ORDER_PAGE = { fallback: 1_000, max: 1_000 };
const FILL_PAGE = { fallback: 100, max: 3_000 };

export const ORDER_QUERY_ROUTES: readonly CoinbaseRoute[] = [
  accountGet("/orders/historical/batch", listOrders),
  accountGet("/orders/historical/fills", listFills),
  accountGet("/orders/historical/{id}", getOrder),
];

function getOrder(context: CoinbaseContext, { id }: CoinbaseCall, account: SimAccount): unknown {
  const order = context.engine.order(account.id, id);
  if (order === undefined) throw orderNotFound();
  return { order: orderRow(context, account, order, context.engine.fills(account.id, { orderId: id })) };
}

/** Newest first. OPEN cannot be asked for together with other statuses, as at the venue. */
function listOrders(context: CoinbaseContext, { query }: CoinbaseCall, account: SimAccount): unknown {
  const statuses = listOf(query, "order_status");
  if (statuses.includes("OPEN") && statuses.length > 1) throw invalidArgument("order_status OPEN cannot be combined with others");
  const [from, to] = [instantOf(query, "start_date"), instantOf(query, "end_date")];
  const filters: readonly (readonly [readonly string[], (order: SimOrder) => string])[] = [
    [statuses, (order) => statusOf(order, context.notes)],
    [listOf(query, "order_ids"), (order) => order.id],
    [listOf(query, "product_ids", "product_id"), (order) => productIdOf(order.symbol)],
    [listOf(query, "order_side"), (order) => order.side.toUpperCase()],
    [listOf(query, "order_types", "order_type"), (order) => orderTypeOf(order)],
    [listOf(query, "time_in_forces"), (order) => timeInForceOf(order, context.notes)],
  ];
  const found = context.engine.orders(account.id, {}).filter((order) => {
    if ((from !== undefined && order.createdAt < from) || (to !== undefined && order.createdAt >= to)) return false;
    return filters.every(([wanted, of]) => wanted.length === 0 || wanted.includes(of(order)));
  });
  const page = pageOf([...found].reverse(), query, ORDER_PAGE);
  const fills = fillsByOrder(context, account);
  return {
    orders: page.rows.map((order) => orderRow(context, account, order, fills.get(order.id) ?? [])),
    sequence: "0",
    has_next: page.hasNext,
    cursor: page.cursor,
  };
}

function fillsByOrder({ engine }: CoinbaseContext, account: SimAccount): ReadonlyMap<string, readonly SimFill[]> {
  const groups = new Map<string, SimFill[]>();
  for (const fill of engine.fills(account.id, {})) {
    const group = groups.get(fill.orderId);
    if (group === undefined) groups.set(fill.orderId, [fill]);
    else group.push(fill);
  }
  return groups;
}

/** Newest first. */
function listFills(context: CoinbaseContext, { query }: CoinbaseCall, account: SimAccount): unknown {
  const [from, to] = [instantOf(query, "start_sequence_timestamp"), instantOf(query, "end_sequence_timestamp")];
  const filters: readonly (readonly [readonly string[], (fill: SimFill) => string])[] = [
    [listOf(query, "order_ids", "order_id"), (fill) => fill.orderId],
    [listOf(query, "trade_ids"), (fill) => fill.id],
    [listOf(query, "product_ids", "product_id"), (fill) => productIdOf(fill.symbol)],
  ];
  const found = context.engine.fills(account.id, {}).filter((fill) => {
    if ((from !== undefined && fill.at < from) || (to !== undefined && fill.at > to)) return false;
    return filters.every(([wanted, of]) => wanted.length === 0 || wanted.includes(of(fill)));
  });
  const page = pageOf([...found].reverse(), query, FILL_PAGE);
  return { fills: page.rows.map((fill) => fillRow(context, account, fill)), cursor: page.cursor };
}
