import { type Decimal, ZERO } from "#server/domain/decimal.ts";
import type { SimEvent, SimFill, SimOrder, VenueEngine } from "#simulator/engine/types.ts";
import type { KrakenNames, KrakenPair } from "#simulator/protocols/kraken/names.ts";
import { isWaiting, orderTypeName } from "#simulator/protocols/kraken/order-type.ts";
import type { OrderNotes } from "#simulator/protocols/kraken/order-notes.ts";
import { cancelReason, quoteFee } from "#simulator/protocols/kraken/order-view.ts";
import { publicTradeNumber } from "#simulator/protocols/kraken/trade-numbers.ts";
import { wireInstant, wireNumber } from "#simulator/protocols/kraken/wire-number.ts";

export interface Execution {
  readonly exec_type: string;
  readonly [field: string]: unknown;
}

interface Told {
  readonly streamed: Decimal; // amount of the fills that were sent
  readonly price: Decimal | null;
  readonly amount: Decimal;
  readonly trigger: SimOrder["trigger"];
  readonly ended: boolean;
}

type Deliver = (accountId: string, execution: Execution) => void;

/** Turns the engine's order and fill events into the `executions` channel's reports. */
export class Executions {
  readonly #engine: VenueEngine;
  readonly #names: KrakenNames;
  readonly #notes: OrderNotes;
  readonly #deliver: Deliver;
  readonly #told = new Map<string, Told>();

  constructor(engine: VenueEngine, names: KrakenNames, notes: OrderNotes, deliver: Deliver) {
    this.#engine = engine;
    this.#names = names;
    this.#notes = notes;
    this.#deliver = deliver;
  }

  handle(event: SimEvent): void {
    if (event.kind === "order") this.#order(event.order);
    if (event.kind === "fill") this.#fill(event.fill, event.order);
  }

  #order(order: SimOrder): void {
    const told = this.#told.get(order.id);
    if (told === undefined) {
      this.#notes.adopt(order);
      this.#told.set(order.id, { streamed: ZERO, ...termsOf(order), ended: false });
      this.#send(order, { exec_type: "pending_new", order_status: "pending_new" });
      this.#send(order, { exec_type: "new", order_status: "new" });
    } else if (isAmended(order, told)) {
      this.#told.set(order.id, { ...told, ...termsOf(order) });
      this.#send(order, { exec_type: "amended", order_status: order.filled.isZero() ? "new" : "partially_filled" });
    } else if (told.trigger?.triggeredAt === null && !isWaiting(order)) {
      this.#told.set(order.id, { ...told, ...termsOf(order) });
      this.#send(order, { exec_type: "status", order_status: "new" });
    }
    if (order.status === "open") return;
    // An order ends on the stream after its fills. Those that come late (a fault) do not hold the end back for long.
    if (this.#told.get(order.id)?.streamed.gte(order.filled) === true) this.#end(order);
    else queueMicrotask(() => this.#end(order));
  }

  #fill(fill: SimFill, order: SimOrder): void {
    const told = this.#told.get(order.id);
    if (told !== undefined) this.#told.set(order.id, { ...told, streamed: told.streamed.add(fill.amount) });
    this.#deliver(order.accountId, this.trade(fill, order));
    if (order.status !== "open" && told?.streamed.add(fill.amount).gte(order.filled) === true) this.#end(order);
  }

