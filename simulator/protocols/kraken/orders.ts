import type { Decimal } from "#server/domain/decimal.ts";
import type { SimAccount, SimOrder, SimResult, VenueEngine } from "#simulator/engine/types.ts";
import { amendPoints, cancelPoints, type DecayingCounters } from "#simulator/protocols/kraken/call-limits.ts";
import { KrakenRefusal, REJECT_CODES } from "#simulator/protocols/kraken/errors.ts";
import type { KrakenNames, KrakenPair } from "#simulator/protocols/kraken/names.ts";
import type { OrderNotes } from "#simulator/protocols/kraken/order-notes.ts";
import { checkTick, clientOrderId, type ParsedOrder, parseOrder } from "#simulator/protocols/kraken/order-request.ts";
import { isWaiting, orderTypeName } from "#simulator/protocols/kraken/order-type.ts";
import { describe } from "#simulator/protocols/kraken/order-view.ts";
import { decimal, flag, integer, type Params, records, text, texts } from "#simulator/protocols/kraken/params.ts";

const BATCH_MAX = 15;
const CANCEL_BATCH_MAX = 50;

export interface Placed {
  readonly order: SimOrder;
  readonly description: string;
}

/**
 * The value, or kraken's error for the engine's reason. The key's permission was checked before the engine was asked, so
 * "not permitted" can only mean that the market is closed.
 */
export function unwrap<T>(result: SimResult<T>): T {
  if (result.ok) return result.value;
  if (result.reason === "not-permitted") throw new KrakenRefusal("EService:Market in cancel_only mode");
  throw new KrakenRefusal(result.reason === "unknown-symbol" ? "EQuery:Unknown asset pair" : REJECT_CODES[result.reason]);
}

/** An order that waits has its trigger in `price` and its limit in `price2`. */
function successorPrices(original: SimOrder, params: Params): Params {
  const waits = isWaiting(original);
  const price = decimal(params, "price") ?? (waits ? original.trigger?.price : original.price);
  const price2 = decimal(params, "price2") ?? (waits ? original.price : null);
  return { price: price?.toFixed(), price2: price2?.toFixed() };
}

/** Placing, changing and cancelling, for REST and the socket alike: parameters are REST's. */
export class OrderDesk {
  readonly #engine: VenueEngine;
  readonly #names: KrakenNames;
  readonly #notes: OrderNotes;
  readonly #counters: DecayingCounters;

  constructor(engine: VenueEngine, names: KrakenNames, notes: OrderNotes, counters: DecayingCounters) {
    this.#engine = engine;
    this.#names = names;
    this.#notes = notes;
    this.#counters = counters;
  }

  pairOf(symbol: string): KrakenPair {
    const pair = this.#names.pair(symbol);
    if (pair === undefined) throw new Error(`no pair for ${symbol}`);
    return pair;
  }

