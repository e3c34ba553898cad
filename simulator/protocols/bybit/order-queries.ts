import type { SimAccount, SimFill, SimOrder } from "#simulator/engine/types.ts";
import { type BybitContext, type BybitRoutes, queryRoute } from "#simulator/protocols/bybit/context.ts";
import { badParameter } from "#simulator/protocols/bybit/errors.ts";
import { executionRow, orderRow } from "#simulator/protocols/bybit/order-shape.ts";
import { pageOf, weekWindow } from "#simulator/protocols/bybit/paging.ts";
import { type BybitParams, findMarket } from "#simulator/protocols/bybit/params.ts";

const RECENT_CLOSED = 500;

/** Looking at orders and fills. All lists are newest first. */
export const ORDER_QUERY_ROUTES: BybitRoutes = {
  "GET /v5/order/realtime": queryRoute("read", 50, realtime),
  "GET /v5/order/history": queryRoute("read", 50, history),
  "GET /v5/execution/list": queryRoute("read", 50, executions),
};

function listAnswer(params: BybitParams, list: readonly unknown[], nextPageCursor: string): unknown {
  return { category: params.category(), nextPageCursor, list };
}

/** Only spot has orders here: the other categories' lists are empty. */
function isSpot(params: BybitParams): boolean {
  return params.category() === "spot";
}

function symbolOf({ engine }: BybitContext, params: BybitParams): string | undefined {
  const id = params.text("symbol");
  if (id === undefined) return undefined;
  const market = findMarket(engine, id);
  if (market === undefined) throw badParameter("Not supported symbols");
  return market.symbol;
}

/** The order of an id, else of a link id, in a list of one; undefined if the question names neither. */
function named({ engine }: BybitContext, params: BybitParams, account: SimAccount): readonly SimOrder[] | undefined {
  const [orderId, linkId] = [params.text("orderId"), params.text("orderLinkId")];
  if (orderId === undefined && linkId === undefined) return undefined;
  const order = orderId === undefined ? engine.orderByClientId(account.id, linkId ?? "") : engine.order(account.id, orderId);
  return order === undefined ? [] : [order];
}

/** Open orders; with `openOnly=1` the latest 500 closed ones instead. One that is named is found open or closed among them. */
function realtime(context: BybitContext, params: BybitParams, account: SimAccount): unknown {
  if (!isSpot(params)) return listAnswer(params, [], "");
  const { engine } = context;
  const symbol = symbolOf(context, params);
  const closed = (): readonly SimOrder[] => engine.orders(account.id, { open: false, limit: RECENT_CLOSED });
  const one = named(context, params, account)?.filter(
    (order) => order.status === "open" || closed().some(({ id }) => id === order.id),
  );
  const wantsClosed = (params.integer("openOnly") ?? 0) !== 0;
  const found = one ?? (wantsClosed ? closed() : engine.openOrders(account.id, symbol));
  return orderPage(
    context,
    params,
    found.filter((order) => symbol === undefined || order.symbol === symbol),
  );
}

/** Closed orders of at most seven days, by the time of their placing. */
function history(context: BybitContext, params: BybitParams, account: SimAccount): unknown {
  const { start, end } = weekWindow(params, context.engine.now());
  if (!isSpot(params)) return listAnswer(params, [], "");
  const symbol = symbolOf(context, params);
  const status = params.text("orderStatus");
  const found = named(context, params, account) ?? context.engine.orders(account.id, { open: false });
  const fitting = found.filter(
    (order) =>
      order.status !== "open" &&
      (symbol === undefined || order.symbol === symbol) &&
      order.createdAt >= start &&
      order.createdAt <= end,
  );
  const rows = status === undefined ? fitting : fitting.filter((order) => orderRow(context, order)["orderStatus"] === status);
  return orderPage(context, params, rows);
}

function orderPage(context: BybitContext, params: BybitParams, oldestFirst: readonly SimOrder[]): unknown {
  const page = pageOf([...oldestFirst].reverse(), (order) => order.createdAt, params, { fallback: 20, max: 50 });
  return listAnswer(
    params,
    page.rows.map((order) => orderRow(context, order)),
    page.nextPageCursor,
  );
}

/** Fills of at most seven days. */
function executions(context: BybitContext, params: BybitParams, account: SimAccount): unknown {
  const { engine } = context;
  const { start, end } = weekWindow(params, engine.now());
  const execType = params.text("execType") ?? "Trade";
  if (!isSpot(params) || execType !== "Trade") return listAnswer(params, [], "");
  const symbol = symbolOf(context, params);
  const order = named(context, params, account)?.[0];
  const orderId = params.text("orderId") ?? (params.text("orderLinkId") === undefined ? undefined : (order?.id ?? ""));
  const fills = engine.fills(account.id, {
    ...(symbol === undefined ? {} : { symbol }),
    ...(orderId === undefined ? {} : { orderId }),
    since: start,
    until: end,
  });
  const page = pageOf<SimFill>([...fills].reverse(), (fill) => fill.at, params, { fallback: 50, max: 100 });
  const rows = page.rows.map((fill) => executionRow(context, fill, engine.order(account.id, fill.orderId)));
  return listAnswer(params, rows, page.nextPageCursor);
}
