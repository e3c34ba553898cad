import type { SimAccount, SimOrder } from "#simulator/engine/types.ts";
import {
  type KucoinContext,
  type KucoinRoutes,
  marketId,
  type PrivateCall,
  tradeRoute,
} from "#simulator/protocols/kucoin/context.ts";
import { KucoinError, marketSuspended, parameterError, refusalError } from "#simulator/protocols/kucoin/errors.ts";
import { marketOf } from "#simulator/protocols/kucoin/market-data.ts";
import { checkGrid, type ParsedOrder, parseOrder } from "#simulator/protocols/kucoin/order-request.ts";
import { rests, syncRow } from "#simulator/protocols/kucoin/order-shape.ts";
import type { KucoinParams } from "#simulator/protocols/kucoin/params.ts";

const BATCH_MAX = 20;
const SWITCH_SECONDS_MIN = 5;
const SWITCH_SECONDS_MAX = 86_400;

/** Placing, changing and canceling over the high-frequency endpoints. Those with `sync` in their path answer after the matching. */
export const ORDER_ROUTES: KucoinRoutes = {
  "POST /api/v1/hf/orders": tradeRoute("place", 1, (context, call) => placedRow(placeHf(context, call.account, call.params))),
  "POST /api/v1/hf/orders/sync": tradeRoute("place", 1, (context, call) => syncRow(placeHf(context, call.account, call.params))),
  "POST /api/v1/hf/orders/test": tradeRoute("query", 1, test),
  "POST /api/v1/hf/orders/multi": tradeRoute("place", 1, (context, call) => placeMany(context, call, placedRow)),
  "POST /api/v1/hf/orders/multi/sync": tradeRoute("place", 1, (context, call) => placeMany(context, call, syncRow)),
  "POST /api/v1/hf/orders/dead-cancel-all": tradeRoute("cancel", 2, cancelAllAfter),
  "POST /api/v1/hf/orders/alter": tradeRoute("replace", 1, alter),
  "DELETE /api/v1/hf/orders/{}": tradeRoute("cancel", 1, (context, call) => ({ orderId: cancelById(context, call).id })),
  "DELETE /api/v1/hf/orders/client-order/{}": tradeRoute("cancel", 1, (context, call) => ({
    clientOid: cancelByClientId(context, call).clientOrderId,
  })),
  "DELETE /api/v1/hf/orders/sync/{}": tradeRoute("cancel", 1, (context, call) => canceledRow(cancelById(context, call))),
  "DELETE /api/v1/hf/orders/sync/client-order/{}": tradeRoute("cancel", 1, (context, call) =>
    canceledRow(cancelByClientId(context, call)),
  ),
  "DELETE /api/v1/hf/orders": tradeRoute("cancel", 2, (context, call) => {
    cancelAll(context, call.account, marketOf(context, call).symbol);
    return "success";
  }),
  "DELETE /api/v1/hf/orders/cancelAll": tradeRoute("cancel", 30, (context, { account }) => {
    const canceled = cancelAll(context, account);
    return { succeedSymbols: [...new Set(canceled.map(marketId))], failedSymbols: [] };
  }),
};

function placeHf(context: KucoinContext, account: SimAccount, params: KucoinParams): SimOrder {
  return place(context, account, parseOrder(context.engine, params, "optional"));
}

export function place({ engine, notes }: KucoinContext, account: SimAccount, parsed: ParsedOrder): SimOrder {
  const result = engine.place(account.id, parsed.request);
  // The key's permission was looked at before: what is left to forbid an order is a closed market.
  if (!result.ok) throw result.reason === "not-permitted" ? marketSuspended() : refusalError(result.reason, parsed.market);
  notes.remember(result.value.order.id, parsed.note);
  return result.value.order;
}

function placedRow(order: SimOrder): Record<string, unknown> {
  return { orderId: order.id, clientOid: order.clientOrderId ?? "" };
}

function test(context: KucoinContext, { params }: PrivateCall): unknown {
  const parsed = parseOrder(context.engine, params, "optional");
  checkGrid(parsed);
  return { orderId: "000000000000000000000000", clientOid: parsed.request.clientOrderId ?? "" };
}

/** Each order of a batch has an answer of its own; one that is refused stops no other. */
function placeMany(
  context: KucoinContext,
  { params, account }: PrivateCall,
  row: (order: SimOrder) => Record<string, unknown>,
): unknown {
  return batchOf(params, BATCH_MAX).map((item) => {
    const clientOid = item.text("clientOid") ?? "";
    const placed = attempt(() => placeHf(context, account, item));
    if (placed instanceof KucoinError) return { success: false, failMsg: placed.message, clientOid };
    return { ...row(placed), success: true };
  });
}

