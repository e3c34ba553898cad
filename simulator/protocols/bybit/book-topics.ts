import type { SimBook, SimLevel, VenueEngine } from "#simulator/engine/types.ts";
import { wireLevels } from "#simulator/protocols/bybit/market-data.ts";
import { idOfSymbol } from "#simulator/protocols/bybit/params.ts";

export const BOOK_DEPTHS: readonly number[] = [1, 50, 200, 1000];

type Sink = (message: unknown) => void;
type Amounts = ReadonlyMap<string, string>;

interface Topic {
  readonly name: string;
  readonly depth: number;
  readonly sinks: Set<Sink>;
  bids: Amounts;
  asks: Amounts;
  update: number;
}

/**
 * The `orderbook.<depth>.<symbol>` topics: a snapshot for each new listener, then what changed within the depth. INVARIANT: `u`
 * rises by one with every change of a topic, and a snapshot carries the `u` of the last one, so that a gap can be seen.
 */
export class BookTopics {
  readonly #engine: VenueEngine;
  /** Symbol to the topics of its depths. A topic lives from its first listener to its last. */
  readonly #topics = new Map<string, Map<number, Topic>>();

  constructor(engine: VenueEngine) {
    this.#engine = engine;
    engine.subscribe((event) => {
      if (event.kind !== "book") return;
      for (const topic of this.#topics.get(event.book.symbol)?.values() ?? []) this.#changed(topic, event.book);
    });
  }

  /** Sends the snapshot at once. Answers how to stop. */
  listen(symbol: string, depth: number, sink: Sink): () => void {
    const book = this.#engine.book(symbol, depth);
    if (book === undefined) throw new Error(`no market ${symbol}`);
    const ofSymbol = this.#topics.get(symbol) ?? new Map<number, Topic>();
    this.#topics.set(symbol, ofSymbol);
    const known = ofSymbol.get(depth);
    const topic = known ?? this.#open(symbol, depth, book);
    // Those who listen already must see the state that the newcomer begins with.
    if (known !== undefined) this.#changed(known, book);
    ofSymbol.set(depth, topic);
    topic.sinks.add(sink);
    sink(message(topic, "snapshot", book, wireLevels(book.bids), wireLevels(book.asks)));
    return () => {
      topic.sinks.delete(sink);
      if (topic.sinks.size === 0 && ofSymbol.get(depth) === topic) ofSymbol.delete(depth);
    };
  }

  #open(symbol: string, depth: number, book: SimBook): Topic {
    const name = `orderbook.${depth}.${idOfSymbol(symbol)}`;
    return { name, depth, sinks: new Set(), bids: amounts(book.bids), asks: amounts(book.asks), update: book.sequence };
  }

  #changed(topic: Topic, book: SimBook): void {
    const [bids, asks] = [book.bids.slice(0, topic.depth), book.asks.slice(0, topic.depth)];
    const [nextBids, nextAsks] = [amounts(bids), amounts(asks)];
    const [bidChanges, askChanges] = [changes(topic.bids, nextBids), changes(topic.asks, nextAsks)];
    if (bidChanges.length + askChanges.length === 0) return;
    Object.assign(topic, { bids: nextBids, asks: nextAsks });
    topic.update += 1;
    // One level is always sent whole.
    const text =
      topic.depth === 1
        ? message(topic, "snapshot", book, wireLevels(bids), wireLevels(asks))
        : message(topic, "delta", book, bidChanges, askChanges);
    for (const sink of topic.sinks) sink(text);
  }
}

function amounts(levels: readonly SimLevel[]): Amounts {
  return new Map(wireLevels(levels));
}

/** Levels that are new or have another amount, and levels that are gone with the amount zero. */
function changes(before: Amounts, after: Amounts): (readonly [string, string])[] {
  const changed: (readonly [string, string])[] = [];
  for (const [price, amount] of after) if (before.get(price) !== amount) changed.push([price, amount]);
  for (const price of before.keys()) if (!after.has(price)) changed.push([price, "0"]);
  return changed;
}

function message(
  topic: Topic,
  type: "snapshot" | "delta",
  book: SimBook,
  bids: readonly (readonly [string, string])[],
  asks: readonly (readonly [string, string])[],
): unknown {
  const data = { s: idOfSymbol(book.symbol), b: bids, a: asks, u: topic.update, seq: book.sequence };
  return { topic: topic.name, ts: book.at, type, data, cts: book.at };
}
