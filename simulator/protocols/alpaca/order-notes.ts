import type { Decimal } from "#server/domain/decimal.ts";

const ORDERS_KEPT = 50_000;

export interface OrderNote {
  /** Set when the order was for an amount of money. */
  readonly notional: Decimal | null;
  /** The id of the order that this one takes the place of. */
  readonly replaces: string | null;
}

export interface Replacement {
  readonly by: string;
  readonly at: number; // ms
}

/** What the venue knows of an order beyond the engine's. */
export class OrderNotes {
  readonly #notes = new Map<string, OrderNote>();
  readonly #replaced = new Map<string, Replacement>();
  #replacing: string | undefined;

  add(orderId: string, note: OrderNote): void {
    const oldest = this.#notes.size >= ORDERS_KEPT ? this.#notes.keys().next().value : undefined;
    if (oldest !== undefined) {
      this.#notes.delete(oldest);
      this.#replaced.delete(oldest);
    }
    this.#notes.set(orderId, note);
  }

  of(orderId: string): OrderNote | undefined {
    return this.#notes.get(orderId);
  }

  /** Runs what ends the old order. Its event is told while it runs, when the new order's id is not known yet. */
  replacing<T>(orderId: string, run: () => T): T {
    this.#replacing = orderId;
    try {
      return run();
    } finally {
      this.#replacing = undefined;
    }
  }

  replaced(orderId: string, replacement: Replacement): void {
    this.#replaced.set(orderId, replacement);
  }

  replacementOf(orderId: string): Replacement | undefined {
    return this.#replaced.get(orderId);
  }

  /** True for an order that ended by a replacement. */
  isReplaced(orderId: string): boolean {
    return this.#replacing === orderId || this.#replaced.has(orderId);
  }
}