export function batchOf(params: KucoinParams, most: number): readonly KucoinParams[] {
  const list = params.list("orderList");
  if (list.length === 0 || list.length > most) throw parameterError(`orderList size should be between 1 and ${most}`);
  return list;
}

export function attempt<T>(run: () => T): T | KucoinError {
  try {
    return run();
  } catch (error) {
    if (error instanceof KucoinError) return error;
    throw error;
  }
}

/**
 * Cancels an order and places another for what is left of the new size, under the same client id. The order gets a new id, and
 * if the new one is refused the old one is gone all the same.
 */
function alter(context: KucoinContext, call: PrivateCall): unknown {
  const { params, account } = call;
  const market = marketOf(context, call);
  const order = findOpen(context, call, params.text("orderId"), params.text("clientOid"));
  const [newPrice, newSize] = [params.decimal("newPrice"), params.decimal("newSize")];
  if (newPrice === undefined && newSize === undefined) throw parameterError("newPrice or newSize can not be empty.");
  const price = newPrice ?? order.price;
  if (price === null) throw parameterError("only limit orders can be altered.");
  const amount = (newSize ?? order.amount).minus(order.filled);
  const { clientOrderId } = order;
  const parsed: ParsedOrder = {
    market,
    note: context.notes.of(order),
    request: {
      symbol: order.symbol,
      side: order.side,
      type: "limit",
      amount,
      price,
      timeInForce: "GTC",
      postOnly: order.postOnly,
      ...(clientOrderId === null ? {} : { clientOrderId }),
    },
  };
  if (amount.gt(0)) checkGrid(parsed);
  cancel(context, account, order);
  // A new size that is filled already: the order counts as complete.
  if (amount.lte(0)) return { newOrderId: order.id, clientOid: clientOrderId ?? "" };
  return { newOrderId: place(context, account, parsed).id, clientOid: clientOrderId ?? "" };
}

/** The dead man's switch: cancels everything after `timeout` seconds unless called again; -1 switches it off. Times are in seconds. */
function cancelAllAfter({ engine }: KucoinContext, { account, params }: PrivateCall): unknown {
  // A switch for some markets alone is not offered.
  if (params.text("symbols") !== undefined) throw parameterError("symbols is not supported.");
  const currentTime = Math.floor(engine.now() / 1000);
  if (params.required("timeout") === "-1") {
    engine.cancelAllAt(account.id, null);
    return { currentTime, triggerTime: 0 };
  }
  const seconds = params.integer("timeout") ?? 0;
  if (seconds < SWITCH_SECONDS_MIN || seconds > SWITCH_SECONDS_MAX) throw parameterError("timeout is invalid.");
  engine.cancelAllAt(account.id, engine.now() + seconds * 1000);
  return { currentTime, triggerTime: currentTime + seconds };
}

function cancelById(context: KucoinContext, call: PrivateCall): SimOrder {
  marketOf(context, call);
  return cancel(context, call.account, findOpen(context, call, call.name, undefined));
}

function cancelByClientId(context: KucoinContext, call: PrivateCall): SimOrder {
  marketOf(context, call);
  return cancel(context, call.account, findOpen(context, call, undefined, call.name));
}

/** The order that an id or a client id names, in the market that the request names. */
function findOpen(
  { engine }: KucoinContext,
  { account, params }: PrivateCall,
  id: string | undefined,
  clientOid: string | undefined,
): SimOrder {
  if (id === undefined && clientOid === undefined) throw parameterError("orderId or clientOid can not be empty.");
  const order =
    id !== undefined
      ? engine.order(account.id, id)
      : clientOid === undefined
        ? undefined
        : engine.orderByClientId(account.id, clientOid);
  if (order === undefined || order.status !== "open" || marketId(order) !== params.text("symbol")) {
    throw refusalError("unknown-order");
  }
  return order;
}

export function cancel({ engine }: KucoinContext, account: SimAccount, order: SimOrder): SimOrder {
  const result = engine.cancel(account.id, order.id);
  if (!result.ok) throw refusalError(result.reason);
  return result.value;
}

export function cancelAll(context: KucoinContext, account: SimAccount, symbol?: string): readonly SimOrder[] {
  return context.engine.openOrders(account.id, symbol).map((order) => cancel(context, account, order));
}

function canceledRow(order: SimOrder): Record<string, unknown> {
  const { remain, canceled } = rests(order);
  return {
    orderId: order.id,
    clientOid: order.clientOrderId ?? "",
    originSize: order.amount.toFixed(),
    dealSize: order.filled.toFixed(),
    remainSize: remain.toFixed(),
    canceledSize: canceled.toFixed(),
    status: "done",
  };
}
