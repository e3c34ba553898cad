import type { SimEvent, SimTicker, VenueEngine } from "#simulator/engine/types.ts";
import { BOOK_DEPTHS, BookChannel } from "#simulator/protocols/kraken/book-channel.ts";
import { KrakenRefusal } from "#simulator/protocols/kraken/errors.ts";
import { instrumentMessage, ohlcMessage, tickerMessage, tradeMessage } from "#simulator/protocols/kraken/market-channels.ts";
import { OHLC_MINUTES } from "#simulator/protocols/kraken/market-data.ts";
import type { KrakenNames, KrakenPair } from "#simulator/protocols/kraken/names.ts";
import { integer, type Params, text } from "#simulator/protocols/kraken/params.ts";
import type { Accepted } from "#simulator/protocols/kraken/socket-session.ts";

const SNAPSHOT_TRADES = 50;

type Feed = (event: SimEvent) => unknown;

interface Opened {
  readonly result: Readonly<Record<string, unknown>>;
  readonly snapshot: unknown; // undefined: none
  readonly feed: Feed;
}

/** One session's public channels. */
export class MarketSubscriptions {
  readonly #engine: VenueEngine;
  readonly #names: KrakenNames;
  readonly #feeds = new Map<string, Feed>();

  constructor(engine: VenueEngine, names: KrakenNames) {
    this.#engine = engine;
    this.#names = names;
  }

  get size(): number {
    return this.#feeds.size;
  }

  event(event: SimEvent): readonly unknown[] {
    if (event.kind === "order" || event.kind === "fill" || event.kind === "balance") return [];
    return [...this.#feeds.values()].map((feed) => feed(event)).filter((message) => message !== undefined);
  }

  subscribe(channel: string, symbol: string | undefined, params: Params): Accepted {
    const key = this.#key(channel, symbol, params);
    if (this.#feeds.has(key)) throw new KrakenRefusal("Already subscribed");
    const opened = this.#open(channel, symbol, params);
    this.#feeds.set(key, opened.feed);
    const fallback = channel !== "trade";
    const wanted = typeof params["snapshot"] === "boolean" ? params["snapshot"] : fallback;
    const messages = wanted && opened.snapshot !== undefined ? [opened.snapshot] : [];
    return { result: { ...opened.result, snapshot: wanted }, messages };
  }

  unsubscribe(channel: string, symbol: string | undefined, params: Params): Accepted {
    if (!this.#feeds.delete(this.#key(channel, symbol, params))) throw new KrakenRefusal("Subscription Not Found");
    return { result: {}, messages: [] };
  }

  #key(channel: string, symbol: string | undefined, params: Params): string {
    const variant = channel === "ohlc" ? (integer(params, "interval", 1, 21_600) ?? 1) : "";
    return `${channel} ${symbol ?? ""} ${variant}`;
  }

  #open(channel: string, symbol: string | undefined, params: Params): Opened {
    if (channel === "instrument") return { result: {}, snapshot: instrumentMessage(this.#names), feed: () => undefined };
    if (!["ticker", "book", "trade", "ohlc"].includes(channel)) throw new KrakenRefusal("Subscription name invalid");
    const pair = symbol?.includes("/") === true ? this.#names.pair(symbol) : undefined;
    // v2 knows pairs by their symbols only: BTC/USD, not XBT/USD.
    if (pair === undefined || pair.symbol !== symbol)
      throw new KrakenRefusal(`Currency pair not supported ${symbol ?? ""}`.trim());
    if (channel === "ticker") return this.#ticker(pair, params);
    if (channel === "book") return this.#book(pair, params);
    return channel === "trade" ? this.#trades(pair) : this.#ohlc(pair, params);
  }

  #ticker(pair: KrakenPair, params: Params): Opened {
    const trigger = text(params, "event_trigger") ?? "trades";
    if (trigger !== "trades" && trigger !== "bbo") throw new KrakenRefusal("EGeneral:Invalid arguments");
    const ticker = this.#engine.ticker(pair.symbol);
    let shown = ticker;
    const feed: Feed = (event) => {
      if (trigger === "bbo") {
        if (event.kind !== "ticker" || event.ticker.symbol !== pair.symbol || sameTop(shown, event.ticker)) return undefined;
        shown = event.ticker;
        return tickerMessage(pair, event.ticker, "update");
      }
      if (event.kind !== "trade" || event.trade.symbol !== pair.symbol) return undefined;
      const latest = this.#engine.ticker(pair.symbol);
      return latest === undefined ? undefined : tickerMessage(pair, latest, "update");
    };
    const snapshot = ticker === undefined ? undefined : tickerMessage(pair, ticker, "snapshot");
    return { result: { event_trigger: trigger }, snapshot, feed };
  }

  #book(pair: KrakenPair, params: Params): Opened {
    const depth = integer(params, "depth", 1, 1000) ?? 10;
    if (!BOOK_DEPTHS.includes(depth)) throw new KrakenRefusal("Subscription depth not supported");
    const channel = new BookChannel(pair, depth);
    const book = this.#engine.book(pair.symbol, 2 * depth);
    const feed: Feed = (event) =>
      event.kind === "book" && event.book.symbol === pair.symbol ? channel.update(event.book) : undefined;
    return { result: { depth }, snapshot: book === undefined ? undefined : channel.snapshot(book), feed };
  }

  #trades(pair: KrakenPair): Opened {
    const latest = this.#engine.publicTrades(pair.symbol, SNAPSHOT_TRADES);
    const feed: Feed = (event) =>
      event.kind === "trade" && event.trade.symbol === pair.symbol ? tradeMessage(pair, [event.trade], "update") : undefined;
    return { result: {}, snapshot: latest.length === 0 ? undefined : tradeMessage(pair, latest, "snapshot"), feed };
  }

  #ohlc(pair: KrakenPair, params: Params): Opened {
    const minutes = integer(params, "interval", 1, 21_600) ?? 1;
    if (!OHLC_MINUTES.includes(minutes)) throw new KrakenRefusal("Subscription ohlc interval not supported");
    const message = (limit: number, type: "snapshot" | "update") => {
      const candles = this.#engine.candles(pair.symbol, minutes * 60_000, undefined, limit);
      return candles.length === 0 ? undefined : ohlcMessage(pair, candles, { minutes, at: this.#engine.now(), type });
    };
    const feed: Feed = (event) =>
      event.kind === "trade" && event.trade.symbol === pair.symbol ? message(1, "update") : undefined;
    return { result: { interval: minutes }, snapshot: message(SNAPSHOT_TRADES, "snapshot"), feed };
  }
}

function sameTop(before: SimTicker | undefined, after: SimTicker): boolean {
  return (
    before !== undefined &&
    before.bid.eq(after.bid) &&
    before.ask.eq(after.ask) &&
    before.bidAmount.eq(after.bidAmount) &&
    before.askAmount.eq(after.askAmount)
  );
}
