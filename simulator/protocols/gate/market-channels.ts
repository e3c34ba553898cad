import type { SimBook, SimEvent, SimLevel, SimMarket, SimPublicTrade, VenueEngine } from "#simulator/engine/types.ts";
import { findMarket, fineMs, pairOf, pairOfSymbol, seconds } from "#simulator/protocols/gate/context.ts";
import { INTERVALS, levels, quoteVolumeOf, tickerRow } from "#simulator/protocols/gate/market-data.ts";

/** What one subscription says: `result` of its first message (if it has one at once), and of each event that concerns it. */
export interface MarketSubscription {
  first(): unknown;
  event(event: SimEvent): unknown;
}

/** Subscriptions of one request by their names, or what is wrong with it. */
export type Opened = { readonly streams: ReadonlyMap<string, MarketSubscription> } | { readonly error: string };

const V2_DEPTHS: readonly string[] = ["50", "400"];
const SNAPSHOT_DEPTHS: readonly string[] = ["5", "10", "20", "50", "100"];
const SPEEDS: readonly string[] = ["20ms", "100ms", "1000ms"];

type Build = (engine: VenueEngine, market: SimMarket) => MarketSubscription;

/** Channels whose payload is a list of pairs. */
const PAIR_CHANNELS: Readonly<Record<string, Build>> = {
  "spot.tickers": tickers,
  "spot.trades": trades,
  "spot.trades_v2": trades,
  "spot.book_ticker": bookTicker,
};

export function openMarketChannel(engine: VenueEngine, channel: string, payload: readonly string[]): Opened | undefined {
  const build = PAIR_CHANNELS[channel];
  if (build !== undefined) return forPairs(engine, payload, build);
  switch (channel) {
    case "spot.order_book_update":
      return forPair(engine, payload[0], SPEEDS.includes(payload[1] ?? ""), bookUpdates);
    case "spot.order_book": {
      const [pair, depth = "", speed = ""] = payload;
      const known = SNAPSHOT_DEPTHS.includes(depth) && SPEEDS.includes(speed);
      return forPair(engine, pair, known, (_, market) => bookSnapshots(engine, market, Number(depth)), `.${depth}`);
    }
    case "spot.obu":
      return openV2(engine, payload);
    case "spot.candlesticks": {
      const [interval = "", pair] = payload;
      const length = INTERVALS[interval];
      const stream: Build = (_, market) => candles(engine, market, interval, length ?? 0);
      return forPair(engine, pair, length !== undefined, stream, `.${interval}`);
    }
    default:
      return undefined;
  }
}

function forPairs(engine: VenueEngine, pairs: readonly string[], build: Build): Opened {
  const streams = new Map<string, MarketSubscription>();
  for (const pair of pairs) {
    const market = findMarket(engine, pair);
    if (market === undefined) return unknownPair(pair);
    streams.set(pair, build(engine, market));
  }
  return streams.size === 0 ? { error: "invalid argument: payload" } : { streams };
}

function forPair(engine: VenueEngine, pair: string | undefined, valid: boolean, build: Build, suffix = ""): Opened {
  const market = pair === undefined ? undefined : findMarket(engine, pair);
  if (market === undefined) return unknownPair(pair ?? "");
  return valid
    ? { streams: new Map([[`${pairOf(market)}${suffix}`, build(engine, market)]]) }
    : { error: "invalid argument: payload" };
}

function openV2(engine: VenueEngine, names: readonly string[]): Opened {
  const streams = new Map<string, MarketSubscription>();
  for (const name of names) {
    const [prefix, pair = "", depth = ""] = name.split(".");
    if (prefix !== "ob" || !V2_DEPTHS.includes(depth)) return { error: `invalid argument: ${name}` };
    const market = findMarket(engine, pair);
    if (market === undefined) return unknownPair(pair);
    streams.set(name, booksV2(engine, market, name, Number(depth)));
  }
  return { streams };
}

function unknownPair(pair: string): Opened {
  return { error: `unknown currency pair: ${pair}` };
}

function tickers(engine: VenueEngine, { symbol }: SimMarket): MarketSubscription {
  return {
    first: () => {
      const ticker = engine.ticker(symbol);
      return ticker === undefined ? undefined : tickerRow(ticker);
    },
    event: (event) => (event.kind === "ticker" && event.ticker.symbol === symbol ? tickerRow(event.ticker) : undefined),
  };
}

function trades(_engine: VenueEngine, { symbol }: SimMarket): MarketSubscription {
  return {
    first: () => undefined,
    event: (event) => (event.kind === "trade" && event.trade.symbol === symbol ? tradeNotice(event.trade) : undefined),
  };
}

function tradeNotice(trade: SimPublicTrade): Record<string, unknown> {
  const id = Number(trade.id);
  return {
    id,
    id_market: id,
    create_time: seconds(trade.at),
    create_time_ms: fineMs(trade.at),
    side: trade.takerSide,
    currency_pair: pairOfSymbol(trade.symbol),
    amount: trade.amount.toFixed(),
    price: trade.price.toFixed(),
    range: `${id}-${id}`,
  };
}

