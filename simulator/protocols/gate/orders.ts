import type { SimAccount, SimOrder } from "#simulator/engine/types.ts";
import {
  type GateCall,
  type GateContext,
  type GateRoute,
  marketOf,
  pairOfSymbol,
  readRoute,
  writeRoute,
} from "#simulator/protocols/gate/context.ts";
import { GateError, invalidParameter, missingParameter } from "#simulator/protocols/gate/errors.ts";
import { GateFields, invalidBody, onPage, parseBody } from "#simulator/protocols/gate/fields.ts";

const OPEN_LIMIT_MAX = 100;
const BATCH_PAIRS_MAX = 4;
const BATCH_ORDERS_MAX = 10; // per pair
const CANCEL_BATCH_MAX = 20;
const AMEND_BATCH_MAX = 5;
const COUNTDOWN_SECONDS_MIN = 5;

export const ORDER_ROUTES: readonly GateRoute[] = [
  writeRoute("POST /spot/orders", "place", "order", ({ desk }, call, account) => desk.place(account, bodyOf(call)), 201),
  writeRoute("POST /spot/batch_orders", "place", "order", placeBatch),
  writeRoute("DELETE /spot/orders/{id}", "cancel", "cancel", ({ desk }, { id, query }, account) =>
    desk.cancel(account, id, query.required("currency_pair")),
  ),
  writeRoute("DELETE /spot/orders", "cancel", "cancel", ({ desk }, { query }, account) => desk.cancelAll(account, query)),
  writeRoute("POST /spot/cancel_batch_orders", "cancel", "cancel", cancelBatch),
  writeRoute("POST /spot/countdown_cancel_all", "cancel", "cancel", cancelAllAfter),
  writeRoute("PATCH /spot/orders/{id}", "replace", "order", ({ desk }, call, account) =>
    desk.amend(account, call.id, amendment(call)),
  ),
  writeRoute("POST /spot/amend_batch_orders", "replace", "order", amendBatch),
  readRoute("GET /spot/orders/{id}", ({ desk }, { id, query }, account) =>
    desk.row(desk.find(account, id, query.optional("currency_pair"))),
  ),
  readRoute("GET /spot/orders", listOrders),
  readRoute("GET /spot/open_orders", openOrders),
];

function bodyOf({ body }: GateCall): GateFields {
  return GateFields.ofObject(parseBody(body));
}

/** Some clients say the pair and account in the query, some in the body. */
function amendment(call: GateCall): GateFields {
  const body = parseBody(call.body);
  if (typeof body !== "object" || body === null || Array.isArray(body)) throw invalidBody();
  const [pair, account] = [call.query.optional("currency_pair"), call.query.optional("account")];
  return GateFields.ofObject({
    ...(pair === undefined ? {} : { currency_pair: pair }),
    ...(account === undefined ? {} : { account }),
    ...body,
  });
}

function listOf(call: GateCall, max: number): readonly GateFields[] {
  const list = parseBody(call.body);
  if (!Array.isArray(list) || list.length === 0) throw invalidBody();
  if (list.length > max) throw new GateError(400, "TOO_MANY_ORDERS", "Too many orders in one request");
  return list.map((item) => GateFields.ofObject(item));
}

/** Runs one item of a batch; its refusal is its own row and stops nobody else. */
function batchRow(about: Readonly<Record<string, unknown>>, run: () => Record<string, unknown>): Record<string, unknown> {
  try {
    return { ...about, ...run(), succeeded: true, label: "", message: "" };
  } catch (error) {
    if (!(error instanceof GateError)) throw error;
    return { ...about, succeeded: false, ...error.body() };
  }
}

