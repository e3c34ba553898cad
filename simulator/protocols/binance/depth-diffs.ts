import type { SimBook, SimLevel, VenueEngine } from "#simulator/engine/types.ts";
import { fixed, idOfSymbol } from "#simulator/protocols/binance/context.ts";

type PriceAmounts = Map<string, string>;

interface LastBook {
  bids: PriceAmounts;
  asks: PriceAmounts;
  /** `u` of the last diff. */
  sequence: number;
}

export type DepthSink = (event: Record<string, unknown>) => void;

/**
 * The diff stream of every market, made once for all sockets. INVARIANT: U of an event is u of the one before plus one, and u
 * is the book's sequence, which the REST snapshot calls lastUpdateId; so a local book can be checked as the venue documents.
 * Spot events carry no `pu`: only the venue's futures do.
 */
export class DepthDiffs {
  readonly #engine: VenueEngine;
  readonly #last = new Map<string, LastBook>();
  readonly #sinks = new Map<string, Set<DepthSink>>();

  constructor(engine: VenueEngine) {
    this.#engine = engine;
    engine.subscribe((event) => {
      if (event.kind === "book") this.#bookChanged(event.book);
    });
  }

  listen(symbol: string, sink: DepthSink): () => void {
    const sinks = this.#sinks.get(symbol) ?? new Set<DepthSink>();
    this.#sinks.set(symbol, sinks.add(sink));
    const book = this.#last.has(symbol) ? undefined : this.#engine.book(symbol);
    if (book !== undefined) this.#last.set(symbol, remember(book));
    return () => {
      sinks.delete(sink);
      // Nobody listens: the next listener starts from the book of its time, with a snapshot of its own.
      if (sinks.size === 0) this.#last.delete(symbol);
    };
  }

  #bookChanged(book: SimBook): void {
    const last = this.#last.get(book.symbol);
    if (last === undefined || book.sequence <= last.sequence) return;
    const next = remember(book);
    const event = {
      e: "depthUpdate",
      E: this.#engine.now(),
      s: idOfSymbol(book.symbol),
      U: last.sequence + 1,
      u: book.sequence,
      b: changes(last.bids, next.bids),
      a: changes(last.asks, next.asks),
    };
    this.#last.set(book.symbol, next);
    for (const sink of this.#sinks.get(book.symbol) ?? []) sink(event);
  }
}

function remember(book: SimBook): LastBook {
  return { bids: amounts(book.bids), asks: amounts(book.asks), sequence: book.sequence };
}

function amounts(levels: readonly SimLevel[]): PriceAmounts {
  return new Map(levels.map(([price, amount]) => [fixed(price), fixed(amount)]));
}

/** Levels that are new or have another amount, and levels that are gone with the amount zero. */
function changes(before: PriceAmounts, after: PriceAmounts): [string, string][] {
  const changed: [string, string][] = [];
  for (const [price, amount] of after) if (before.get(price) !== amount) changed.push([price, amount]);
  for (const price of before.keys()) if (!after.has(price)) changed.push([price, "0.00000000"]);
  return changed;
}
