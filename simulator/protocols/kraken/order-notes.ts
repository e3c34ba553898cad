import type { SimOrder } from "#simulator/engine/types.ts";

/** What kraken knows of an order beyond what the engine keeps. */
export interface OrderNote {
  readonly userref: number;
  readonly flags: readonly string[]; // oflags as sent, with the fee preference filled in
  readonly cost: string | null; // volume in quote of a viqc order
}

const NO_NOTE: OrderNote = { userref: 0, flags: ["fciq"], cost: null };

/**
 * Remembers notes by order id. The engine announces an order while it is being placed, before its id is known here, so the
 * note in hand is adopted by the new order of that account.
 */
export class OrderNotes {
  readonly #notes = new Map<string, OrderNote>();
  #placing: { readonly accountId: string; readonly note: OrderNote } | null = null;

  /** Runs `place` with the note at hand and ties the note to the order it answers. */
  during<T>(accountId: string, note: OrderNote, place: () => T): T {
    this.#placing = { accountId, note };
    try {
      return place();
    } finally {
      this.#placing = null;
    }
  }

  keep(orderId: string, note: OrderNote): void {
    this.#notes.set(orderId, note);
  }

  /** Ties the note in hand to an order that is being announced for the first time. */
  adopt(order: SimOrder): void {
    if (this.#placing?.accountId === order.accountId && !this.#notes.has(order.id)) this.#notes.set(order.id, this.#placing.note);
  }

  of(order: SimOrder): OrderNote {
    return this.#notes.get(order.id) ?? NO_NOTE;
  }
}
