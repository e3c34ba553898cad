import type { Decimal } from "#server/domain/decimal.ts";

const ORDERS_KEPT = 50_000;

/** What the venue remembers of a request beyond the engine's order: the quote amount of a cost-based market order. */
export class OrderMemory {
  readonly #quoteAmounts = new Map<string, Decimal>();

  rememberQuoteAmount(orderId: string, amount: Decimal): void {
    const oldest = this.#quoteAmounts.size >= ORDERS_KEPT ? this.#quoteAmounts.keys().next().value : undefined;
    if (oldest !== undefined) this.#quoteAmounts.delete(oldest);
    this.#quoteAmounts.set(orderId, amount);
  }

  quoteAmount(orderId: string): Decimal | undefined {
    return this.#quoteAmounts.get(orderId);
  }
}
