import type { SimBook, SimLevel, SimPublicTrade, SimTicker, VenueEngine } from "#simulator/engine/types.ts";
import { candleRows } from "#simulator/protocols/okx/candles.ts";
import { OkxRefusal } from "#simulator/protocols/okx/errors.ts";
import { instrumentRow, type OkxInstrument, type OkxInstruments } from "#simulator/protocols/okx/instruments.ts";
import { integer, needed, type Params, text } from "#simulator/protocols/okx/params.ts";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const HONG_KONG_MS = 8 * HOUR_MS;
const BOOK_SIDE_MAX = 400;
const FULL_BOOK_SIDE_MAX = 5_000;
const TRADES_MAX = 500;
const HISTORY_TRADES_MAX = 100;
const TRADES_DEFAULT = 100;

/** A level as OKX writes it: price, size, a zero that once meant liquidations, and the number of orders. */
export function levelRow([price, amount]: SimLevel): readonly [string, string, string, string] {
  return [price.toFixed(), amount.toFixed(), "0", amount.isZero() ? "0" : "1"];
}

export function bookRow(book: SimBook, depth: number): { readonly asks: unknown; readonly bids: unknown; readonly ts: string } {
  const side = (levels: readonly SimLevel[]) => levels.slice(0, depth).map(levelRow);
  return { asks: side(book.asks), bids: side(book.bids), ts: String(book.at) };
}

export function tradeRow(trade: SimPublicTrade, { instId }: OkxInstrument): Readonly<Record<string, unknown>> {
  const { id, price, amount, takerSide, at } = trade;
  return { instId, tradeId: id, px: price.toFixed(), sz: amount.toFixed(), side: takerSide, ts: String(at), source: "0" };
}

export function tickerRow(engine: VenueEngine, ticker: SimTicker, { instId, symbol }: OkxInstrument): unknown {
  const openOfDay = (shiftMs: number) => {
    const start = Math.floor((ticker.at + shiftMs) / DAY_MS) * DAY_MS - shiftMs;
    return (engine.candles(symbol, HOUR_MS, start, 1)[0]?.open ?? ticker.open24h).toFixed();
  };
  return {
    instType: "SPOT",
    instId,
    last: ticker.last.toFixed(),
    lastSz: engine.publicTrades(symbol, 1)[0]?.amount.toFixed() ?? "0",
    askPx: ticker.ask.toFixed(),
    askSz: ticker.askAmount.toFixed(),
    bidPx: ticker.bid.toFixed(),
    bidSz: ticker.bidAmount.toFixed(),
    open24h: ticker.open24h.toFixed(),
    high24h: ticker.high24h.toFixed(),
    low24h: ticker.low24h.toFixed(),
    volCcy24h: ticker.quoteVolume24h.toFixed(),
    vol24h: ticker.baseVolume24h.toFixed(),
    ts: String(ticker.at),
    sodUtc0: openOfDay(0),
    sodUtc8: openOfDay(HONG_KONG_MS),
  };
}

/** The public endpoints under `/api/v5`. */
export class MarketData {
  readonly #engine: VenueEngine;
  readonly #instruments: OkxInstruments;
  readonly #answers: Readonly<Record<string, (params: Params) => readonly unknown[]>>;

  constructor(engine: VenueEngine, instruments: OkxInstruments) {
    this.#engine = engine;
    this.#instruments = instruments;
    this.#answers = {
      "public/time": () => [{ ts: String(engine.now()) }],
      "public/instruments": (params) => this.#listed(params).map(instrumentRow),
      "system/status": () => [],
      "market/ticker": (params) => this.#tickers([instruments.of(params)]),
      "market/tickers": (params) => this.#tickers(this.#listed(params)),
      "market/books": (params) => this.#book(params, BOOK_SIDE_MAX),
      "market/books-full": (params) => this.#book(params, FULL_BOOK_SIDE_MAX),
      "market/candles": (params) => candleRows(engine, instruments.of(params).symbol, params),
      "market/history-candles": (params) => candleRows(engine, instruments.of(params).symbol, params),
      "market/trades": (params) => this.#trades(params, TRADES_MAX),
      "market/history-trades": (params) => this.#olderTrades(params),
    };
  }

  knows(endpoint: string): boolean {
    return Object.hasOwn(this.#answers, endpoint);
  }

  answer(endpoint: string, params: Params): readonly unknown[] {
    const answer = this.#answers[endpoint];
    if (answer === undefined) throw new Error(`no public endpoint ${endpoint}`);
    return answer(params);
  }

  /** Of the venue's kinds of instrument only spot has any. */
  #listed(params: Params): readonly OkxInstrument[] {
    const type = needed(params, "instType");
    if (!["SPOT", "MARGIN", "SWAP", "FUTURES", "OPTION"].includes(type)) throw new OkxRefusal("51000", "instType");
    if (type !== "SPOT") return [];
    return text(params, "instId") === undefined ? this.#instruments.all : [this.#instruments.of(params)];
  }

  #tickers(instruments: readonly OkxInstrument[]): readonly unknown[] {
    return instruments.flatMap((instrument) => {
      const ticker = this.#engine.ticker(instrument.symbol);
      return ticker === undefined ? [] : [tickerRow(this.#engine, ticker, instrument)];
    });
  }

  #book(params: Params, depthMax: number): readonly unknown[] {
    const { symbol } = this.#instruments.of(params);
    const depth = integer(params, "sz", depthMax) ?? 1;
    if (depth < 1) throw new OkxRefusal("51000", "sz");
    const book = this.#engine.book(symbol, depth);
    return book === undefined ? [] : [{ ...bookRow(book, depth), seqId: book.sequence }];
  }

  #trades(params: Params, max: number): readonly unknown[] {
    const instrument = this.#instruments.of(params);
    const limit = integer(params, "limit", max) ?? TRADES_DEFAULT;
    const trades = this.#engine.publicTrades(instrument.symbol, limit);
    return trades.toReversed().map((trade) => tradeRow(trade, instrument));
  }

  /** `type` 1 pages by trade id, 2 by time. */
  #olderTrades(params: Params): readonly unknown[] {
    const instrument = this.#instruments.of(params);
    const limit = integer(params, "limit", HISTORY_TRADES_MAX) ?? HISTORY_TRADES_MAX;
    const after = integer(params, "after", Number.MAX_SAFE_INTEGER) ?? Number.MAX_SAFE_INTEGER;
    const before = integer(params, "before", Number.MAX_SAFE_INTEGER) ?? -1;
    const mark = (trade: SimPublicTrade) => (text(params, "type") === "2" ? trade.at : Number(trade.id));
    return this.#engine
      .publicTrades(instrument.symbol, Number.MAX_SAFE_INTEGER)
      .filter((trade) => mark(trade) < after && mark(trade) > before)
      .slice(-limit)
      .reverse()
      .map((trade) => tradeRow(trade, instrument));
  }
}
