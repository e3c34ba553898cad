import { type Decimal, ZERO } from "#server/domain/decimal.ts";
import type { SimBook, SimLevel, SimMarket, SimPublicTrade, SimTicker, VenueEngine } from "#simulator/engine/types.ts";
import { candleRows } from "#simulator/protocols/kucoin/candles.ts";
import {
  type KucoinContext,
  type KucoinRoutes,
  marketById,
  marketId,
  publicRoute,
  type PublicCall,
  readRoute,
} from "#simulator/protocols/kucoin/context.ts";
import { marketSuspended, unknownSymbol } from "#simulator/protocols/kucoin/errors.ts";
import { currencyRow, symbolRow } from "#simulator/protocols/kucoin/listings.ts";

const TRADES = 100;

/** Public market data: no key, no signature. The whole book alone wants a key that may read. */
export const MARKET_DATA_ROUTES: KucoinRoutes = {
  "GET /api/v1/timestamp": publicRoute(3, ({ engine }) => engine.now()),
  "GET /api/v1/status": publicRoute(3, () => ({ status: "open", msg: "" })),
  "GET /api/v1/markets": publicRoute(3, () => ["USDS"]),
  "GET /api/v1/symbols": publicRoute(4, ({ engine }) => engine.markets().map(symbolRow)),
  "GET /api/v2/symbols": publicRoute(4, ({ engine }) => engine.markets().map(symbolRow)),
  "GET /api/v2/symbols/{}": publicRoute(4, ({ engine }, { name }) => symbolRow(marketNamed(engine, name))),
  "GET /api/v3/currencies": publicRoute(3, ({ engine }) => assetsOf(engine).map(currencyRow)),
  "GET /api/v3/currencies/{}": publicRoute(3, currency),
  "GET /api/v1/market/orderbook/level1": publicRoute(2, (context, call) => bestPrices(context.engine, marketOf(context, call))),
  "GET /api/v1/market/orderbook/level2_20": publicRoute(2, (context, call) => bookOf(context, call, 20)),
  "GET /api/v1/market/orderbook/level2_100": publicRoute(4, (context, call) => bookOf(context, call, 100)),
  "GET /api/v3/market/orderbook/level2": readRoute(3, (context, call) => bookOf(context, call)),
  "GET /api/v1/market/stats": publicRoute(15, stats),
  "GET /api/v1/market/allTickers": publicRoute(15, allTickers),
  "GET /api/v1/market/histories": publicRoute(3, histories),
  "GET /api/v1/market/candles": publicRoute(3, (context, call) =>
    candleRows(context.engine, marketOf(context, call), call.params),
  ),
};

/** The market that a request's `symbol` names; throws the venue's error. */
export function marketOf({ engine }: KucoinContext, { params }: PublicCall): SimMarket {
  return marketNamed(engine, params.required("symbol"));
}

function marketNamed(engine: VenueEngine, id: string): SimMarket {
  const market = marketById(engine, id);
  if (market === undefined) throw unknownSymbol();
  return market;
}

function assetsOf(engine: VenueEngine): readonly string[] {
  return [...new Set(engine.markets().flatMap(({ base, quote }) => [base, quote]))];
}

function currency({ engine }: KucoinContext, { name }: PublicCall): unknown {
  return assetsOf(engine).includes(name) ? currencyRow(name) : null;
}

export function levelRows(levels: readonly SimLevel[]): (readonly [string, string])[] {
  return levels.map(([price, amount]) => [price.toFixed(), amount.toFixed()] as const);
}

/** `sequence` is the number that the book's stream counts in. */
function bookOf(context: KucoinContext, call: PublicCall, depth?: number): unknown {
  const book: SimBook | undefined = context.engine.book(marketOf(context, call).symbol, depth);
  if (book === undefined) throw unknownSymbol();
  return { time: book.at, sequence: String(book.sequence), bids: levelRows(book.bids), asks: levelRows(book.asks) };
}

/** Best bid and ask with the last trade, as REST and the ticker's stream tell them. */
export function bestPrices(engine: VenueEngine, market: SimMarket): Record<string, unknown> {
  const ticker = tickerOf(engine, market);
  const last = engine.publicTrades(market.symbol, 1).at(-1);
  return {
    time: ticker.at,
    sequence: String(engine.book(market.symbol, 1)?.sequence ?? 0),
    price: ticker.last.toFixed(),
    size: (last?.amount ?? ZERO).toFixed(),
    bestBid: ticker.bid.toFixed(),
    bestBidSize: ticker.bidAmount.toFixed(),
    bestAsk: ticker.ask.toFixed(),
    bestAskSize: ticker.askAmount.toFixed(),
  };
}

function tickerOf(engine: VenueEngine, market: SimMarket): SimTicker {
  const ticker = engine.ticker(market.symbol);
  if (ticker === undefined) throw marketSuspended();
  return ticker;
}

export function dayChange({ last, open24h }: SimTicker): { readonly price: Decimal; readonly rate: Decimal } {
  const price = last.minus(open24h);
  return { price, rate: open24h.isZero() ? ZERO : price.div(open24h).toDecimalPlaces(4) };
}

/** The figures of the last 24 hours. `buy` is the best bid and `sell` the best ask. */
function dayFigures(market: SimMarket, ticker: SimTicker): Record<string, unknown> {
  const change = dayChange(ticker);
  const { baseVolume24h, quoteVolume24h, last } = ticker;
  return {
    symbol: marketId(market),
    buy: ticker.bid.toFixed(),
    sell: ticker.ask.toFixed(),
    changeRate: change.rate.toFixed(),
    changePrice: change.price.toFixed(),
    high: ticker.high24h.toFixed(),
    low: ticker.low24h.toFixed(),
    vol: baseVolume24h.toFixed(),
    volValue: quoteVolume24h.toFixed(),
    last: last.toFixed(),
    averagePrice: (baseVolume24h.isZero() ? last : quoteVolume24h.div(baseVolume24h).toDecimalPlaces(8)).toFixed(),
    takerFeeRate: market.takerFee.toFixed(),
    makerFeeRate: market.makerFee.toFixed(),
    takerCoefficient: "1",
    makerCoefficient: "1",
  };
}

function stats(context: KucoinContext, call: PublicCall): unknown {
  const market = marketOf(context, call);
  const ticker = tickerOf(context.engine, market);
  return { time: ticker.at, ...dayFigures(market, ticker) };
}

function allTickers({ engine }: KucoinContext): unknown {
  const ticker = engine.markets().flatMap((market) => {
    const now = engine.ticker(market.symbol);
    if (now === undefined) return [];
    const sizes = { bestBidSize: now.bidAmount.toFixed(), bestAskSize: now.askAmount.toFixed() };
    return [{ symbolName: marketId(market), ...sizes, ...dayFigures(market, now) }];
  });
  return { time: engine.now(), ticker };
}

/** Oldest first, at most a hundred. Times are in nanoseconds. */
function histories(context: KucoinContext, call: PublicCall): unknown {
  return context.engine.publicTrades(marketOf(context, call).symbol, TRADES).map((trade) => ({
    sequence: trade.id,
    price: trade.price.toFixed(),
    size: trade.amount.toFixed(),
    side: trade.takerSide,
    time: nanoseconds(trade),
  }));
}

/** A double holds a time in nanoseconds to a few hundred of them; the venue writes it as a number all the same. */
export function nanoseconds({ at }: Pick<SimPublicTrade, "at">): number {
  return at * 1_000_000;
}
