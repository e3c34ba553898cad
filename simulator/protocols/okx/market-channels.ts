import type { SimEvent, VenueEngine } from "#simulator/engine/types.ts";
import { BookChannel } from "#simulator/protocols/okx/book-channel.ts";
import { barMs, candleRow } from "#simulator/protocols/okx/candles.ts";
import type { OkxInstrument, OkxInstruments } from "#simulator/protocols/okx/instruments.ts";
import { bookRow, tickerRow, tradeRow } from "#simulator/protocols/okx/market-data.ts";
import type { Params } from "#simulator/protocols/okx/params.ts";

/** Answers the rows to push for an event, or undefined. */
export type Feed = (event: SimEvent) => Push | undefined;

export interface Push {
  readonly action?: "snapshot" | "update";
  readonly data: readonly unknown[];
}

export interface Opened {
  readonly first: Push | undefined;
  readonly feed: Feed;
}

/** Public channels by the address they are at. */
const PLACES: Readonly<Record<string, "public" | "business">> = {
  tickers: "public",
  books: "public",
  books5: "public",
  "bbo-tbt": "public",
  trades: "public",
  "trades-all": "business",
};

export function placeOf(channel: string): "public" | "business" | undefined {
  return channel.startsWith("candle") ? "business" : PLACES[channel];
}

/** The public channels over one engine. */
export class MarketChannels {
  readonly #engine: VenueEngine;
  readonly #instruments: OkxInstruments;

  constructor(engine: VenueEngine, instruments: OkxInstruments) {
    this.#engine = engine;
    this.#instruments = instruments;
  }

  /** Opens a channel, or answers undefined if there is none of this name for this instrument. */
  open(channel: string, arg: Params): Opened | undefined {
    const instrument = typeof arg["instId"] === "string" ? this.#instruments.byId(arg["instId"]) : undefined;
    if (instrument === undefined) return undefined;
    if (channel === "tickers") return this.#tickers(instrument);
    if (channel === "books") return this.#books(instrument);
    if (channel === "books5") return this.#topLevels(instrument, 5);
    if (channel === "bbo-tbt") return this.#topLevels(instrument, 1);
    if (channel === "trades" || channel === "trades-all") return this.#trades(instrument, channel === "trades");
    return channel.startsWith("candle") ? this.#candles(instrument, channel.slice("candle".length)) : undefined;
  }

  #tickers(instrument: OkxInstrument): Opened {
    const row = () => {
      const ticker = this.#engine.ticker(instrument.symbol);
      return ticker === undefined ? undefined : { data: [tickerRow(this.#engine, ticker, instrument)] };
    };
    const feed: Feed = (event) =>
      event.kind === "ticker" && event.ticker.symbol === instrument.symbol
        ? { data: [tickerRow(this.#engine, event.ticker, instrument)] }
        : undefined;
    return { first: row(), feed };
  }

  #books({ symbol }: OkxInstrument): Opened {
    const channel = new BookChannel();
    const book = this.#engine.book(symbol);
    const feed: Feed = (event) => {
      if (event.kind !== "book" || event.book.symbol !== symbol) return undefined;
      const row = channel.update(event.book);
      return row === undefined ? undefined : { action: "update", data: [row] };
    };
    return { first: book === undefined ? undefined : { action: "snapshot", data: [channel.snapshot(book)] }, feed };
  }

  /** The whole of the best levels each time, when they changed. */
  #topLevels({ symbol, instId }: OkxInstrument, depth: number): Opened {
    let shown = "";
    const book = this.#engine.book(symbol, depth);
    const push = (next: typeof book): Push | undefined => {
      if (next === undefined) return undefined;
      const { ts, ...levels } = bookRow(next, depth);
      const text = JSON.stringify(levels);
      if (text === shown) return undefined;
      shown = text;
      return { data: [{ ...levels, instId, ts, seqId: next.sequence }] };
    };
    const feed: Feed = (event) => (event.kind === "book" && event.book.symbol === symbol ? push(event.book) : undefined);
    return { first: push(book), feed };
  }

  #trades(instrument: OkxInstrument, counted: boolean): Opened {
    const feed: Feed = (event) => {
      if (event.kind !== "trade" || event.trade.symbol !== instrument.symbol) return undefined;
      return { data: [{ ...tradeRow(event.trade, instrument), ...(counted ? { count: "1" } : {}) }] };
    };
    return { first: undefined, feed };
  }

  #candles({ symbol }: OkxInstrument, bar: string): Opened | undefined {
    const timeframeMs = barMs(bar);
    if (timeframeMs === undefined) return undefined;
    const latest = (): Push | undefined => {
      const candle = this.#engine.candles(symbol, timeframeMs, undefined, 1)[0];
      return candle === undefined ? undefined : { data: [candleRow(candle, timeframeMs, this.#engine.now())] };
    };
    const feed: Feed = (event) => (event.kind === "trade" && event.trade.symbol === symbol ? latest() : undefined);
    return { first: latest(), feed };
  }
}
