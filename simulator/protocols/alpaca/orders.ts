import { type Decimal, ZERO } from "#server/domain/decimal.ts";
import type { SimAccount, SimMarket, SimOrder, SimRejectReason, VenueEngine } from "#simulator/engine/types.ts";
import {
  type AlpacaCall,
  type AlpacaContext,
  type AlpacaRoute,
  amountOf,
  accountGet,
  findMarket,
  orderRoute,
} from "#simulator/protocols/alpaca/context.ts";
import {
  type AlpacaError,
  forbidden,
  malformed,
  notFound,
  refusedOrder,
  unprocessable,
} from "#simulator/protocols/alpaca/errors.ts";
import { clientOrderIdOf, parseOrder, termsOf, timeInForceOf } from "#simulator/protocols/alpaca/order-request.ts";
import { acceptedRow, orderRow, statusOf } from "#simulator/protocols/alpaca/order-shape.ts";
import { integerOf, instantOf } from "#simulator/protocols/alpaca/paging.ts";
import type { FaceResponse } from "#simulator/protocols/face.ts";

const ORDERS = { fallback: 50, max: 500 };

export const ORDER_ROUTES: readonly AlpacaRoute[] = [
  orderRoute("POST", "/v2/orders", "place", createOrder),
  orderRoute("DELETE", "/v2/orders", "cancel", cancelAll),
  accountGet("/v2/orders", listOrders),
  accountGet("/v2/orders:by_client_order_id", orderByClientId),
  accountGet("/v2/orders/{id}", (context, { id }, account) => orderRow(context, requireOrder(context, account, id))),
  orderRoute("DELETE", "/v2/orders/{id}", "cancel", cancelOrder),
  orderRoute("PATCH", "/v2/orders/{id}", "replace", replaceOrder),
];

function requireOrder({ engine }: AlpacaContext, account: SimAccount, id: string): SimOrder {
  const order = engine.order(account.id, id);
  if (order === undefined) throw notFound(`order not found for ${id}`);
  return order;
}

function createOrder(context: AlpacaContext, { body }: AlpacaCall, account: SimAccount): FaceResponse {
  const { market, request, notional } = parseOrder(context.engine, body);
  const result = context.engine.place(account.id, request);
  if (!result.ok) throw refusal(context.engine, account, market, request, result.reason);
  const { order } = result.value;
  context.notes.add(order.id, { notional, replaces: null });
  return { status: 200, body: acceptedRow(context, order) };
}

/** A missing balance is told with its numbers; the key was looked at before, so what is left to forbid is a market that is closed. */
function refusal(
  engine: VenueEngine,
  account: SimAccount,
  market: SimMarket,
  wanted: { readonly side: string; readonly amount?: Decimal; readonly price?: Decimal; readonly cost?: Decimal },
  reason: SimRejectReason,
): AlpacaError {
  if (reason === "not-permitted") return unprocessable(`asset ${market.symbol} is not tradable`);
  if (reason !== "insufficient-funds") return refusedOrder(reason, termsOf(market));
  const asset = wanted.side === "buy" ? market.quote : market.base;
  const price = wanted.price ?? engine.ticker(market.symbol)?.ask ?? ZERO;
  const requested = wanted.side === "sell" ? (wanted.amount ?? ZERO) : (wanted.cost ?? price.times(wanted.amount ?? ZERO));
  const held = engine.balances(account.id).find((balance) => balance.asset === asset);
  const [available, balance] = [(held?.free ?? ZERO).toFixed(), (held?.free.plus(held.locked) ?? ZERO).toFixed()];
  const message = `insufficient balance for ${asset} (requested: ${requested.toFixed()}, available: ${available})`;
  return forbidden(message, { available, balance, symbol: asset });
}

function cancelOrder(context: AlpacaContext, { id }: AlpacaCall, account: SimAccount): FaceResponse {
  const order = requireOrder(context, account, id);
  const result = context.engine.cancel(account.id, id);
  if (!result.ok) throw unprocessable(`order is already in "${statusOf(order, context.notes)}" state`);
  return { status: 204, body: undefined };
}

function cancelAll(context: AlpacaContext, _call: AlpacaCall, account: SimAccount): FaceResponse {
  const body = context.engine.openOrders(account.id).map(({ id }) => {
    const result = context.engine.cancel(account.id, id);
    return result.ok ? { id, status: 200, body: orderRow(context, result.value) } : { id, status: 500, body: null };
  });
  return { status: 207, body };
}

