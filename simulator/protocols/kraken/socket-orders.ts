import type { SimAccount } from "#simulator/engine/types.ts";
import { KrakenRefusal } from "#simulator/protocols/kraken/errors.ts";
import { flag, type Params, record, records, text, texts } from "#simulator/protocols/kraken/params.ts";
import type { OrderDesk } from "#simulator/protocols/kraken/orders.ts";

const TRADING: readonly string[] = [
  "add_order",
  "amend_order",
  "edit_order",
  "cancel_order",
  "cancel_all",
  "cancel_all_orders_after",
  "batch_add",
  "batch_cancel",
];

export function isTradingMethod(method: string): boolean {
  return TRADING.includes(method);
}

/** One answer of a trading method: its result, or why not. cancel_order answers once per order. */
export type TradingAnswer = { readonly result: unknown } | { readonly error: string };

function present(record: Readonly<Record<string, unknown>>): Params {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}

/** The socket's order parameters in REST's words. What REST refuses as unsupported keeps its name and is refused there. */
function toRest(params: Params): Params {
  const cash = params["cash_order_qty"];
  const feeIn = text(params, "fee_preference");
  const flags = [
    ...(flag(params, "post_only") ? ["post"] : []),
    ...(cash === undefined ? [] : ["viqc"]),
    ...(feeIn === undefined ? [] : [feeIn === "base" ? "fcib" : "fciq"]),
  ];
  return present({
    pair: params["symbol"],
    type: params["side"],
    ordertype: params["order_type"],
    volume: cash ?? params["order_qty"],
    ...pricesToRest(params),
    timeinforce: params["time_in_force"],
    oflags: flags.join(",") || undefined,
    cl_ord_id: params["cl_ord_id"],
    userref: params["order_userref"],
    deadline: params["deadline"],
    validate: params["validate"],
    close: params["conditional"],
    displayvol: params["display_qty"],
    expiretm: params["expire_time"],
    starttm: params["effective_time"],
    reduce_only: params["reduce_only"],
  });
}

/** REST has an order's trigger in `price` and moves its limit to `price2`. Only fixed prices are offered. */
function pricesToRest(params: Params): Params {
  const limit = params["limit_price"];
  if (params["triggers"] === undefined) return { price: limit };
  const triggers = record(params, "triggers");
  if ((text(triggers, "price_type") ?? "static") !== "static") throw new KrakenRefusal("EGeneral:Invalid arguments:triggers");
  return { price: triggers["price"], price2: limit, trigger: triggers["reference"] ?? "last" };
}

function attempt(work: () => unknown): TradingAnswer {
  try {
    return { result: work() };
  } catch (error) {
    if (error instanceof KrakenRefusal) return { error: error.code };
    throw error;
  }
}

function orderIds(params: Params): readonly Params[] {
  return [
    ...texts(params, "order_id").map((txid) => ({ txid })),
    ...texts(params, "cl_ord_id").map((id) => ({ cl_ord_id: id })),
    ...texts(params, "order_userref").map((txid) => ({ txid })),
  ];
}

function addOrder(desk: OrderDesk, account: SimAccount, params: Params): unknown {
  const request = toRest(params);
  if (flag(request, "validate")) {
    desk.validate(request);
    return {};
  }
  const { order } = desk.add(account, request);
  return present({ order_id: order.id, cl_ord_id: params["cl_ord_id"], order_userref: params["order_userref"] });
}

function amendOrder(desk: OrderDesk, account: SimAccount, params: Params): unknown {
  const order = desk.amend(account, present({ ...params, txid: params["order_id"] }));
  return present({ amend_id: `TA${order.id.slice(2)}`, order_id: order.id, cl_ord_id: order.clientOrderId ?? undefined });
}

function editOrder(desk: OrderDesk, account: SimAccount, params: Params): unknown {
  const edited = desk.edit(account, present({ ...toRest(params), txid: params["order_id"] }));
  return { order_id: edited.order.id, original_order_id: edited.original.id };
}

function batchAdd(desk: OrderDesk, account: SimAccount, params: Params): unknown {
  const symbol = params["symbol"];
  const orders = records(params, "orders").map((order) => toRest({ ...order, symbol }));
  return desk
    .addBatch(account, present({ pair: symbol, deadline: params["deadline"], orders }))
    .map((placed) =>
      placed instanceof KrakenRefusal
        ? { error: placed.code }
        : present({ order_id: placed.order.id, cl_ord_id: placed.order.clientOrderId ?? undefined }),
    );
}

function batchCancel(desk: OrderDesk, account: SimAccount, params: Params): unknown {
  const { count } = desk.cancelBatch(account, present({ orders: params["orders"], cl_ord_ids: params["cl_ord_id"] }));
  return { orders_cancelled: count };
}

/** Runs a trading method of the v2 socket. */
export function trade(desk: OrderDesk, account: SimAccount, method: string, params: Params): readonly TradingAnswer[] {
  if (!account.permissions.trade) return [{ error: "EAccount:Invalid permissions" }];
  switch (method) {
    case "add_order":
      return [attempt(() => addOrder(desk, account, params))];
    case "amend_order":
      return [attempt(() => amendOrder(desk, account, params))];
    case "edit_order":
      return [attempt(() => editOrder(desk, account, params))];
    case "cancel_all":
      return [attempt(() => desk.cancelAll(account))];
    case "cancel_all_orders_after":
      return [attempt(() => desk.cancelAllAfter(account, params))];
    case "batch_add":
      return [attempt(() => batchAdd(desk, account, params))];
    case "batch_cancel":
      return [attempt(() => batchCancel(desk, account, params))];
    default: {
      const ids = orderIds(params);
      if (ids.length === 0) return [{ error: "EGeneral:Invalid arguments" }];
      return ids.map((id) =>
        attempt(() => {
          desk.cancel(account, id);
          return present({ order_id: id["txid"], cl_ord_id: id["cl_ord_id"] });
        }),
      );
    }
  }
}
