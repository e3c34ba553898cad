import type { Decimal } from "#server/domain/decimal.ts";
import type { SimOrder } from "#simulator/engine/types.ts";

const ORDERS_KEPT = 50_000;

interface Placing {
  readonly accountId: string;
  readonly clientOrderId: string | null;
  readonly quoteAmount: Decimal;
}

/** What the venue remembers of a request beyond the engine's order: the amount of a market order given in quote. */
export class OrderNotes {
  readonly #quoteAmounts = new Map<string, Decimal>();
  #placing: Placing | undefined;

  /** Runs the placing of an order given in quote. Its events are told while it runs, when nobody knows its id yet. */
  placing<T>(placing: Placing, run: () => T): T {
    this.#placing = placing;
    try {
      return run();
    } finally {
      this.#placing = undefined;
    }
  }

  remember(orderId: string, quoteAmount: Decimal): void {
    const oldest = this.#quoteAmounts.size >= ORDERS_KEPT ? this.#quoteAmounts.keys().next().value : undefined;
    if (oldest !== undefined) this.#quoteAmounts.delete(oldest);
    this.#quoteAmounts.set(orderId, quoteAmount);
  }

  quoteAmount(order: SimOrder): Decimal | undefined {
    const known = this.#quoteAmounts.get(order.id);
    if (known !== undefined || this.#placing === undefined) return known;
    const { accountId, clientOrderId, quoteAmount } = this.#placing;
    return order.accountId === accountId && order.clientOrderId === clientOrderId ? quoteAmount : undefined;
  }
}
