import type { SimAccount, SimOrder } from "#simulator/engine/types.ts";
import { accountRoute, type BinanceContext, type BinanceRoutes, marketOf } from "#simulator/protocols/binance/context.ts";
import {
  BinanceError,
  marketClosed,
  orderDoesNotExist,
  refusalError,
  wouldTriggerError,
} from "#simulator/protocols/binance/errors.ts";
import { checkFilters, newClientId, type ParsedOrder, parseOrder } from "#simulator/protocols/binance/order-request.ts";
import { canceledRow, orderRow, placedRow } from "#simulator/protocols/binance/order-shape.ts";
import type { BinanceParams } from "#simulator/protocols/binance/params.ts";

const DAY_MS = 86_400_000;

export const ORDER_ROUTES: BinanceRoutes = {
  "POST /api/v3/order": accountRoute("place", "trade", 1, (context, params, account) =>
    place(context, account, parseOrder(context.engine, params)),
  ),
  "POST /api/v3/order/test": accountRoute("query", "trade", 1, ({ engine }, params) => {
    checkFilters(parseOrder(engine, params));
    return {};
  }),
  "DELETE /api/v3/order": accountRoute("cancel", "trade", 1, cancel),
  "GET /api/v3/order": accountRoute("query", "read", 4, (context, params, account) =>
    row(context, findOrder(context, params, account)),
  ),
  "GET /api/v3/openOrders": accountRoute("query", "read", (params) => (params.has("symbol") ? 6 : 80), openOrders),
  "DELETE /api/v3/openOrders": accountRoute("cancel", "trade", 1, cancelAll),
  "GET /api/v3/allOrders": accountRoute("query", "read", 20, allOrders),
  "POST /api/v3/order/cancelReplace": accountRoute("replace", "trade", 1, cancelReplace),
};

function place(context: BinanceContext, account: SimAccount, parsed: ParsedOrder): Record<string, unknown> {
  const { engine, limiter, memory } = context;
  limiter.checkOrders(account.id, engine.now());
  const { request, quoteAmount } = parsed;
  const { symbol, side, trigger } = request;
  if (trigger !== undefined && engine.wouldTrigger(symbol, side, trigger)) throw wouldTriggerError();
  const placeIt = () => engine.place(account.id, request);
  const { clientOrderId } = request;
  const result =
    quoteAmount === undefined
      ? placeIt()
      : memory.placing({ accountId: account.id, clientOrderId, amount: quoteAmount }, placeIt);
  // The key's permission was looked at before: what is left to forbid an order is a closed market.
  if (!result.ok) throw result.reason === "not-permitted" ? marketClosed() : refusalError(result.reason);
  const { order, fills } = result.value;
  // The venue's order count is of unfilled orders: one that traded at once does not count.
  if (order.filled.isZero()) limiter.countOrder(account.id, engine.now());
  if (quoteAmount !== undefined) memory.rememberQuoteAmount(order.id, quoteAmount);
  return placedRow(order, fills, parsed.response, quoteAmount);
}

function row({ memory }: BinanceContext, order: SimOrder): Record<string, unknown> {
  return orderRow(order, memory.quoteAmount(order));
}

interface OrderNames {
  readonly id: string;
  readonly clientId: string;
}

const OWN_NAMES: OrderNames = { id: "orderId", clientId: "origClientOrderId" };
const CANCEL_NAMES: OrderNames = { id: "cancelOrderId", clientId: "cancelOrigClientOrderId" };

function lookUp(context: BinanceContext, params: BinanceParams, account: SimAccount, names: OrderNames): SimOrder | undefined {
  const market = marketOf(context.engine, params.symbol());
  const id = params.integer(names.id);
  const clientId = params.optional(names.clientId);
  if (id === undefined && clientId === undefined) {
    throw new BinanceError(400, -1102, `Param '${names.clientId}' or '${names.id}' must be sent, but both were empty/null!`);
  }
  const order =
    id !== undefined
      ? context.engine.order(account.id, String(id))
      : clientId === undefined
        ? undefined
        : context.engine.orderByClientId(account.id, clientId);
  if (order === undefined || order.symbol !== market.symbol) return undefined;
  return clientId === undefined || order.clientOrderId === clientId ? order : undefined;
}

function findOrder(context: BinanceContext, params: BinanceParams, account: SimAccount): SimOrder {
  const order = lookUp(context, params, account, OWN_NAMES);
  if (order === undefined) throw orderDoesNotExist();
  return order;
}

function cancel(context: BinanceContext, params: BinanceParams, account: SimAccount): Record<string, unknown> {
  return cancelNamed(context, params, account, OWN_NAMES);
}

