import type { SimAccount, SimOrder } from "#simulator/engine/types.ts";
import {
  accountPost,
  type CoinbaseCall,
  type CoinbaseContext,
  type CoinbaseRoute,
  findMarket,
  productIdOf,
  text,
} from "#simulator/protocols/coinbase/context.ts";
import {
  invalidArgument,
  orderFailure,
  refusedByMarket,
  refusedOrder,
  refusedStop,
} from "#simulator/protocols/coinbase/errors.ts";
import { type ParsedConfiguration, decimal, parseConfiguration } from "#simulator/protocols/coinbase/order-request.ts";
import { configurationOf, stopDirectionOf } from "#simulator/protocols/coinbase/order-shape.ts";
import { previewEdit, previewOrder } from "#simulator/protocols/coinbase/preview.ts";
import type { FaceResponse } from "#simulator/protocols/face.ts";

const MAX_CANCELS = 100;

export const ORDER_ROUTES: readonly CoinbaseRoute[] = [
  accountPost("/orders", "place", "trade", createOrder),
  accountPost("/orders/batch_cancel", "cancel", "trade", cancelOrders),
  accountPost("/orders/edit", "replace", "trade", editOrder),
  accountPost("/orders/preview", "query", "view", (context, call, account) =>
    previewOrder(context, account, readOrder(context, call)),
  ),
  accountPost("/orders/edit_preview", "query", "view", (context, call, account) => previewEdit(context, call, account)),
];

export interface NewOrder {
  readonly symbol: string | undefined;
  readonly side: "buy" | "sell";
  readonly parsed: ParsedConfiguration | undefined;
  readonly configuration: unknown;
}

function readOrder({ engine }: CoinbaseContext, { body }: CoinbaseCall): NewOrder {
  const product = text(body["product_id"]);
  if (product === undefined) throw invalidArgument("product_id is required");
  const side = body["side"] === "BUY" ? "buy" : body["side"] === "SELL" ? "sell" : undefined;
  if (side === undefined) throw invalidArgument("side is invalid");
  const market = findMarket(engine, product);
  const configuration = body["order_configuration"];
  const parsed = market === undefined ? undefined : parseConfiguration(market, side, configuration);
  return { symbol: market?.symbol, side, parsed, configuration };
}

/** A client_order_id that was used before answers the order of its first use, whatever this request asks for. */
function createOrder(context: CoinbaseContext, call: CoinbaseCall, account: SimAccount): FaceResponse {
  const clientOrderId = text(call.body["client_order_id"]);
  if (clientOrderId === undefined) throw invalidArgument("client_order_id is required");
  const { symbol, side, parsed, configuration } = readOrder(context, call);
  if (symbol === undefined) return refusedOrder("unknown-symbol", configuration);
  if (parsed === undefined) return refusedOrder("bad-request", configuration);
  const { trigger } = parsed.order;
  const isRepeated = context.engine.orderByClientId(account.id, clientOrderId) !== undefined;
  if (trigger !== undefined && !isRepeated && context.engine.wouldTrigger(symbol, side, trigger))
    return refusedStop(stopDirectionOf(side, trigger), configuration);
  const result = context.notes.placing(account.id, clientOrderId, parsed.note, () =>
    context.engine.place(account.id, { ...parsed.order, symbol, side, clientOrderId }),
  );
  // The key's scope was looked at before: what is left to forbid an order is a closed market.
  if (!result.ok)
    return result.reason === "not-permitted" ? refusedByMarket(configuration) : refusedOrder(result.reason, configuration);
  const { order } = result.value;
  context.notes.add(account.id, order.id, parsed.note);
  return {
    status: 200,
    body: {
      success: true,
      success_response: {
        order_id: order.id,
        product_id: productIdOf(order.symbol),
        side: order.side.toUpperCase(),
        client_order_id: order.clientOrderId ?? "",
        attached_order_id: "",
      },
      order_configuration: configurationOf(order, context.notes),
    },
  };
}

/** One result per id, in the order asked. The request itself succeeds even if no cancel does. */
function cancelOrders({ engine }: CoinbaseContext, { body }: CoinbaseCall, account: SimAccount): FaceResponse {
  const ids = body["order_ids"];
  if (!Array.isArray(ids) || ids.length === 0) throw invalidArgument("order_ids is required");
  if (ids.length > MAX_CANCELS) throw invalidArgument(`order_ids must have at most ${MAX_CANCELS} entries`);
  const results = ids.map((value: unknown) => {
    const id = String(value);
    const before = engine.order(account.id, id);
    const result = engine.cancel(account.id, id);
    return {
      success: result.ok,
      failure_reason: result.ok ? "UNKNOWN_CANCEL_FAILURE_REASON" : cancelFailure(before),
      order_id: id,
    };
  });
  return { status: 200, body: { results } };
}

function cancelFailure(order: SimOrder | undefined): string {
  if (order === undefined) return "UNKNOWN_CANCEL_ORDER";
  return order.status === "filled" ? "ORDER_IS_FULLY_FILLED" : "DUPLICATE_CANCEL_REQUEST";
}

/** Only good-til-canceled limit and stop-limit orders can be edited. A refusal answers HTTP 200 with `success: false`. */
function editOrder(context: CoinbaseContext, { body }: CoinbaseCall, account: SimAccount): FaceResponse {
  const id = text(body["order_id"]);
  if (id === undefined) throw invalidArgument("order_id is required");
  const refuse = (edit: string, preview?: string): FaceResponse => ({
    status: 200,
    body: {
      success: false,
      errors: [{ edit_failure_reason: edit, preview_failure_reason: preview ?? "UNKNOWN_PREVIEW_FAILURE_REASON" }],
    },
  });
  const order = context.engine.order(account.id, id);
  if (order === undefined || order.status !== "open") return refuse("ORDER_NOT_FOUND");
  if (order.type !== "limit" || context.notes.ofOrder(order)?.endsAt !== undefined)
    return refuse("ONLY_LIMIT_ORDER_EDITS_SUPPORTED");
  const [price, amount, triggerPrice] = ["price", "size", "stop_price"].map((name) => decimal(body[name]));
  if (price === undefined && amount === undefined && triggerPrice === undefined)
    throw invalidArgument("price, size or stop_price is required");
  if (amount?.lte(order.filled)) return refuse("CANNOT_EDIT_TO_BELOW_FILLED_SIZE");
  const change = {
    ...(price === undefined ? {} : { price }),
    ...(amount === undefined ? {} : { amount }),
    ...(triggerPrice === undefined ? {} : { triggerPrice }),
  };
  const result = context.engine.replace(account.id, id, change);
  if (result.ok) return { status: 200, body: { success: true, errors: [] } };
  if (result.reason === "price-tick") return refuse("INVALID_EDITED_PRICE", orderFailure(result.reason).preview);
  if (result.reason === "amount-step" || result.reason === "amount-min") {
    return refuse("INVALID_EDITED_SIZE", orderFailure(result.reason).preview);
  }
  return refuse("COMMANDER_REJECTED_EDIT_ORDER", orderFailure(result.reason).preview);
}
