import { type Decimal, ZERO } from "#server/domain/decimal.ts";
import type { SimEvent, SimFill, SimOrder, VenueEngine } from "#simulator/engine/types.ts";
import { marketId } from "#simulator/protocols/kucoin/context.ts";
import { nanoseconds } from "#simulator/protocols/kucoin/market-data.ts";
import { isCanceled, rests } from "#simulator/protocols/kucoin/order-shape.ts";

const ORDERS_KEPT = 50_000;

export type OrderChange = Readonly<Record<string, unknown>>;

interface Told {
  readonly opened: boolean;
  readonly streamed: Decimal; // amount of the fills that were sent
  readonly ended: boolean;
}

/** `received` is known to the second version of the topic only. */
type Deliver = (accountId: string, change: OrderChange, type: string) => void;

/** Turns the engine's order and fill events into the venue's: received, open, match, then filled or canceled. */
export class OrderChanges {
  readonly #engine: VenueEngine;
  readonly #deliver: Deliver;
  readonly #told = new Map<string, Told>();

  constructor(engine: VenueEngine, deliver: Deliver) {
    this.#engine = engine;
    this.#deliver = deliver;
  }

  handle(event: SimEvent): void {
    if (event.kind === "order") this.#order(event.order);
    else if (event.kind === "fill") this.#fill(event.fill, event.order);
  }

  #order(order: SimOrder): void {
    if (!this.#told.has(order.id)) {
      const oldest = this.#told.size >= ORDERS_KEPT ? this.#told.keys().next().value : undefined;
      if (oldest !== undefined) this.#told.delete(oldest);
      this.#told.set(order.id, { opened: false, streamed: ZERO, ended: false });
      this.#send(order, "received", { status: "new" });
    }
    this.#openIfResting(order);
    if (order.status === "open") return;
    // An order ends on the stream after its fills. Those that come late (a fault) do not hold the end back for long.
    if (this.#told.get(order.id)?.streamed.gte(order.filled) === true) this.#end(order);
    else queueMicrotask(() => this.#end(order));
  }

  #fill(fill: SimFill, order: SimOrder): void {
    const told = this.#told.get(order.id);
    const streamed = (told?.streamed ?? ZERO).plus(fill.amount);
    if (told !== undefined) this.#told.set(order.id, { ...told, streamed });
    this.#send(order, "match", {
      status: "match",
      liquidity: fill.maker ? "maker" : "taker",
      feeType: fill.maker ? "makerFee" : "takerFee",
      matchPrice: fill.price.toFixed(),
      matchSize: fill.amount.toFixed(),
      tradeId: fill.id,
    });
    this.#openIfResting(order);
    if (order.status !== "open" && streamed.gte(order.filled)) this.#end(order);
  }

  /** An order that takes is open only when it comes to rest: when what it took is told. */
  #openIfResting(order: SimOrder): void {
    const told = this.#told.get(order.id);
    if (told === undefined || told.opened || order.status !== "open") return;
    const now = this.#engine.order(order.accountId, order.id);
    if (now !== undefined && (now.status !== "open" || !now.filled.eq(order.filled))) return;
    this.#told.set(order.id, { ...told, opened: true });
    this.#send(order, "open", { status: "open" });
  }

  #end(order: SimOrder): void {
    const told = this.#told.get(order.id);
    if (told === undefined || told.ended) return;
    this.#told.set(order.id, { ...told, ended: true });
    this.#send(order, isCanceled(order) ? "canceled" : "filled", { status: "done" });
  }

  #send(order: SimOrder, type: string, more: OrderChange): void {
    const { remain, canceled } = rests(order);
    const change = {
      symbol: marketId(order),
      orderId: order.id,
      clientOid: order.clientOrderId ?? "",
      side: order.side,
      orderType: order.type,
      type,
      orderTime: order.createdAt,
      price: (order.price ?? ZERO).toFixed(),
      size: order.amount.toFixed(),
      originSize: order.amount.toFixed(),
      filledSize: order.filled.toFixed(),
      remainSize: remain.toFixed(),
      canceledSize: canceled.toFixed(),
      ts: nanoseconds({ at: order.updatedAt }),
      ...more,
    };
    this.#deliver(order.accountId, change, type);
  }
}
