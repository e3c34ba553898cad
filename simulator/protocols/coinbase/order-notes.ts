import type { SimOrder, VenueEngine } from "#simulator/engine/types.ts";

const ORDERS_KEPT = 50_000;
const LONGEST_TIMER_MS = 2_147_483_647;

export interface OrderNote {
  /** The order_configuration as the client sent it. */
  readonly configuration: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly sizeInQuote: boolean;
  /** ms; a good-til-date order is canceled then. */
  readonly endsAt?: number;
}

/** What the venue knows of an order beyond the engine's: its configuration, and the end of a good-til-date one. */
export class OrderNotes {
  readonly #engine: VenueEngine;
  readonly #notes = new Map<string, OrderNote>();
  readonly #expired = new Set<string>();
  #placing: { readonly accountId: string; readonly clientOrderId: string; readonly note: OrderNote } | undefined;

  constructor(engine: VenueEngine) {
    this.#engine = engine;
  }

  /** Runs the placing of an order. Its events are told while it runs, when nobody knows the order's id yet. */
  placing<T>(accountId: string, clientOrderId: string, note: OrderNote, run: () => T): T {
    this.#placing = { accountId, clientOrderId, note };
    try {
      return run();
    } finally {
      this.#placing = undefined;
    }
  }

  /** Keeps the first note of an order: a repeated client id must not rewrite it. */
  add(accountId: string, orderId: string, note: OrderNote): void {
    if (this.#notes.has(orderId)) return;
    const oldest = this.#notes.size >= ORDERS_KEPT ? this.#notes.keys().next().value : undefined;
    if (oldest !== undefined) {
      this.#notes.delete(oldest);
      this.#expired.delete(oldest);
    }
    this.#notes.set(orderId, note);
    if (note.endsAt !== undefined) this.#expireAt(accountId, orderId, note.endsAt);
  }

  of(orderId: string): OrderNote | undefined {
    return this.#notes.get(orderId);
  }

  ofOrder(order: SimOrder): OrderNote | undefined {
    const known = this.#notes.get(order.id);
    if (known !== undefined || this.#placing === undefined) return known;
    const { accountId, clientOrderId, note } = this.#placing;
    return order.accountId === accountId && order.clientOrderId === clientOrderId ? note : undefined;
  }

  isExpired(orderId: string): boolean {
    return this.#expired.has(orderId);
  }

  #expireAt(accountId: string, orderId: string, endsAt: number): void {
    const left = endsAt - this.#engine.now();
    const wait = (): void => this.#expireAt(accountId, orderId, endsAt);
    if (left > 0) {
      setTimeout(wait, Math.min(left, LONGEST_TIMER_MS)).unref();
      return;
    }
    if (this.#engine.order(accountId, orderId)?.status !== "open") return;
    this.#expired.add(orderId);
    this.#engine.cancel(accountId, orderId);
  }
}