function cancelNamed(
  context: BinanceContext,
  params: BinanceParams,
  account: SimAccount,
  names: OrderNames,
): Record<string, unknown> {
  const order = lookUp(context, params, account, names);
  if (order === undefined) throw refusalError("unknown-order");
  const cancelId = params.clientOrderId(names === OWN_NAMES ? "newClientOrderId" : "cancelNewClientOrderId") ?? newClientId();
  return cancelOne(context, account, order, cancelId);
}

function cancelOne(context: BinanceContext, account: SimAccount, order: SimOrder, cancelId: string): Record<string, unknown> {
  const result = context.engine.cancel(account.id, order.id);
  if (!result.ok) throw refusalError(result.reason);
  return canceledRow(result.value, cancelId, context.memory.quoteAmount(order));
}

function openOrders(context: BinanceContext, params: BinanceParams, account: SimAccount): unknown {
  const symbol = params.has("symbol") ? marketOf(context.engine, params.symbol()).symbol : undefined;
  return context.engine.openOrders(account.id, symbol).map((order) => row(context, order));
}

function cancelAll(context: BinanceContext, params: BinanceParams, account: SimAccount): unknown {
  const market = marketOf(context.engine, params.symbol());
  const open = context.engine.openOrders(account.id, market.symbol);
  if (open.length === 0) throw refusalError("unknown-order");
  const cancelId = newClientId();
  return open.map((order) => cancelOne(context, account, order, cancelId));
}

/** Oldest first. With an order id: that one and later. A window is at most one day. */
function allOrders(context: BinanceContext, params: BinanceParams, account: SimAccount): unknown {
  const market = marketOf(context.engine, params.symbol());
  const fromId = params.integer("orderId");
  const { start, end } = dayWindow(params);
  const limit = params.limit(500, 1_000);
  const found = context.engine.orders(account.id, { symbol: market.symbol }).filter((order) => {
    if (fromId !== undefined && Number(order.id) < fromId) return false;
    return (start === undefined || order.createdAt >= start) && (end === undefined || order.createdAt <= end);
  });
  const page = fromId === undefined && start === undefined ? found.slice(-limit) : found.slice(0, limit);
  return page.map((order) => row(context, order));
}

export function dayWindow(params: BinanceParams): { readonly start: number | undefined; readonly end: number | undefined } {
  const [start, end] = [params.integer("startTime"), params.integer("endTime")];
  if (start !== undefined && end !== undefined) {
    if (end < start) throw new BinanceError(400, -1128, "Combination of optional parameters invalid.");
    if (end - start > DAY_MS) throw new BinanceError(400, -1127, "More than 24 hours between startTime and endTime.");
  }
  return { start, end };
}

/**
 * Cancels one order and places another. Filters are looked at before the cancel, so a malformed new order costs nothing;
 * a refusal after the cancel (funds, post-only) leaves the old order canceled: HTTP 409, -2021.
 */
function cancelReplace(context: BinanceContext, params: BinanceParams, account: SimAccount): unknown {
  const modes = ["STOP_ON_FAILURE", "ALLOW_FAILURE"] as const;
  const complaint = (): BinanceError => new BinanceError(400, -1130, "Data sent for parameter 'cancelReplaceMode' is not valid.");
  const mode = params.choice("cancelReplaceMode", modes, complaint);
  const parsed = parseOrder(context.engine, params);
  checkFilters(parsed);
  const canceled = attempt(() => cancelNamed(context, params, account, CANCEL_NAMES));
  if (!canceled.ok && mode === "STOP_ON_FAILURE") {
    throw replaceError(400, -2022, "FAILURE", canceled.body, "NOT_ATTEMPTED", null);
  }
  const placed = attempt(() => place(context, account, parsed));
  if (canceled.ok && placed.ok) {
    return { cancelResult: "SUCCESS", newOrderResult: "SUCCESS", cancelResponse: canceled.body, newOrderResponse: placed.body };
  }
  const [cancelResult, newOrderResult] = [canceled.ok ? "SUCCESS" : "FAILURE", placed.ok ? "SUCCESS" : "FAILURE"];
  const partial = canceled.ok || placed.ok;
  throw replaceError(partial ? 409 : 400, partial ? -2021 : -2022, cancelResult, canceled.body, newOrderResult, placed.body);
}

function replaceError(
  status: number,
  code: -2021 | -2022,
  cancelResult: string,
  cancelResponse: unknown,
  newOrderResult: string,
  newOrderResponse: unknown,
): BinanceError {
  const message = code === -2021 ? "Order cancel-replace partially failed." : "Order cancel-replace failed.";
  return new BinanceError(status, code, message, { cancelResult, newOrderResult, cancelResponse, newOrderResponse });
}

function attempt(run: () => unknown): { readonly ok: boolean; readonly body: unknown } {
  try {
    return { ok: true, body: run() };
  } catch (error) {
    if (error instanceof BinanceError) return { ok: false, body: error.body() };
    throw error;
  }
}
