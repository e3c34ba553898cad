import type { SimAccount, SimOrder } from "#simulator/engine/types.ts";
import {
  type KucoinContext,
  type KucoinRoutes,
  marketById,
  type PrivateCall,
  readRoute,
  tradeRoute,
} from "#simulator/protocols/kucoin/context.ts";
import { KucoinError, orderDoesNotExist, refusalError } from "#simulator/protocols/kucoin/errors.ts";
import { pageOf, windowOf } from "#simulator/protocols/kucoin/order-queries.ts";
import { checkGrid, parseOrder } from "#simulator/protocols/kucoin/order-request.ts";
import { classicFillRow, classicOrderRow } from "#simulator/protocols/kucoin/order-shape.ts";
import { attempt, batchOf, cancel, cancelAll, place } from "#simulator/protocols/kucoin/orders.ts";
import type { KucoinParams } from "#simulator/protocols/kucoin/params.ts";

const BATCH_MAX = 5;
const ROWS_MAX = 500;
const RECENT_ROWS = 1_000;
const DAY_MS = 86_400_000;

/** The same orders and fills over the endpoints that came before the high-frequency ones. */
export const CLASSIC_ROUTES: KucoinRoutes = {
  "POST /api/v1/orders": tradeRoute("place", 2, (context, { account, params }) => ({
    orderId: placeClassic(context, account, params).id,
  })),
  "POST /api/v1/orders/test": tradeRoute("query", 2, (context, { params }) => {
    checkGrid(parseOrder(context.engine, params, "mandatory"));
    return { orderId: "000000000000000000000000" };
  }),
  "POST /api/v1/orders/multi": tradeRoute("place", 3, placeMany),
  "DELETE /api/v1/orders/{}": tradeRoute("cancel", 3, (context, call) => ({
    cancelledOrderIds: [cancelOpen(context, call, context.engine.order(call.account.id, call.name)).id],
  })),
  "DELETE /api/v1/order/client-order/{}": tradeRoute("cancel", 5, (context, call) => ({
    cancelledOrderId: cancelOpen(context, call, context.engine.orderByClientId(call.account.id, call.name)).id,
    clientOid: call.name,
    cancelledOcoOrderIds: null,
  })),
  "DELETE /api/v1/orders": tradeRoute("cancel", 20, (context, { account, params }) => ({
    cancelledOrderIds: cancelAll(context, account, symbolIn(context, params)).map(({ id }) => id),
  })),
  "GET /api/v1/orders": readRoute(2, orders),
  "GET /api/v1/limit/orders": readRoute(3, (context, { account }) => {
    const recent = context.engine.orders(account.id, { since: context.engine.now() - DAY_MS }).slice(-RECENT_ROWS);
    return [...recent].reverse().map((order) => classicOrderRow(context, order));
  }),
  "GET /api/v1/orders/{}": readRoute(2, (context, call) => known(context, context.engine.order(call.account.id, call.name))),
  "GET /api/v1/order/client-order/{}": readRoute(3, (context, call) =>
    known(context, context.engine.orderByClientId(call.account.id, call.name)),
  ),
  "GET /api/v1/fills": readRoute(10, fills),
  "GET /api/v1/limit/fills": readRoute(20, (context, { account }) => {
    const recent = context.engine.fills(account.id, { since: context.engine.now() - DAY_MS }).slice(-RECENT_ROWS);
    return [...recent].reverse().map((fill) => classicFillRow(context, fill));
  }),
};

function placeClassic(context: KucoinContext, account: SimAccount, params: KucoinParams): SimOrder {
  return place(context, account, parseOrder(context.engine, params, "mandatory"));
}

/** A batch is for one symbol, and every order in it has an answer of its own. */
function placeMany(context: KucoinContext, { params, account }: PrivateCall): unknown {
  const symbol = params.required("symbol");
  const data = batchOf(params, BATCH_MAX).map((item) => {
    const placed = attempt(() => {
      if ((item.text("symbol") ?? symbol) !== symbol) throw refusalError("unknown-symbol");
      return placeClassic(context, account, item);
    });
    const failed = placed instanceof KucoinError;
    return {
      symbol,
      type: item.text("type") ?? "limit",
      side: item.text("side") ?? null,
      price: item.text("price") ?? null,
      size: item.text("size") ?? null,
      funds: null,
      stp: "",
      stop: "",
      stopPrice: null,
      timeInForce: item.text("timeInForce") ?? "GTC",
      cancelAfter: 0,
      postOnly: item.flag("postOnly"),
      hidden: false,
      iceberg: false,
      visibleSize: null,
      channel: "API",
      id: failed ? null : placed.id,
      status: failed ? "fail" : "success",
      failMsg: failed ? placed.message : null,
      clientOid: item.text("clientOid") ?? null,
    };
  });
  return { data };
}

function cancelOpen(context: KucoinContext, { account }: PrivateCall, order: SimOrder | undefined): SimOrder {
  if (order === undefined) throw refusalError("unknown-order");
  return cancel(context, account, order);
}

function known(context: KucoinContext, order: SimOrder | undefined): unknown {
  if (order === undefined) throw orderDoesNotExist();
  return classicOrderRow(context, order);
}

function symbolIn({ engine }: KucoinContext, params: KucoinParams): string | undefined {
  const id = params.text("symbol");
  if (id === undefined) return undefined;
  const market = marketById(engine, id);
  if (market === undefined) throw refusalError("unknown-symbol");
  return market.symbol;
}

function pageIn(params: KucoinParams): { readonly currentPage: number; readonly pageSize: number } {
  return { currentPage: params.size("currentPage", 1, 100_000), pageSize: params.size("pageSize", 50, ROWS_MAX) };
}

/** Newest first. Finished orders unless the open ones are asked for; only those are limited to seven days. */
function orders(context: KucoinContext, { params, account }: PrivateCall): unknown {
  const open = params.optionalChoice("status", ["active", "done"] as const) === "active";
  const symbol = symbolIn(context, params);
  const { since, until } = open ? { since: 0, until: Number.POSITIVE_INFINITY } : windowOf(params, context.engine.now());
  const [side, type] = [params.text("side"), params.text("type")];
  const found = context.engine
    .orders(account.id, { open, since, ...(symbol === undefined ? {} : { symbol }) })
    .filter((order) => {
      if (order.createdAt > until) return false;
      return (side === undefined || order.side === side) && (type === undefined || order.type === type);
    });
  const rows = [...found].reverse().map((order) => classicOrderRow(context, order));
  return pageOf(rows, pageIn(params));
}

function fills(context: KucoinContext, { params, account }: PrivateCall): unknown {
  const orderId = params.text("orderId");
  const symbol = symbolIn(context, params);
  const window = windowOf(params, context.engine.now());
  const { since, until } = orderId === undefined ? window : { since: 0, until: Number.POSITIVE_INFINITY };
  const query = { since, ...(symbol === undefined ? {} : { symbol }), ...(orderId === undefined ? {} : { orderId }) };
  const found = context.engine.fills(account.id, query).filter(({ at, side }) => {
    return at <= until && (params.text("side") ?? side) === side;
  });
  return pageOf(
    [...found].reverse().map((fill) => classicFillRow(context, fill)),
    pageIn(params),
  );
}
