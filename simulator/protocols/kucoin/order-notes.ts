import type { Decimal } from "#server/domain/decimal.ts";
import type { SimOrder } from "#simulator/engine/types.ts";

const ORDERS_KEPT = 50_000;

/** What the venue remembers of an order's request beyond the engine's order. */
export interface OrderNote {
  /** The quote amount of a market order that named one instead of a size. */
  readonly funds: Decimal | undefined;
  readonly remark: string | null;
}

const NOTHING: OrderNote = { funds: undefined, remark: null };

export class OrderNotes {
  readonly #notes = new Map<string, OrderNote>();
  readonly #doneNumbers = new Map<string, number>();

  remember(orderId: string, note: OrderNote): void {
    const oldest = this.#notes.size >= ORDERS_KEPT ? this.#notes.keys().next().value : undefined;
    if (oldest !== undefined) this.#notes.delete(oldest);
    this.#notes.set(orderId, note);
  }

  of({ id }: SimOrder): OrderNote {
    return this.#notes.get(id) ?? NOTHING;
  }

  /**
   * Finished orders with the number by which the venue pages through them, the last finished first. Numbers are given when an
   * order is first listed and never change, so a page that is asked for later continues where the one before ended.
   */
  numberDone(orders: readonly SimOrder[]): readonly { readonly order: SimOrder; readonly number: number }[] {
    const byTime = [...orders].sort((a, b) => a.updatedAt - b.updatedAt);
    const numbered = byTime.map((order) => {
      const number = this.#doneNumbers.get(order.id) ?? this.#doneNumbers.size + 1;
      this.#doneNumbers.set(order.id, number);
      return { order, number };
    });
    return numbered.sort((a, b) => b.number - a.number);
  }
}