  /** Reads and checks an order without placing it: AddOrder's `validate`. */
  validate(params: Params): ParsedOrder & { readonly description: string } {
    const parsed = parseOrder(params, this.#names, this.#engine.now());
    const { request, pair } = parsed;
    if (request.amount?.mod(pair.market.amountStep).isZero() === false) throw new KrakenRefusal(REJECT_CODES["amount-step"]);
    if (request.amount?.lt(pair.market.amountMin)) throw new KrakenRefusal(REJECT_CODES["amount-min"]);
    const price = request.price ?? request.trigger?.price;
    const cost = request.cost ?? (price === undefined ? undefined : request.amount?.mul(price));
    if (cost?.lt(pair.market.costMin)) throw new KrakenRefusal(REJECT_CODES["cost-min"]);
    const volume = request.cost ?? request.amount;
    if (volume === undefined) throw new Error("a parsed order has a volume");
    const { side, price: limit = null, trigger = null } = request;
    return { ...parsed, description: describe(pair, { side, volume, price: limit, trigger }) };
  }

  add(account: SimAccount, params: Params): Placed {
    const { request, note, pair, description } = this.validate(params);
    this.#counters.add(`${account.id} ${pair.id}`, 1);
    const { order } = unwrap(this.#notes.during(account.id, note, () => this.#engine.place(account.id, request)));
    this.#notes.keep(order.id, note);
    return { order, description };
  }

  /** REST's AddOrder. */
  addOrder(account: SimAccount, params: Params): unknown {
    if (flag(params, "validate")) return { descr: { order: this.validate(params).description } };
    const { order, description } = this.add(account, params);
    return { txid: [order.id], descr: { order: description } };
  }

  /** All orders are checked before the first is placed; after that each stands for itself. */
  addBatch(account: SimAccount, params: Params): readonly (Placed | KrakenRefusal)[] {
    const common = { pair: params["pair"], ...(params["deadline"] === undefined ? {} : { deadline: params["deadline"] }) };
    const orders = records(params, "orders").map((order) => ({ ...order, ...common }));
    if (orders.length < 2 || orders.length > BATCH_MAX) throw new KrakenRefusal("EGeneral:Invalid arguments:orders");
    for (const order of orders) this.validate(order);
    return orders.map((order) => {
      try {
        return this.add(account, order);
      } catch (error) {
        if (error instanceof KrakenRefusal) return error;
        throw error;
      }
    });
  }

  addOrderBatch(account: SimAccount, params: Params): unknown {
    if (flag(params, "validate")) {
      const orders = records(params, "orders").map((order) => this.validate({ ...order, pair: params["pair"] }));
      return { orders: orders.map(({ description }) => ({ descr: { order: description } })) };
    }
    const orders = this.addBatch(account, params).map((placed) =>
      placed instanceof KrakenRefusal ? { error: placed.code } : { txid: placed.order.id, descr: { order: placed.description } },
    );
    return { orders };
  }

  /** By txid or client order id, whatever its state. Another account's order does not exist. */
  find(account: SimAccount, params: Params): SimOrder {
    const clientId = clientOrderId(params);
    const txid = text(params, "txid");
    if ((clientId === undefined) === (txid === undefined)) throw new KrakenRefusal("EGeneral:Invalid arguments");
    const order =
      clientId === undefined ? this.#engine.order(account.id, txid ?? "") : this.#engine.orderByClientId(account.id, clientId);
    if (order === undefined) throw new KrakenRefusal("EOrder:Unknown order");
    return order;
  }

  cancelOne(account: SimAccount, order: SimOrder): SimOrder {
    const canceled = unwrap(this.#engine.cancel(account.id, order.id));
    const pair = this.pairOf(order.symbol);
    this.#counters.charge(`${account.id} ${pair.id}`, cancelPoints(this.#engine.now() - order.createdAt));
    return canceled;
  }

  /** REST's CancelOrder: `txid` may be a user reference, which cancels every open order that carries it. */
  cancel(account: SimAccount, params: Params): { readonly count: number } {
    const txid = text(params, "txid");
    if (txid === undefined || !/^-?\d+$/.test(txid)) {
      this.cancelOne(account, this.find(account, params));
      return { count: 1 };
    }
    const marked = this.#engine.openOrders(account.id).filter((order) => this.#notes.of(order).userref === Number(txid));
    if (marked.length === 0) throw new KrakenRefusal("EOrder:Unknown order");
    for (const order of marked) this.cancelOne(account, order);
    return { count: marked.length };
  }

  cancelAll(account: SimAccount): { readonly count: number } {
    const open = this.#engine.openOrders(account.id);
    for (const order of open) this.cancelOne(account, order);
    return { count: open.length };
  }

  /** Orders that are already gone are passed over, as kraken does; the count tells. */
  cancelBatch(account: SimAccount, params: Params): { readonly count: number } {
    const ids = [
      ...texts(params, "orders").map((txid) => ({ txid })),
      ...texts(params, "cl_ord_ids").map((id) => ({ cl_ord_id: id })),
    ];
    if (ids.length === 0 || ids.length > CANCEL_BATCH_MAX) throw new KrakenRefusal("EGeneral:Invalid arguments:orders");
    let count = 0;
    for (const id of ids) {
      try {
        count += this.cancel(account, id).count;
      } catch (error) {
        if (!(error instanceof KrakenRefusal)) throw error;
      }
    }
    return { count };
  }

  /** The dead man's switch: cancels everything after `timeout` seconds unless called again; 0 switches it off. */
  cancelAllAfter(account: SimAccount, params: Params): { readonly currentTime: string; readonly triggerTime: string } {
    const timeout = integer(params, "timeout", 0, 86_400);
    if (timeout === undefined) throw new KrakenRefusal("EGeneral:Invalid arguments:timeout");
    const second = (at: number) => new Date(at).toISOString().replace(/\.\d+Z$/, "Z");
    const now = this.#engine.now();
    this.#engine.cancelAllAt(account.id, timeout === 0 ? null : now + timeout * 1000);
    if (timeout === 0) return { currentTime: second(now), triggerTime: "0" };
    return { currentTime: second(now), triggerTime: second(now + timeout * 1000) };
  }

  /**
   * Changes an open order in place: it keeps its ids, and its queue place where the engine says so. One that is left no more than is
   * filled is canceled.
   */
  amend(account: SimAccount, params: Params): SimOrder {
    const order = this.find(account, params);
    const amount = decimal(params, "order_qty");
    const price = decimal(params, "limit_price");
    const triggerPrice = decimal(params, "trigger_price");
    if (amount === undefined && price === undefined && triggerPrice === undefined)
      throw new KrakenRefusal("EGeneral:Invalid arguments");
    const pair = this.pairOf(order.symbol);
    if (price !== undefined) {
      checkTick(pair, price);
      if (flag(params, "post_only")) this.#refuseTaking(order, price);
    }
    if (triggerPrice !== undefined) checkTick(pair, triggerPrice);
    this.#counters.add(`${account.id} ${pair.id}`, amendPoints(this.#engine.now() - order.createdAt));
    if (!order.filled.isZero() && amount?.lte(order.filled)) return unwrap(this.#engine.cancel(account.id, order.id));
    const change = {
      ...(amount === undefined ? {} : { amount }),
      ...(price === undefined ? {} : { price }),
      ...(triggerPrice === undefined ? {} : { triggerPrice }),
    };
    return unwrap(this.#engine.replace(account.id, order.id, change));
  }

  /**
   * Cancels an order and places its successor under a new id. INVARIANT: the successor is checked before the original is
   * cancelled, funds included, because an edit that fails must leave the original as it was.
   */
  edit(account: SimAccount, params: Params): Placed & { readonly original: SimOrder } {
    const { cl_ord_id: _clientId, userref, validate: _validate, ...rest } = params;
    const original = this.find(account, { txid: params["txid"] });
    if (original.status !== "open") throw new KrakenRefusal("EOrder:Unknown order");
    const note = this.#notes.of(original);
    const pair = this.pairOf(original.symbol);
    if (this.#names.pair(text(params, "pair") ?? pair.id) !== pair) throw new KrakenRefusal("EQuery:Unknown asset pair");
    const left = original.amount.sub(original.filled);
    const successor: Params = {
      ...rest,
      pair: pair.id,
      type: original.side,
      ordertype: isWaiting(original) ? orderTypeName(original) : original.type,
      volume: decimal(params, "volume")?.toFixed() ?? left.toFixed(),
      ...successorPrices(original, params),
      oflags: text(params, "oflags") ?? note.flags.join(","),
      ...(userref === undefined ? {} : { userref }),
    };
    const { request, description } = this.validate(successor);
    if (request.price !== undefined && request.postOnly) this.#refuseTaking(original, request.price);
    this.#refuseUnfunded(account, original, request.price, request.amount);
    if (flag(params, "validate")) return { order: original, original, description };
    this.cancelOne(account, original);
    return { ...this.add(account, successor), original };
  }

  #refuseTaking(order: SimOrder, price: Decimal): void {
    const book = this.#engine.book(order.symbol, 1);
    const best = order.side === "buy" ? book?.asks[0]?.[0] : book?.bids[0]?.[0];
    const takes = best !== undefined && (order.side === "buy" ? price.gte(best) : price.lte(best));
    if (takes) throw new KrakenRefusal(REJECT_CODES["would-take"]);
  }

  #refuseUnfunded(account: SimAccount, order: SimOrder, price: Decimal | undefined, amount: Decimal | undefined): void {
    if (price === undefined || amount === undefined || order.price === null) return;
    const { market } = this.pairOf(order.symbol);
    const left = order.amount.sub(order.filled);
    const buys = order.side === "buy";
    const asset = buys ? market.quote : market.base;
    const free = this.#engine.balances(account.id).find((balance) => balance.asset === asset)?.free;
    const rate = buys ? market.takerFee.add(1) : market.takerFee.mul(0).add(1);
    const needed = (buys ? price.mul(amount) : amount).mul(rate);
    const released = (buys ? order.price.mul(left) : left).mul(rate);
    if (free === undefined || free.add(released).lt(needed)) throw new KrakenRefusal(REJECT_CODES["insufficient-funds"]);
  }
}
