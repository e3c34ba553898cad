import type { Decimal } from "#server/domain/decimal.ts";
import type { SimOrder } from "#simulator/engine/types.ts";

const ORDERS_KEPT = 50_000;

interface Placing {
  readonly accountId: string;
  readonly clientOrderId: string | undefined;
  readonly amount: Decimal;
}

/** What the venue remembers of an order beyond the engine's: what a market buy was to spend, and the remark of an amendment. */
export class OrderNotes {
  readonly #quoteAmounts = new Map<string, Decimal>();
  readonly #amendTexts = new Map<string, string>();
  #placing: Placing | undefined;

  /** Runs the placing of a market buy. Its events are told while it runs, when nobody knows the order's id yet. */
  placing<T>(placing: Placing, run: () => T): T {
    this.#placing = placing;
    try {
      return run();
    } finally {
      this.#placing = undefined;
    }
  }

  rememberQuoteAmount(orderId: string, amount: Decimal): void {
    keep(this.#quoteAmounts, orderId, amount);
  }

  /** Of a market buy only. One that was not placed by its cost (by the control API) counts as meant to cost what it did. */
  quoteAmount(order: SimOrder): Decimal {
    const known = this.#quoteAmounts.get(order.id);
    if (known !== undefined) return known;
    const placing = this.#placing;
    if (placing === undefined || order.accountId !== placing.accountId) return order.cost;
    return (order.clientOrderId ?? undefined) === placing.clientOrderId ? placing.amount : order.cost;
  }

  rememberAmendText(orderId: string, text: string): void {
    keep(this.#amendTexts, orderId, text);
  }

  amendText(orderId: string): string {
    return this.#amendTexts.get(orderId) ?? "-";
  }
}

function keep<T>(notes: Map<string, T>, orderId: string, note: T): void {
  const oldest = notes.size >= ORDERS_KEPT ? notes.keys().next().value : undefined;
  if (oldest !== undefined) notes.delete(oldest);
  notes.set(orderId, note);
}
