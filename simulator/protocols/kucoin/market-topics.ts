import type { SimEvent, SimMarket, SimPublicTrade, VenueEngine } from "#simulator/engine/types.ts";
import { bestLevels, BookChanges, bookSnapshot, type Push } from "#simulator/protocols/kucoin/book-topics.ts";
import { isCandleType, latestCandle } from "#simulator/protocols/kucoin/candles.ts";
import { marketById, marketId } from "#simulator/protocols/kucoin/context.ts";
import { bestPrices, dayChange, nanoseconds } from "#simulator/protocols/kucoin/market-data.ts";

/** One open topic of one market. */
interface MarketTopic {
  /** What a client gets at once; the venue pushes these at the next tick, which is a moment later. */
  first?(): Push | undefined;
  on(event: SimEvent): Push | undefined;
}

type OpenTopic = (engine: VenueEngine, market: SimMarket) => MarketTopic;

const openTicker: OpenTopic = (engine, market) => ({ on: onBook(market, () => tickerOf(engine, market)) });

const TOPICS: Readonly<Record<string, OpenTopic>> = {
  "/market/ticker": openTicker,
  "/market/snapshot": (engine, market) => ({
    first: () => snapshotOf(engine, market),
    on: onBook(market, () => snapshotOf(engine, market)),
  }),
  "/market/level2": (engine, market) => {
    const changes = new BookChanges(engine, market);
    return { on: onBook(market, (book) => changes.update(book)) };
  },
  "/spotMarket/level1": (engine, market) => wholeBook(engine, market, bestLevels),
  "/spotMarket/level2Depth5": (engine, market) => wholeBook(engine, market, (book) => bookSnapshot(book, 5)),
  "/spotMarket/level2Depth50": (engine, market) => wholeBook(engine, market, (book) => bookSnapshot(book, 50)),
  "/market/match": (_engine, market) => ({
    on: (event) => (event.kind === "trade" && event.trade.symbol === market.symbol ? matchOf(event.trade) : undefined),
  }),
};

type BookEvent = Extract<SimEvent, { kind: "book" }>;

function onBook(market: SimMarket, push: (book: BookEvent["book"]) => Push | undefined): MarketTopic["on"] {
  return (event) => (event.kind === "book" && event.book.symbol === market.symbol ? push(event.book) : undefined);
}

function wholeBook(engine: VenueEngine, market: SimMarket, push: (book: BookEvent["book"]) => Push): MarketTopic {
  return {
    first: () => {
      const book = engine.book(market.symbol, 50);
      return book === undefined ? undefined : push(book);
    },
    on: onBook(market, push),
  };
}

/** A topic under the name that its messages carry. */
export interface OpenMarketTopic extends MarketTopic {
  readonly name: string;
  /** Whether messages name their market in their subject (`:all`). */
  readonly namesMarket: string | undefined;
}

/**
 * Opens `/market/ticker:BTC-USDT,ETH-USDT`, `/market/ticker:all`, `/market/candles:BTC-USDT_1min` and their like. Undefined for
 * what is not offered.
 */
export function openMarketTopics(engine: VenueEngine, topic: string): readonly OpenMarketTopic[] | undefined {
  const colon = topic.indexOf(":");
  const [channel, names] = [topic.slice(0, colon), topic.slice(colon + 1)];
  if (colon < 0 || names === "") return undefined;
  if (topic === "/market/ticker:all") {
    return engine.markets().map((market) => ({
      ...openTicker(engine, market),
      name: topic,
      namesMarket: marketId(market),
    }));
  }
  const opened = names.split(",").map((name): OpenMarketTopic | undefined => {
    if (channel === "/market/candles") return openCandles(engine, name);
    const market = marketById(engine, name);
    const open = TOPICS[channel];
    if (market === undefined || open === undefined) return undefined;
    return { ...open(engine, market), name: `${channel}:${name}`, namesMarket: undefined };
  });
  return opened.every((one) => one !== undefined) ? opened : undefined;
}

function openCandles(engine: VenueEngine, name: string): OpenMarketTopic | undefined {
  const [id, type] = name.split("_");
  const market = marketById(engine, id);
  if (market === undefined || type === undefined || !isCandleType(type)) return undefined;
  const push = (): Push | undefined => {
    const candles = latestCandle(engine, market, type);
    if (candles === undefined) return undefined;
    const data = { symbol: marketId(market), candles, time: nanoseconds({ at: engine.now() }) };
    return { subject: "trade.candles.update", data };
  };
  return { name: `/market/candles:${name}`, namesMarket: undefined, on: onBook(market, push) };
}

function tickerOf(engine: VenueEngine, market: SimMarket): Push | undefined {
  if (engine.ticker(market.symbol) === undefined) return undefined;
  const { time, ...prices } = bestPrices(engine, market);
  return { subject: "trade.ticker", data: { ...prices, time } };
}

/** The figures of the day. Unlike REST the venue writes them as numbers here. */
function snapshotOf(engine: VenueEngine, market: SimMarket): Push | undefined {
  const ticker = engine.ticker(market.symbol);
  if (ticker === undefined) return undefined;
  const change = dayChange(ticker);
  const data = {
    trading: true,
    symbol: marketId(market),
    symbolCode: marketId(market),
    baseCurrency: market.base,
    quoteCurrency: market.quote,
    market: "USDS",
    markets: ["USDS"],
    buy: ticker.bid.toNumber(),
    bidSize: ticker.bidAmount.toNumber(),
    sell: ticker.ask.toNumber(),
    askSize: ticker.askAmount.toNumber(),
    changeRate: change.rate.toNumber(),
    changePrice: change.price.toNumber(),
    open: ticker.open24h.toNumber(),
    high: ticker.high24h.toNumber(),
    low: ticker.low24h.toNumber(),
    close: ticker.last.toNumber(),
    lastTradedPrice: ticker.last.toNumber(),
    averagePrice: ticker.last.toNumber(),
    vol: ticker.baseVolume24h.toNumber(),
    volValue: ticker.quoteVolume24h.toNumber(),
    makerFeeRate: market.makerFee.toNumber(),
    takerFeeRate: market.takerFee.toNumber(),
    makerCoefficient: 1,
    takerCoefficient: 1,
    datetime: ticker.at,
    sort: 100,
    board: 0,
    mark: 0,
  };
  const sequence = String(engine.book(market.symbol, 1)?.sequence ?? 0);
  return { subject: "trade.snapshot", data: { sequence, data } };
}

function matchOf(trade: SimPublicTrade): Push {
  const data = {
    sequence: trade.id,
    tradeId: trade.id,
    type: "match",
    symbol: marketId(trade),
    side: trade.takerSide,
    price: trade.price.toFixed(),
    size: trade.amount.toFixed(),
    takerOrderId: "000000000000000000000000",
    makerOrderId: "000000000000000000000000",
    time: String(nanoseconds(trade)),
  };
  return { subject: "trade.l3match", data };
}
