import type { SimOrder } from "#simulator/engine/types.ts";
import {
  type KucoinContext,
  type KucoinRoutes,
  marketId,
  type PrivateCall,
  readRoute,
} from "#simulator/protocols/kucoin/context.ts";
import { KucoinError, orderDoesNotExist } from "#simulator/protocols/kucoin/errors.ts";
import { marketOf } from "#simulator/protocols/kucoin/market-data.ts";
import { fillRow, orderRow } from "#simulator/protocols/kucoin/order-shape.ts";
import type { KucoinParams } from "#simulator/protocols/kucoin/params.ts";

const WINDOW_MS = 7 * 86_400_000;

/** Reading an account's orders and fills over the high-frequency endpoints. All but the list of symbols want a symbol. */
export const ORDER_QUERY_ROUTES: KucoinRoutes = {
  "GET /api/v1/hf/orders/active": readRoute(2, (context, call) => openOrders(context, call)),
  "GET /api/v1/hf/orders/active/page": readRoute(2, openPage),
  "GET /api/v1/hf/orders/active/symbols": readRoute(2, ({ engine }, { account }) => ({
    symbols: [...new Set(engine.openOrders(account.id).map(marketId))],
  })),
  "GET /api/v1/hf/orders/done": readRoute(2, doneOrders),
  "GET /api/v1/hf/orders/{}": readRoute(2, (context, call) =>
    oneOrder(context, call, context.engine.order(call.account.id, call.name)),
  ),
  "GET /api/v1/hf/orders/client-order/{}": readRoute(2, (context, call) =>
    oneOrder(context, call, context.engine.orderByClientId(call.account.id, call.name)),
  ),
  "GET /api/v1/hf/fills": readRoute(2, fills),
};

function oneOrder(context: KucoinContext, call: PrivateCall, order: SimOrder | undefined): unknown {
  const market = marketOf(context, call);
  if (order === undefined || order.symbol !== market.symbol) throw orderDoesNotExist();
  return orderRow(context, order);
}

/** Newest first. */
function openOrders(context: KucoinContext, call: PrivateCall): readonly unknown[] {
  const open = context.engine.openOrders(call.account.id, marketOf(context, call).symbol);
  return [...open].reverse().map((order) => orderRow(context, order));
}

function openPage(context: KucoinContext, call: PrivateCall): unknown {
  return pageOf(openOrders(context, call), {
    currentPage: call.params.size("pageNum", 1, 100_000),
    pageSize: call.params.size("pageSize", 20, 100),
  });
}

export function pageOf(
  rows: readonly unknown[],
  { currentPage, pageSize }: { readonly currentPage: number; readonly pageSize: number },
): unknown {
  const items = rows.slice((currentPage - 1) * pageSize, currentPage * pageSize);
  return { currentPage, pageSize, totalNum: rows.length, totalPage: Math.ceil(rows.length / pageSize), items };
}

/** At most seven days; the last seven unless the request says which. */
export function windowOf(params: KucoinParams, now: number): { readonly since: number; readonly until: number } {
  const [start, end] = [params.integer("startAt"), params.integer("endAt")];
  const since = start ?? (end ?? now) - WINDOW_MS;
  const until = end ?? since + WINDOW_MS;
  if (until < since || until - since > WINDOW_MS) throw new KucoinError("102425", "The time range is not supported.");
  return { since, until };
}

/** By the time of finishing, the last first; `lastId` of a page is where the next one continues. */
function doneOrders(context: KucoinContext, call: PrivateCall): unknown {
  const { params, account } = call;
  const market = marketOf(context, call);
  const { since, until } = windowOf(params, context.engine.now());
  const [side, type] = [params.text("side"), params.text("type")];
  const [before, limit] = [params.integer("lastId") ?? Number.POSITIVE_INFINITY, params.size("limit", 20, 100)];
  const done = context.notes.numberDone(context.engine.orders(account.id, { symbol: market.symbol, open: false }));
  const page = done
    .filter(({ order, number }) => {
      if (number >= before || order.createdAt < since || order.createdAt > until) return false;
      return (side === undefined || order.side === side) && (type === undefined || order.type === type);
    })
    .slice(0, limit);
  return { lastId: page.at(-1)?.number ?? 0, items: page.map(({ order }) => orderRow(context, order)) };
}

/** Newest first. An order's fills are all of them, whenever they happened. */
function fills(context: KucoinContext, call: PrivateCall): unknown {
  const { params, account } = call;
  const market = marketOf(context, call);
  const orderId = params.text("orderId");
  const window = windowOf(params, context.engine.now());
  const { since, until } = orderId === undefined ? window : { since: 0, until: Number.POSITIVE_INFINITY };
  const [side, type] = [params.text("side"), params.text("type")];
  const [before, limit] = [params.integer("lastId") ?? Number.POSITIVE_INFINITY, params.size("limit", 20, 100)];
  const query = { symbol: market.symbol, since, ...(orderId === undefined ? {} : { orderId }) };
  const found = context.engine.fills(account.id, query).filter((fill) => fill.at <= until && Number(fill.id) < before);
  const rows = [...found].reverse().map((fill) => fillRow(context, fill));
  const wanted = rows.filter(
    (row) => (side === undefined || row["side"] === side) && (type === undefined || row["type"] === type),
  );
  const items = wanted.slice(0, limit);
  return { items, lastId: items.at(-1)?.["id"] ?? 0 };
}