function bookTicker(engine: VenueEngine, market: SimMarket): MarketSubscription {
  let last = "";
  const best = (book: SimBook | undefined): unknown => {
    const [bid, ask] = [book?.bids[0], book?.asks[0]];
    if (book === undefined) return undefined;
    const prices = {
      s: pairOf(market),
      b: bid?.[0].toFixed() ?? "",
      B: bid?.[1].toFixed() ?? "",
      a: ask?.[0].toFixed() ?? "",
      A: ask?.[1].toFixed() ?? "",
    };
    const written = JSON.stringify(prices);
    if (written === last) return undefined;
    last = written;
    return { t: book.at, u: book.sequence, ...prices };
  };
  return {
    first: () => best(engine.book(market.symbol, 1)),
    event: (event) => (isBookOf(event, market) ? best(event.book) : undefined),
  };
}

function isBookOf(event: SimEvent, market: SimMarket): event is Extract<SimEvent, { kind: "book" }> {
  return event.kind === "book" && event.book.symbol === market.symbol;
}

function bookSnapshots(engine: VenueEngine, market: SimMarket, depth: number): MarketSubscription {
  const snapshot = (book: SimBook | undefined): unknown =>
    book === undefined
      ? undefined
      : {
          t: book.at,
          lastUpdateId: book.sequence,
          s: pairOf(market),
          l: String(depth),
          bids: levels(book.bids.slice(0, depth)),
          asks: levels(book.asks.slice(0, depth)),
        };
  return {
    first: () => snapshot(engine.book(market.symbol, depth)),
    event: (event) => (isBookOf(event, market) ? snapshot(event.book) : undefined),
  };
}

/**
 * A book as a client that follows the channel has it. INVARIANT: U of an update is u of the one before plus one, and u is the
 * book's sequence, which REST answers as `id`; so a local book can be checked as the venue documents.
 */
class FollowedBook {
  #bids: ReadonlyMap<string, string>;
  #asks: ReadonlyMap<string, string>;
  #sequence: number;

  constructor(book: SimBook | undefined) {
    this.#bids = amounts(book?.bids ?? []);
    this.#asks = amounts(book?.asks ?? []);
    this.#sequence = book?.sequence ?? 0;
  }

  /** What changed since the last call, or undefined if this book is no newer. A level that is gone has the amount 0. */
  update(book: SimBook, depth: number) {
    if (book.sequence <= this.#sequence) return undefined;
    const [bids, asks] = [amounts(book.bids.slice(0, depth)), amounts(book.asks.slice(0, depth))];
    const [b, a] = [changes(this.#bids, bids), changes(this.#asks, asks)];
    const first = this.#sequence + 1;
    [this.#bids, this.#asks, this.#sequence] = [bids, asks, book.sequence];
    return { U: first, u: book.sequence, b, a };
  }
}

function amounts(side: readonly SimLevel[]): ReadonlyMap<string, string> {
  return new Map(levels(side));
}

function changes(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): [string, string][] {
  const changed = [...after].filter(([price, amount]) => before.get(price) !== amount);
  const gone = [...before.keys()].filter((price) => !after.has(price));
  return [...changed, ...gone.map((price): [string, string] => [price, "0"])];
}

/** Changes only: the client takes its first book over REST. */
function bookUpdates(engine: VenueEngine, market: SimMarket): MarketSubscription {
  const followed = new FollowedBook(engine.book(market.symbol));
  return {
    first: () => undefined,
    event: (event) => {
      const update = isBookOf(event, market) ? followed.update(event.book, Number.POSITIVE_INFINITY) : undefined;
      if (update === undefined || !isBookOf(event, market)) return undefined;
      const at = event.book.at;
      return { t: at, e: "depthUpdate", E: seconds(at), s: pairOf(market), ...update };
    },
  };
}

/** The whole book first, then changes of its best levels. */
function booksV2(engine: VenueEngine, market: SimMarket, name: string, depth: number): MarketSubscription {
  const book = engine.book(market.symbol, depth);
  const followed = new FollowedBook(book);
  return {
    first: () => ({
      t: book?.at ?? engine.now(),
      full: true,
      s: name,
      u: book?.sequence ?? 0,
      b: levels(book?.bids ?? []),
      a: levels(book?.asks ?? []),
    }),
    event: (event) => {
      const update = isBookOf(event, market) ? followed.update(event.book, depth) : undefined;
      return update === undefined || !isBookOf(event, market) ? undefined : { t: event.book.at, s: name, ...update };
    },
  };
}

/** The running bar at once and with every trade and ticker. */
function candles(engine: VenueEngine, market: SimMarket, interval: string, length: number): MarketSubscription {
  const bar = (): unknown => {
    const last = engine.candles(market.symbol, length, undefined, 1).at(-1);
    if (last === undefined) return undefined;
    return {
      t: String(seconds(last.openAt)),
      v: quoteVolumeOf(last).toFixed(),
      c: last.close.toFixed(),
      h: last.high.toFixed(),
      l: last.low.toFixed(),
      o: last.open.toFixed(),
      n: `${interval}_${pairOf(market)}`,
      a: last.volume.toFixed(),
      w: false,
    };
  };
  return {
    first: bar,
    event: (event) => {
      if (event.kind === "trade") return event.trade.symbol === market.symbol ? bar() : undefined;
      return event.kind === "ticker" && event.ticker.symbol === market.symbol ? bar() : undefined;
    },
  };
}
