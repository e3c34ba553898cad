import type { SimBook, SimLevel, SimMarket, VenueEngine } from "#simulator/engine/types.ts";
import { marketId } from "#simulator/protocols/kucoin/context.ts";
import { levelRows } from "#simulator/protocols/kucoin/market-data.ts";

/** What a topic pushes, before the socket puts the topic's own name on it. */
export interface Push {
  readonly subject: string;
  readonly data: unknown;
}

type Sizes = Map<string, string>;

/**
 * The incremental stream of one market's whole book. INVARIANT: an update begins one after the number that the one before ended
 * with, and ends with the book's own sequence, which REST calls `sequence`; so a local book can be checked as the venue documents.
 */
export class BookChanges {
  readonly #market: SimMarket;
  #bids: Sizes = new Map();
  #asks: Sizes = new Map();
  #sequence = 0;

  constructor(engine: VenueEngine, market: SimMarket) {
    this.#market = market;
    const book = engine.book(market.symbol);
    if (book !== undefined) this.#remember(book);
  }

  /** Undefined if this book is no newer than the last one. */
  update(book: SimBook): Push | undefined {
    if (book.sequence <= this.#sequence) return undefined;
    const [bids, asks, start] = [this.#bids, this.#asks, this.#sequence + 1];
    this.#remember(book);
    const rows = (before: Sizes, after: Sizes) =>
      changes(before, after).map(([price, size]) => [price, size, String(book.sequence)]);
    const data = {
      changes: { asks: rows(asks, this.#asks), bids: rows(bids, this.#bids) },
      sequenceStart: start,
      sequenceEnd: book.sequence,
      symbol: marketId(this.#market),
      time: book.at,
    };
    return { subject: "trade.l2update", data };
  }

  #remember(book: SimBook): void {
    this.#bids = sizes(book.bids);
    this.#asks = sizes(book.asks);
    this.#sequence = book.sequence;
  }
}

function sizes(levels: readonly SimLevel[]): Sizes {
  return new Map(levels.map(([price, amount]) => [price.toFixed(), amount.toFixed()]));
}

/** Levels that are new or have another size, and levels that are gone with the size zero. */
function changes(before: Sizes, after: Sizes): (readonly [string, string])[] {
  const changed = [...after].filter(([price, size]) => before.get(price) !== size);
  const gone = [...before.keys()].filter((price) => !after.has(price)).map((price) => [price, "0"] as const);
  return [...changed, ...gone];
}

/** The best levels as a whole: no numbers to check, every message stands alone. */
export function bookSnapshot(book: SimBook, depth: number): Push {
  const data = {
    asks: levelRows(book.asks.slice(0, depth)),
    bids: levelRows(book.bids.slice(0, depth)),
    timestamp: book.at,
  };
  return { subject: "level2", data };
}

export function bestLevels(book: SimBook): Push {
  const best = (levels: readonly SimLevel[]) => levelRows(levels.slice(0, 1))[0] ?? [];
  return { subject: "level1", data: { asks: best(book.asks), bids: best(book.bids), timestamp: book.at } };
}
