import type { SimOrder } from "#simulator/engine/types.ts";

const ORDERS_KEPT = 50_000;

/** What OKX knows of an order beyond what the engine keeps. */
export interface OrderNote {
  readonly tag: string;
  /** As the market order was sent; empty for others. */
  readonly tgtCcy: string;
  /** Size as it was sent, where that is in quote. */
  readonly quoteSize: string | null;
  /** Set once the venue itself has canceled the order for a reason that its state does not tell. */
  readonly cancelSource?: string;
}

const NO_NOTE: OrderNote = { tag: "", tgtCcy: "", quoteSize: null };

/**
 * Notes by order id. An order is announced while it is being placed, before its id is known here: until then the note in hand
 * is that of any order of this account without one.
 */
export class OrderNotes {
  readonly #notes = new Map<string, OrderNote>();
  #placing: { readonly accountId: string; readonly note: OrderNote } | null = null;

  /** Runs `place` with the note in hand. */
  during<T>(accountId: string, note: OrderNote, place: () => T): T {
    this.#placing = { accountId, note };
    try {
      return place();
    } finally {
      this.#placing = null;
    }
  }

  /** Ties the note in hand to an order that is being announced for the first time. */
  adopt(order: SimOrder): void {
    if (this.#placing?.accountId === order.accountId && !this.#notes.has(order.id)) this.keep(order.id, this.#placing.note);
  }

  keep(orderId: string, note: OrderNote): void {
    const oldest = this.#notes.size >= ORDERS_KEPT ? this.#notes.keys().next().value : undefined;
    if (oldest !== undefined) this.#notes.delete(oldest);
    this.#notes.set(orderId, note);
  }

  of(order: SimOrder): OrderNote {
    return this.#notes.get(order.id) ?? NO_NOTE;
  }
}
