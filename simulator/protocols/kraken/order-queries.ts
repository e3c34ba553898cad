import type { SimAccount, SimFill, SimOrder, VenueEngine } from "#simulator/engine/types.ts";
import { KrakenRefusal } from "#simulator/protocols/kraken/errors.ts";
import type { OrderNotes } from "#simulator/protocols/kraken/order-notes.ts";
import { clientOrderId, userReference } from "#simulator/protocols/kraken/order-request.ts";
import { orderTypeName } from "#simulator/protocols/kraken/order-type.ts";
import { orderView, tradeView } from "#simulator/protocols/kraken/order-view.ts";
import type { OrderDesk } from "#simulator/protocols/kraken/orders.ts";
import { flag, integer, type Params, text, texts } from "#simulator/protocols/kraken/params.ts";

const PAGE = 50;
const ORDER_IDS_MAX = 50;
const TRADE_IDS_MAX = 20;

/** The private endpoints that read orders and trades. */
export class OrderQueries {
  readonly #engine: VenueEngine;
  readonly #desk: OrderDesk;
  readonly #notes: OrderNotes;

  constructor(engine: VenueEngine, desk: OrderDesk, notes: OrderNotes) {
    this.#engine = engine;
    this.#desk = desk;
    this.#notes = notes;
  }

  /** Orders by txid, any state. Ids that do not exist are left out of the answer. */
  queryOrders(account: SimAccount, params: Params): unknown {
    const ids = idList(params, ORDER_IDS_MAX);
    const userref = userReference(params);
    const orders = ids
      .map((id) => this.#engine.order(account.id, id))
      .filter((order) => order !== undefined)
      .filter((order) => userref === undefined || this.#notes.of(order).userref === userref);
    return this.#byId(account, orders, flag(params, "trades"));
  }

  openOrders(account: SimAccount, params: Params): unknown {
    const orders = this.#engine.openOrders(account.id).filter(this.#reference(params)).reverse();
    return { open: this.#byId(account, orders, flag(params, "trades")) };
  }

  /** Newest first, 50 to a page; `count` is the number of all that match. */
  closedOrders(account: SimAccount, params: Params): unknown {
    const closetime = text(params, "closetime") ?? "both";
    if (!["open", "close", "both"].includes(closetime)) throw new KrakenRefusal("EGeneral:Invalid arguments:closetime");
    const within = timeWindow(params, (id) => this.#engine.order(account.id, id)?.updatedAt);
    const orders = this.#engine
      .orders(account.id, { open: false })
      .filter((order) => order.status !== "open")
      .filter(this.#reference(params))
      .filter((order) => (closetime !== "close" && within(order.createdAt)) || (closetime !== "open" && within(order.updatedAt)))
      .reverse()
      .sort((a, b) => b.updatedAt - a.updatedAt);
    const count = flag(params, "without_count") ? {} : { count: orders.length };
    return { closed: this.#byId(account, page(orders, params), flag(params, "trades")), ...count };
  }

  /** Newest first, 50 to a page; `count` is the number of all that match. */
  tradesHistory(account: SimAccount, params: Params): unknown {
    const fills = this.#engine.fills(account.id, {});
    const within = timeWindow(params, (id) => fills.find((fill) => fill.id === id)?.at);
    const matching = fills.filter((fill) => within(fill.at)).reverse();
    const count = flag(params, "without_count") ? {} : { count: matching.length };
    return { trades: this.#tradesById(account, page(matching, params)), ...count };
  }

  queryTrades(account: SimAccount, params: Params): unknown {
    const ids = new Set(idList(params, TRADE_IDS_MAX));
    return this.#tradesById(
      account,
      this.#engine.fills(account.id, {}).filter((fill) => ids.has(fill.id)),
    );
  }

  #reference(params: Params): (order: SimOrder) => boolean {
    const userref = userReference(params);
    const clientId = clientOrderId(params);
    return (order) =>
      (userref === undefined || this.#notes.of(order).userref === userref) &&
      (clientId === undefined || order.clientOrderId === clientId);
  }

  #byId(account: SimAccount, orders: readonly SimOrder[], trades: boolean): Readonly<Record<string, unknown>> {
    const views = orders.map((order) => {
      const fills = uniqueFills(this.#engine.fills(account.id, { orderId: order.id }));
      return [order.id, orderView(order, this.#desk.pairOf(order.symbol), this.#notes.of(order), fills, trades)] as const;
    });
    return Object.fromEntries(views);
  }

  #tradesById(account: SimAccount, fills: readonly SimFill[]): Readonly<Record<string, unknown>> {
    const views = fills.map((fill) => {
      const order = this.#engine.order(account.id, fill.orderId);
      const type = order === undefined ? "limit" : orderTypeName(order);
      return [fill.id, tradeView(fill, this.#desk.pairOf(fill.symbol), type)] as const;
    });
    return Object.fromEntries(views);
  }
}

/** The engine repeats a fill while the duplicate-fills fault is on; an order's own fee counts it once. */
function uniqueFills(fills: readonly SimFill[]): readonly SimFill[] {
  return [...new Map(fills.map((fill) => [fill.id, fill])).values()];
}

function idList(params: Params, max: number): readonly string[] {
  const ids = texts(params, "txid");
  if (ids.length === 0 || ids.length > max) throw new KrakenRefusal("EGeneral:Invalid arguments:txid");
  return ids;
}

function page<T>(items: readonly T[], params: Params): readonly T[] {
  const offset = integer(params, "ofs", 0, 1e9) ?? 0;
  return items.slice(offset, offset + PAGE);
}

/** `start` (exclusive) and `end` (inclusive) are Unix seconds or the id of an order or trade. */
function timeWindow(params: Params, atOf: (id: string) => number | undefined): (at: number) => boolean {
  const bound = (name: string): number | undefined => {
    const value = text(params, name);
    if (value === undefined) return undefined;
    const at = /^\d{1,12}(\.\d+)?$/.test(value) ? Number(value) * 1000 : atOf(value);
    if (at === undefined) throw new KrakenRefusal(`EGeneral:Invalid arguments:${name}`);
    return at;
  };
  const start = bound("start");
  const end = bound("end");
  return (at) => (start === undefined || at > start) && (end === undefined || at <= end);
}