  #end(order: SimOrder): void {
    const told = this.#told.get(order.id);
    if (told === undefined || told.ended) return;
    this.#told.set(order.id, { ...told, ended: true });
    if (order.status === "filled") {
      this.#send(order, { exec_type: "filled", order_status: "filled" });
    } else {
      const reason = cancelReason(order);
      this.#send(order, { exec_type: "canceled", order_status: "canceled", cancel_reason: reason, reason });
    }
  }

  #send(order: SimOrder, what: Execution): void {
    this.#deliver(order.accountId, { ...this.#state(order), ...what });
  }

  /** Open orders as a snapshot shows them. */
  openOrders(accountId: string): readonly Execution[] {
    return this.#engine.openOrders(accountId).map((order) => ({
      ...this.#state(order),
      exec_type: order.filled.isZero() ? "new" : "partially_filled",
      order_status: order.filled.isZero() ? "new" : "partially_filled",
    }));
  }

  /** The last fills as a snapshot shows them, oldest first. */
  lastTrades(accountId: string, limit: number): readonly Execution[] {
    return this.#engine.fills(accountId, { limit }).flatMap((fill) => {
      const order = this.#engine.order(accountId, fill.orderId);
      return order === undefined ? [] : [this.trade(fill, order)];
    });
  }

  /** A trade report says `partially_filled` even if it completes the order: the `filled` report says that. */
  trade(fill: SimFill, order: SimOrder): Execution {
    const pair = this.#pair(order);
    return {
      ...this.#references(order),
      exec_id: fill.id,
      exec_type: "trade",
      trade_id: publicTradeNumber(fill.id),
      symbol: pair.symbol,
      side: fill.side,
      last_qty: wireNumber(fill.amount, pair.lotDecimals),
      last_price: wireNumber(fill.price, pair.priceDecimals),
      liquidity_ind: fill.maker ? "m" : "t",
      cost: wireNumber(fill.price.mul(fill.amount), 0),
      order_status: "partially_filled",
      order_type: orderTypeName(order),
      timestamp: wireInstant(fill.at),
      fee_usd_equiv: wireNumber(quoteFee(pair, fill), 0),
      fees: [{ asset: fill.feeAsset, qty: wireNumber(fill.fee, 0) }],
    };
  }

  #pair(order: SimOrder): KrakenPair {
    const pair = this.#names.pair(order.symbol);
    if (pair === undefined) throw new Error(`no pair for ${order.symbol}`);
    return pair;
  }

  #references(order: SimOrder): Readonly<Record<string, unknown>> {
    const client = order.clientOrderId === null ? {} : { cl_ord_id: order.clientOrderId };
    return { order_id: order.id, ...client, order_userref: this.#notes.of(order).userref };
  }

  #state(order: SimOrder): Readonly<Record<string, unknown>> {
    const pair = this.#pair(order);
    const average = order.filled.isZero() ? ZERO : order.cost.div(order.filled).toDecimalPlaces(pair.priceDecimals + 4);
    const fees = this.#engine.fills(order.accountId, { orderId: order.id });
    const fee = [...new Map(fees.map((fill) => [fill.id, quoteFee(pair, fill)])).values()].reduce(
      (sum, one) => sum.add(one),
      ZERO,
    );
    const limit =
      order.price === null ? {} : { limit_price: wireNumber(order.price, pair.priceDecimals), limit_price_type: "static" };
    return {
      ...this.#references(order),
      symbol: pair.symbol,
      side: order.side,
      order_type: orderTypeName(order),
      order_qty: wireNumber(order.amount, pair.lotDecimals),
      cum_qty: wireNumber(order.filled, pair.lotDecimals),
      cum_cost: wireNumber(order.cost, 0),
      avg_price: wireNumber(average, 0),
      ...limit,
      ...triggersOf(order, pair),
      time_in_force: order.timeInForce,
      post_only: order.postOnly,
      fee_usd_equiv: wireNumber(fee, 0),
      fee_ccy_pref: this.#notes.of(order).flags.includes("fcib") ? "fcib" : "fciq",
      timestamp: wireInstant(order.updatedAt),
    };
  }
}

function termsOf({ price, amount, trigger }: SimOrder): Pick<Told, "price" | "amount" | "trigger"> {
  return { price, amount, trigger };
}

function isAmended(order: SimOrder, told: Told): boolean {
  const moved = order.trigger?.price.eq(told.trigger?.price ?? ZERO) === false;
  return moved || order.price?.eq(told.price ?? ZERO) === false || !order.amount.eq(told.amount);
}

function triggersOf(order: SimOrder, pair: KrakenPair): Readonly<Record<string, unknown>> {
  if (order.trigger === undefined) return {};
  const status = isWaiting(order) ? "untriggered" : "triggered";
  const price = wireNumber(order.trigger.price, pair.priceDecimals);
  return { triggers: { reference: "last", price, price_type: "static", status } };
}
