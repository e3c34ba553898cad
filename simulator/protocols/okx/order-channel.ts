import { type Decimal, ZERO } from "#server/domain/decimal.ts";
import type { SimEvent, SimFill, SimOrder, VenueEngine } from "#simulator/engine/types.ts";
import type { OkxInstruments } from "#simulator/protocols/okx/instruments.ts";
import type { OrderNotes } from "#simulator/protocols/okx/order-notes.ts";
import { orderState, wireFee } from "#simulator/protocols/okx/order-view.ts";
import type { OrderQueries } from "#simulator/protocols/okx/order-queries.ts";

interface Told {
  readonly price: Decimal | null;
  readonly amount: Decimal;
  readonly streamed: Decimal; // amount of the fills that were sent
}

type Row = Readonly<Record<string, unknown>>;

/** Those who listen. Rows are made only for an account that somebody listens to. */
export interface OrderListeners {
  hears(accountId: string): boolean;
  row(accountId: string, row: Row): void;
}

const NO_FILL = {
  fillPx: "",
  fillSz: "0",
  fillTime: "",
  tradeId: "",
  fillFee: "0",
  fillFeeCcy: "",
  execType: "",
  fillNotionalUsd: "",
};

/** Turns the engine's order and fill events into rows of the `orders` channel, once for all sockets. */
export class OrderChannel {
  readonly #engine: VenueEngine;
  readonly #instruments: OkxInstruments;
  readonly #notes: OrderNotes;
  readonly #queries: OrderQueries;
  readonly #listeners: OrderListeners;
  readonly #told = new Map<string, Told>();

  constructor(
    parts: { engine: VenueEngine; instruments: OkxInstruments; notes: OrderNotes; queries: OrderQueries },
    listeners: OrderListeners,
  ) {
    this.#engine = parts.engine;
    this.#instruments = parts.instruments;
    this.#notes = parts.notes;
    this.#queries = parts.queries;
    this.#listeners = listeners;
  }

  handle(event: SimEvent): void {
    if (event.kind === "order") this.#order(event.order);
    if (event.kind === "fill") this.#fill(event.fill, event.order);
  }

  #order(order: SimOrder): void {
    const told = this.#told.get(order.id);
    if (told === undefined) {
      this.#notes.adopt(order);
      this.#told.set(order.id, { price: order.price, amount: order.amount, streamed: order.filled });
      this.#send(order, NO_FILL);
    } else if (order.price?.eq(told.price ?? ZERO) === false || !order.amount.eq(told.amount)) {
      this.#told.set(order.id, { ...told, price: order.price, amount: order.amount });
      this.#send(order, { ...NO_FILL, amendResult: "0", amendSource: "1" });
    } else if (orderState(order) === "canceled") this.#send(order, NO_FILL);
    else if (order.filled.gt(told.streamed)) {
      // The fill's own row follows at once. Fills that come late (a fault) do not hold back what the order says of itself.
      queueMicrotask(() => {
        if (this.#told.get(order.id)?.streamed.lt(order.filled) === true) this.#send(order, NO_FILL);
      });
    }
    if (orderState(order) === "canceled") this.#told.delete(order.id);
  }

  #fill(fill: SimFill, order: SimOrder): void {
    const told = this.#told.get(order.id);
    const streamed = (told?.streamed ?? ZERO).add(fill.amount);
    const { market } = this.#instruments.ofSymbol(order.symbol);
    this.#send(order, {
      fillPx: fill.price.toFixed(),
      fillSz: fill.amount.toFixed(),
      fillTime: String(fill.at),
      tradeId: fill.id,
      fillFee: wireFee(fill.fee),
      fillFeeCcy: fill.feeAsset,
      execType: fill.maker ? "M" : "T",
      fillNotionalUsd: market.quote.startsWith("USD") ? fill.price.mul(fill.amount).toFixed() : "",
    });
    if (told === undefined) return;
    if (orderState(order) === "filled" && streamed.gte(order.filled)) this.#told.delete(order.id);
    else this.#told.set(order.id, { ...told, streamed });
  }

  #send(order: SimOrder, what: Row): void {
    if (!this.#listeners.hears(order.accountId)) return;
    const { market } = this.#instruments.ofSymbol(order.symbol);
    const worth = order.amount.mul(order.price ?? this.#engine.ticker(order.symbol)?.last ?? ZERO);
    this.#listeners.row(order.accountId, {
      ...this.#queries.row(order),
      amendResult: "",
      amendSource: "",
      code: "0",
      fillPnl: "0",
      lastPx: this.#engine.ticker(order.symbol)?.last.toFixed() ?? "",
      msg: "",
      notionalUsd: market.quote.startsWith("USD") ? worth.toFixed() : "",
      reqId: "",
      ...what,
    });
  }
}
