import type { Decimal } from "#server/domain/decimal.ts";
import type { SimOrder } from "#simulator/engine/types.ts";

const ORDERS_KEPT = 50_000;

interface Placing {
  readonly accountId: string;
  readonly clientOrderId: string;
  readonly amount: Decimal;
}

/** What the venue remembers of a request beyond the engine's order: the quote amount of a cost-based market order. */
export class OrderMemory {
  readonly #quoteAmounts = new Map<string, Decimal>();
  #placing: Placing | undefined;

  /** Runs the placing of a cost-based order. Its events are told while it runs, when nobody knows the order's id yet. */
  placing<T>(placing: Placing, run: () => T): T {
    this.#placing = placing;
    try {
      return run();
    } finally {
      this.#placing = undefined;
    }
  }

  rememberQuoteAmount(orderId: string, amount: Decimal): void {
    const oldest = this.#quoteAmounts.size >= ORDERS_KEPT ? this.#quoteAmounts.keys().next().value : undefined;
    if (oldest !== undefined) this.#quoteAmounts.delete(oldest);
    this.#quoteAmounts.set(orderId, amount);
  }

  quoteAmount(order: SimOrder): Decimal | undefined {
    const known = this.#quoteAmounts.get(order.id);
    if (known !== undefined || this.#placing === undefined) return known;
    const { accountId, clientOrderId, amount } = this.#placing;
    return order.accountId === accountId && order.clientOrderId === clientOrderId ? amount : undefined;
  }
}
