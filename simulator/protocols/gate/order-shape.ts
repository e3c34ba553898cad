import { type Decimal, ZERO } from "#server/domain/decimal.ts";
import type { SimFill, SimOrder, VenueEngine } from "#simulator/engine/types.ts";
import { pairOfSymbol, seconds } from "#simulator/protocols/gate/context.ts";
import type { OrderNotes } from "#simulator/protocols/gate/order-notes.ts";

const AVERAGE_PLACES = 10;
const DISCOUNT_ASSET = "GT";

/** The client's id behind the venue's prefix, or the mark of an order that came over the API without one. */
export function textOf(clientOrderId: string | null): string {
  return clientOrderId === null ? "apiv4" : `t-${clientOrderId}`;
}

export function timeInForceOf(order: SimOrder): string {
  if (order.postOnly) return "poc";
  if (order.type === "market") return order.timeInForce === "FOK" ? "fok" : "ioc";
  return order.timeInForce.toLowerCase();
}

export function statusOf(order: SimOrder): "open" | "closed" | "cancelled" {
  if (order.status === "open") return "open";
  return order.status === "filled" ? "closed" : "cancelled";
}

/** How the order ended. A resting order that ends by itself met another one of its own account. */
export function finishOf(order: SimOrder): string {
  if (order.status === "open") return "open";
  if (order.status === "filled") return "filled";
  if (order.status === "canceled") return "cancelled";
  const timeInForce = timeInForceOf(order);
  return timeInForce === "ioc" || timeInForce === "fok" ? timeInForce : "stp";
}

function isMarketBuy(order: SimOrder): boolean {
  return order.type === "market" && order.side === "buy";
}

/** Fees of an order in the asset it receives, or in GT where the account pays with that. */
function feesOf(order: SimOrder, fills: readonly SimFill[]) {
  const [base = "", quote = ""] = order.symbol.split("/");
  const received = order.side === "buy" ? base : quote;
  const unique = [...new Map(fills.map((fill) => [fill.id, fill])).values()];
  const inGt = unique.filter((fill) => fill.feeAsset === DISCOUNT_ASSET && received !== DISCOUNT_ASSET);
  const others = unique.filter((fill) => !inGt.includes(fill));
  return {
    fee: sum(others).toFixed(),
    fee_currency: others[0]?.feeAsset ?? received,
    point_fee: "0",
    gt_fee: sum(inGt).toFixed(),
    gt_maker_fee: "0",
    gt_taker_fee: "0",
    gt_discount: inGt.length > 0,
    rebated_fee: "0",
    rebated_fee_currency: order.side === "buy" ? quote : base,
  };
}

function sum(fills: readonly SimFill[]): Decimal {
  return fills.reduce((total, fill) => total.plus(fill.fee), ZERO);
}

/** What REST and socket messages say of an order alike. Amounts of a market buy are in quote. */
function commonFields(engine: VenueEngine, notes: OrderNotes, order: SimOrder): Record<string, unknown> {
  const amount = isMarketBuy(order) ? notes.quoteAmount(order) : order.amount;
  const left = amount.minus(isMarketBuy(order) ? order.cost : order.filled);
  const average = order.filled.isZero() ? ZERO : order.cost.div(order.filled).toDecimalPlaces(AVERAGE_PLACES);
  return {
    id: order.id,
    text: textOf(order.clientOrderId),
    amend_text: notes.amendText(order.id),
    create_time: String(seconds(order.createdAt)),
    update_time: String(seconds(order.updatedAt)),
    currency_pair: pairOfSymbol(order.symbol),
    type: order.type,
    account: "spot",
    side: order.side,
    amount: amount.toFixed(),
    price: (order.price ?? ZERO).toFixed(),
    time_in_force: timeInForceOf(order),
    left: left.toFixed(),
    filled_amount: order.filled.toFixed(),
    filled_total: order.cost.toFixed(),
    avg_deal_price: average.toFixed(),
    ...feesOf(order, engine.fills(order.accountId, { orderId: order.id })),
    stp_id: 0,
    stp_act: "-",
    finish_as: finishOf(order),
  };
}

export function orderRow(engine: VenueEngine, notes: OrderNotes, order: SimOrder): Record<string, unknown> {
  return {
    ...commonFields(engine, notes, order),
    create_time_ms: order.createdAt,
    update_time_ms: order.updatedAt,
    status: statusOf(order),
    iceberg: "0",
    fill_price: order.cost.toFixed(),
  };
}

/** `event` is what happened to the order: created, changed, ended. */
export function orderNotice(
  engine: VenueEngine,
  notes: OrderNotes,
  order: SimOrder,
  event: "put" | "update" | "finish",
  user: number,
): Record<string, unknown> {
  return {
    ...commonFields(engine, notes, order),
    create_time_ms: String(order.createdAt),
    update_time_ms: String(order.updatedAt),
    user,
    event,
    biz_info: "-",
  };
}

/** The fee columns of one trade. */
export function tradeFees(fill: SimFill): Record<string, string> {
  const inGt = fill.feeAsset === DISCOUNT_ASSET && !fill.symbol.split("/").includes(DISCOUNT_ASSET);
  return {
    fee: inGt ? "0" : fill.fee.toFixed(),
    fee_currency: inGt ? receivedAsset(fill) : fill.feeAsset,
    point_fee: "0",
    gt_fee: inGt ? fill.fee.toFixed() : "0",
  };
}

function receivedAsset(fill: SimFill): string {
  const [base = "", quote = ""] = fill.symbol.split("/");
  return fill.side === "buy" ? base : quote;
}