/** Ends the order and places another one with what is left of it: a new id and a new client id, as the venue documents. */
function replaceOrder(context: AlpacaContext, { id, body }: AlpacaCall, account: SimAccount): FaceResponse {
  const { engine, notes } = context;
  const order = requireOrder(context, account, id);
  const market = engine.market(order.symbol);
  if (order.status !== "open" || market === undefined) {
    throw unprocessable(`cannot replace order in ${statusOf(order, notes)} status`);
  }
  if (notes.of(id)?.notional) throw unprocessable("notional orders cannot be replaced");
  const { amount, price, stop } = changeOf(body, order);
  const left = amount.minus(order.filled);
  if (!left.gt(0)) throw unprocessable("qty must be > filled_qty");
  const request = {
    symbol: order.symbol,
    side: order.side,
    type: order.type,
    timeInForce: body["time_in_force"] === undefined ? order.timeInForce : timeInForceOf(body["time_in_force"]),
    postOnly: false,
    amount: left,
    ...(price === null ? {} : { price }),
    ...(stop === undefined ? {} : { trigger: { kind: "stop-loss" as const, price: stop } }),
    clientOrderId: clientOrderIdOf(body["client_order_id"]),
  };
  requireReplaceable(engine, account, market, order, request);
  const ended = notes.replacing(id, () => engine.cancel(account.id, id));
  const placed = ended.ok ? engine.place(account.id, request) : ended;
  if (!placed.ok) throw refusal(engine, account, market, request, placed.reason);
  const successor = placed.value.order;
  notes.add(successor.id, { notional: null, replaces: id });
  notes.replaced(id, { by: successor.id, at: engine.now() });
  return { status: 200, body: acceptedRow(context, successor) };
}

function changeOf(body: Readonly<Record<string, unknown>>, order: SimOrder) {
  const changed = (name: string) => {
    const value = amountOf(body[name]);
    if (value === undefined && body[name] !== undefined && body[name] !== null) throw malformed(`invalid ${name}`);
    return value;
  };
  const amount = changed("qty") ?? order.amount;
  const price = changed("limit_price") ?? order.price;
  const stop = order.trigger === undefined ? undefined : (changed("stop_price") ?? order.trigger.price);
  const same =
    amount.eq(order.amount) && price?.eq(order.price ?? ZERO) && (stop === undefined || stop.eq(order.trigger?.price ?? 0));
  if (same === true && body["time_in_force"] === undefined) throw unprocessable("order parameters are not changed");
  return { amount, price, stop };
}

/** Nothing ends before it is sure that its successor will be taken. */
function requireReplaceable(
  engine: VenueEngine,
  account: SimAccount,
  market: SimMarket,
  order: SimOrder,
  wanted: { readonly side: string; readonly amount: Decimal; readonly price?: Decimal; readonly clientOrderId: string },
): void {
  const terms = termsOf(market);
  if (wanted.price?.mod(market.priceTick).isZero() === false) throw refusedOrder("price-tick", terms);
  if (!wanted.amount.mod(market.amountStep).isZero()) throw refusedOrder("amount-step", terms);
  if (wanted.amount.lt(market.amountMin)) throw refusedOrder("amount-min", terms);
  if (engine.orderByClientId(account.id, wanted.clientOrderId) !== undefined) throw refusedOrder("duplicate-client-id", terms);
  const cost = ({ amount, price }: { amount: Decimal; price?: Decimal }) =>
    order.side === "sell" ? amount : amount.times(price ?? ZERO);
  const asset = order.side === "buy" ? market.quote : market.base;
  const free = engine.balances(account.id).find((balance) => balance.asset === asset)?.free ?? ZERO;
  const held = cost({ amount: order.amount.minus(order.filled), price: order.price ?? ZERO });
  if (cost(wanted).gt(free.plus(held))) throw refusal(engine, account, market, wanted, "insufficient-funds");
}

/** Newest first unless told otherwise. `after` and `until` are compared with the time of submission and leave it out itself. */
function listOrders(context: AlpacaContext, { query }: AlpacaCall, account: SimAccount): unknown {
  const { engine } = context;
  const status = query.get("status") ?? "open";
  if (!["open", "closed", "all"].includes(status)) throw malformed("invalid status");
  const limit = Math.min(integerOf(query, "limit") ?? ORDERS.fallback, ORDERS.max);
  const [after, until] = [instantOf(query, "after"), instantOf(query, "until")];
  const names = (query.get("symbols") ?? "").split(",").filter((name) => name !== "");
  const symbols = new Set(names.map((name) => findMarket(engine, name)?.symbol ?? name));
  const side = query.get("side");
  const found = engine.orders(account.id, status === "all" ? {} : { open: status === "open" }).filter((order) => {
    if (symbols.size > 0 && !symbols.has(order.symbol)) return false;
    if (side !== null && side !== "" && order.side !== side) return false;
    return (after === undefined || order.createdAt > after) && (until === undefined || order.createdAt < until);
  });
  const rows = query.get("direction") === "asc" ? found : [...found].reverse();
  return rows.slice(0, limit).map((order) => orderRow(context, order));
}

function orderByClientId(context: AlpacaContext, { query }: AlpacaCall, account: SimAccount): unknown {
  const clientOrderId = query.get("client_order_id");
  if (clientOrderId === null || clientOrderId === "") throw malformed("client_order_id is required");
  const order = context.engine.orderByClientId(account.id, clientOrderId);
  if (order === undefined) throw notFound(`order not found for ${clientOrderId}`);
  return orderRow(context, order);
}