function placeBatch({ desk }: GateContext, call: GateCall, account: SimAccount): unknown {
  const orders = listOf(call, BATCH_PAIRS_MAX * BATCH_ORDERS_MAX);
  const perPair = new Map<string, number>();
  for (const order of orders) {
    if (order.optional("text") === undefined) throw missingParameter("text");
    const pair = order.required("currency_pair");
    perPair.set(pair, (perPair.get(pair) ?? 0) + 1);
  }
  if (perPair.size > BATCH_PAIRS_MAX) throw new GateError(400, "TOO_MANY_CURRENCY_PAIRS", "Too many currency pairs");
  if ([...perPair.values()].some((count) => count > BATCH_ORDERS_MAX)) {
    throw new GateError(400, "TOO_MANY_ORDERS", "Too many orders in one currency pair");
  }
  return orders.map((order) =>
    batchRow({ text: order.optional("text") }, () => {
      const row = desk.place(account, order);
      return { ...row, order_id: row["id"] };
    }),
  );
}

function cancelBatch({ desk }: GateContext, call: GateCall, account: SimAccount): unknown {
  return listOf(call, CANCEL_BATCH_MAX).map((item) => {
    const [id, pair] = [item.required("id"), item.required("currency_pair")];
    return batchRow({ currency_pair: pair, id }, () => {
      const row = desk.cancel(account, id, pair);
      return { id: row["id"], text: row["text"] };
    });
  });
}

/** The dead man's switch: cancels everything after `timeout` seconds unless called again; 0 switches it off. */
function cancelAllAfter({ engine }: GateContext, call: GateCall, account: SimAccount): unknown {
  const fields = bodyOf(call);
  const seconds = fields.integer("timeout");
  if (seconds === undefined) throw missingParameter("timeout");
  if (seconds !== 0 && seconds < COUNTDOWN_SECONDS_MIN) throw invalidParameter("timeout", seconds);
  // A countdown for one pair alone is not offered.
  if (fields.optional("currency_pair") !== undefined) throw invalidParameter("currency_pair", fields.optional("currency_pair"));
  const at = seconds === 0 ? null : engine.now() + seconds * 1000;
  engine.cancelAllAt(account.id, at);
  return { triggerTime: String(at ?? 0) };
}

function amendBatch({ desk }: GateContext, call: GateCall, account: SimAccount): unknown {
  return listOf(call, AMEND_BATCH_MAX).map((item) => {
    const id = item.required("order_id");
    return batchRow({ order_id: id }, () => desk.amend(account, id, item));
  });
}

/** Newest first. Ended orders are chosen by when they ended; open ones know no time range and no side. */
function listOrders({ engine, desk }: GateContext, { query }: GateCall, account: SimAccount): unknown {
  const status = query.choice("status", ["open", "finished"]);
  if (status === undefined) throw missingParameter("status");
  const pair = query.optional("currency_pair");
  const market = pair === undefined ? undefined : marketOf(engine, pair);
  if (status === "open") {
    if (market === undefined) throw missingParameter("currency_pair");
    const open = [...engine.openOrders(account.id, market.symbol)].reverse();
    return onPage(open, query.page(OPEN_LIMIT_MAX)).map((order) => desk.row(order));
  }
  const [from, to] = [query.integer("from"), query.integer("to")];
  if (from !== undefined && to !== undefined && to < from) throw invalidParameter("to", to);
  const side = query.choice("side", ["buy", "sell"]);
  const ended = engine
    .orders(account.id, { open: false, ...(market === undefined ? {} : { symbol: market.symbol }) })
    .filter(
      ({ updatedAt, side: own }) =>
        (from === undefined || updatedAt >= from * 1000) &&
        (to === undefined || updatedAt < (to + 1) * 1000) &&
        (side === undefined || own === side),
    );
  const newestFirst = [...ended].sort((a, b) => b.updatedAt - a.updatedAt);
  return onPage(newestFirst, query.page()).map((order) => desk.row(order));
}

/** One entry per pair that has open orders; pages count within each pair. */
function openOrders({ engine, desk }: GateContext, { query }: GateCall, account: SimAccount): unknown {
  const page = query.page(OPEN_LIMIT_MAX);
  const byPair = new Map<string, SimOrder[]>();
  for (const order of engine.openOrders(account.id)) {
    const pair = pairOfSymbol(order.symbol);
    byPair.set(pair, [...(byPair.get(pair) ?? []), order]);
  }
  return [...byPair].map(([pair, orders]) => ({
    currency_pair: pair,
    total: orders.length,
    orders: onPage(orders.reverse(), page).map((order) => desk.row(order)),
  }));
}
