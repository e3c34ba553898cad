import type { SimAccount, SimOrder } from "#simulator/engine/types.ts";
import type { AccountRoute, BybitAnswer, BybitContext, BybitRoutes } from "#simulator/protocols/bybit/context.ts";
import { badParameter, BybitError, marketNotOpen, refusalError } from "#simulator/protocols/bybit/errors.ts";
import { parseOrder } from "#simulator/protocols/bybit/order-request.ts";
import { type BybitParams, findMarket, idOfSymbol, orderMarket } from "#simulator/protocols/bybit/params.ts";

const BATCH_MAX = 10;

type Act = (context: BybitContext, params: BybitParams, account: SimAccount) => SimOrder;

/** What changes orders. Answers are acknowledgements: the order's state is told by look-ups and streams. */
export const ORDER_ROUTES: BybitRoutes = {
  "POST /v5/order/create": single("place", 20, place),
  "POST /v5/order/amend": single("replace", 10, amend),
  "POST /v5/order/cancel": single("cancel", 20, cancel),
  "POST /v5/order/cancel-all": {
    kind: "cancel",
    permission: "trade",
    perSecond: 20,
    run: (context, params, account) => ({ result: cancelAll(context, params, account) }),
  },
  "POST /v5/order/create-batch": batch("place", 20, place, (order) => ({
    createAt: order === null ? "" : String(order.createdAt),
  })),
  "POST /v5/order/amend-batch": batch("replace", 10, amend),
  "POST /v5/order/cancel-batch": batch("cancel", 20, cancel),
};

function single(kind: AccountRoute["kind"], perSecond: number, act: Act): AccountRoute {
  const run = (context: BybitContext, params: BybitParams, account: SimAccount): BybitAnswer => {
    params.requireSpot();
    return { result: named(act(context, params, account)) };
  };
  return { kind, permission: "trade", perSecond, run };
}

function named(order: SimOrder): { orderId: string; orderLinkId: string } {
  return { orderId: order.id, orderLinkId: order.clientOrderId ?? "" };
}

/** Each entry succeeds or fails by itself: `result` lists the orders, `retExtInfo` what became of each. */
function batch(
  kind: AccountRoute["kind"],
  perSecond: number,
  act: Act,
  more: (order: SimOrder | null) => Readonly<Record<string, string>> = () => ({}),
): AccountRoute {
  const run = (context: BybitContext, params: BybitParams, account: SimAccount): BybitAnswer => {
    params.requireSpot();
    const entries = params.records("request");
    if (entries.length === 0 || entries.length > BATCH_MAX) throw badParameter("request length is out of range.");
    const done = entries.map((entry) => attempt(() => act(context, entry, account), entry));
    return {
      result: { list: done.map(({ row, order }) => ({ category: "spot", ...row, ...more(order) })) },
      extra: { list: done.map(({ code, msg }) => ({ code, msg })) },
    };
  };
  return { kind, permission: "trade", perSecond, calls: (params) => params.records("request").length, run };
}

function attempt(act: () => SimOrder, entry: BybitParams) {
  try {
    const order = act();
    return { order, row: { symbol: idOfSymbol(order.symbol), ...named(order) }, code: 0, msg: "OK" };
  } catch (error) {
    if (!(error instanceof BybitError)) throw error;
    const row = { symbol: entry.text("symbol") ?? "", orderId: "", orderLinkId: entry.text("orderLinkId") ?? "" };
    return { order: null, row, code: error.code, msg: error.message };
  }
}

function place(context: BybitContext, params: BybitParams, account: SimAccount): SimOrder {
  const { engine, notes } = context;
  const { request, quoteAmount } = parseOrder(engine, params);
  const placeIt = () => engine.place(account.id, request);
  const result =
    quoteAmount === undefined
      ? placeIt()
      : notes.placing({ accountId: account.id, clientOrderId: request.clientOrderId ?? null, quoteAmount }, placeIt);
  // The key's permission was looked at before: what is left to forbid an order is a closed market.
  if (!result.ok) throw result.reason === "not-permitted" ? marketNotOpen() : refusalError(result.reason);
  const { order } = result.value;
  if (quoteAmount !== undefined) notes.remember(order.id, quoteAmount);
  return order;
}

/** The order named by its id or its link id, of the market that is named with it. Throws 170213. */
function findOrder({ engine }: BybitContext, params: BybitParams, account: SimAccount): SimOrder {
  const market = orderMarket(engine, params);
  const [orderId, linkId] = [params.text("orderId"), params.text("orderLinkId")];
  if (orderId === undefined && linkId === undefined) throw badParameter("orderId or orderLinkId is required.");
  const order =
    orderId !== undefined
      ? engine.order(account.id, orderId)
      : linkId === undefined
        ? undefined
        : engine.orderByClientId(account.id, linkId);
  if (order === undefined || order.symbol !== market.symbol) throw refusalError("unknown-order");
  return order;
}

function cancel(context: BybitContext, params: BybitParams, account: SimAccount): SimOrder {
  const result = context.engine.cancel(account.id, findOrder(context, params, account).id);
  if (!result.ok) throw refusalError(result.reason);
  return result.value;
}

/** Price and amount may change; the id stays. The amount is the order's whole, with what is filled. */
function amend(context: BybitContext, params: BybitParams, account: SimAccount): SimOrder {
  const order = findOrder(context, params, account);
  const [amount, price] = [params.decimal("qty"), params.decimal("price")];
  if (amount === undefined && price === undefined) throw badParameter("qty or price is required.");
  const change = { ...(amount === undefined ? {} : { amount }), ...(price === undefined ? {} : { price }) };
  const result = context.engine.replace(account.id, order.id, change);
  if (!result.ok) throw refusalError(result.reason);
  return result.value;
}

function cancelAll({ engine }: BybitContext, params: BybitParams, account: SimAccount): unknown {
  params.requireSpot();
  const id = params.text("symbol");
  const market = id === undefined ? undefined : findMarket(engine, id);
  if (id !== undefined && market === undefined) throw refusalError("unknown-symbol");
  const list = engine.openOrders(account.id, market?.symbol).flatMap((order) => {
    const canceled = engine.cancel(account.id, order.id);
    return canceled.ok ? [named(canceled.value)] : [];
  });
  return { list, success: "1" };
}
