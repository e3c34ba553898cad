import { Decimal, ZERO } from "#server/domain/decimal.ts";
import type { SimLevel, SimMarket, SimPublicTrade, SimTicker, VenueEngine } from "#simulator/engine/types.ts";
import { candlesOf, intervalMs } from "#simulator/protocols/binance/candles.ts";
import { type BinanceRoutes, fixed, marketId, marketOf, publicRoute } from "#simulator/protocols/binance/context.ts";
import { BinanceError, invalidSymbol, marketClosed } from "#simulator/protocols/binance/errors.ts";
import { exchangeInfo } from "#simulator/protocols/binance/exchange-info.ts";
import type { BinanceParams } from "#simulator/protocols/binance/params.ts";

const DAY_MS = 86_400_000;
const AVERAGE_MINUTES = 5;

/** Public market data: no key, no signature. */
export const MARKET_DATA_ROUTES: BinanceRoutes = {
  "GET /api/v3/ping": publicRoute(1, () => ({})),
  "GET /api/v3/time": publicRoute(1, ({ engine }) => ({ serverTime: engine.now() })),
  "GET /api/v3/exchangeInfo": publicRoute(20, exchangeInfo),
  "GET /api/v3/depth": publicRoute(depthWeight, ({ engine }, params) => {
    const market = marketOf(engine, params.symbol());
    return depthOf(engine, market, params.limit(100, 5_000));
  }),
  "GET /api/v3/trades": publicRoute(25, ({ engine }, params) => recentTrades(engine, params)),
  "GET /api/v3/historicalTrades": publicRoute(25, ({ engine }, params) => recentTrades(engine, params)),
  "GET /api/v3/aggTrades": publicRoute(4, ({ engine }, params) => aggregateTrades(engine, params)),
  "GET /api/v3/klines": publicRoute(2, ({ engine }, params) => klines(engine, params)),
  "GET /api/v3/uiKlines": publicRoute(2, ({ engine }, params) => klines(engine, params)),
  "GET /api/v3/avgPrice": publicRoute(2, ({ engine }, params) => averagePrice(engine, marketOf(engine, params.symbol()))),
  "GET /api/v3/ticker/24hr": publicRoute(dayTickerWeight, ({ engine }, params) => forSymbols(engine, params, dayTicker)),
  "GET /api/v3/ticker/tradingDay": publicRoute(4, ({ engine }, params) => forSymbols(engine, params, rollingTicker)),
  "GET /api/v3/ticker": publicRoute(4, ({ engine }, params) => forSymbols(engine, params, rollingTicker)),
  "GET /api/v3/ticker/price": publicRoute(symbolWeight, ({ engine }, params) =>
    forSymbols(engine, params, (_, market, ticker) => ({ symbol: marketId(market), price: fixed(ticker.last) })),
  ),
  "GET /api/v3/ticker/bookTicker": publicRoute(symbolWeight, ({ engine }, params) =>
    forSymbols(engine, params, (_, market, ticker) => ({ symbol: marketId(market), ...bestPrices(ticker) })),
  ),
};

function symbolWeight(params: BinanceParams): number {
  return params.has("symbol") ? 2 : 4;
}

function dayTickerWeight(params: BinanceParams): number {
  const count = params.has("symbol") ? 1 : (params.symbolList()?.length ?? Number.POSITIVE_INFINITY);
  if (count <= 20) return 2;
  return count <= 100 ? 40 : 80;
}

function depthWeight(params: BinanceParams): number {
  const limit = params.integer("limit") ?? 100;
  if (limit <= 100) return 5;
  if (limit <= 500) return 25;
  return limit <= 1_000 ? 50 : 250;
}

export function levels(side: readonly SimLevel[]): (readonly [string, string])[] {
  return side.map(([price, amount]) => [fixed(price), fixed(amount)] as const);
}

/** A snapshot whose lastUpdateId is the book's sequence: the number the depth stream's `u` counts in. */
export function depthOf(engine: VenueEngine, market: SimMarket, limit: number): unknown {
  const book = engine.book(market.symbol, limit);
  if (book === undefined) throw invalidSymbol();
  return { lastUpdateId: book.sequence, bids: levels(book.bids), asks: levels(book.asks) };
}

function forSymbols(
  engine: VenueEngine,
  params: BinanceParams,
  render: (engine: VenueEngine, market: SimMarket, ticker: SimTicker, params: BinanceParams) => unknown,
): unknown {
  const one = (market: SimMarket): unknown => {
    const ticker = engine.ticker(market.symbol);
    return ticker === undefined ? undefined : render(engine, market, ticker, params);
  };
  if (params.has("symbol")) {
    if (params.has("symbols")) throw new BinanceError(400, -1128, "Combination of optional parameters invalid.");
    return one(marketOf(engine, params.symbol())) ?? failClosedMarket();
  }
  const wanted = params.symbolList();
  const markets = wanted === undefined ? engine.markets() : wanted.map((id) => marketOf(engine, id));
  return markets.map(one).filter((row) => row !== undefined);
}

function failClosedMarket(): never {
  throw marketClosed();
}

function bestPrices(ticker: SimTicker): Record<string, string> {
  return {
    bidPrice: fixed(ticker.bid),
    bidQty: fixed(ticker.bidAmount),
    askPrice: fixed(ticker.ask),
    askQty: fixed(ticker.askAmount),
  };
}

function rollingTicker(
  engine: VenueEngine,
  market: SimMarket,
  ticker: SimTicker,
  params: BinanceParams,
): Record<string, unknown> {
  const mini = {
    symbol: marketId(market),
    openPrice: fixed(ticker.open24h),
    highPrice: fixed(ticker.high24h),
    lowPrice: fixed(ticker.low24h),
    lastPrice: fixed(ticker.last),
    volume: fixed(ticker.baseVolume24h),
    quoteVolume: fixed(ticker.quoteVolume24h),
    openTime: ticker.at - DAY_MS,
    closeTime: ticker.at,
    ...tradeIds(engine, market.symbol),
  };
  if (params.optional("type") === "MINI") return mini;
  const { change, percent, average } = dayChange(ticker);
  return { ...mini, priceChange: fixed(change), priceChangePercent: percent.toFixed(3), weightedAvgPrice: fixed(average) };
}

function dayTicker(engine: VenueEngine, market: SimMarket, ticker: SimTicker, params: BinanceParams): Record<string, unknown> {
  const rolling = rollingTicker(engine, market, ticker, params);
  if (params.optional("type") === "MINI") return rolling;
  return { ...rolling, prevClosePrice: fixed(ticker.open24h), lastQty: lastAmount(engine, market.symbol), ...bestPrices(ticker) };
}

export function dayChange(ticker: SimTicker): { readonly change: Decimal; readonly percent: Decimal; readonly average: Decimal } {
  const change = ticker.last.minus(ticker.open24h);
  return {
    change,
    percent: ticker.open24h.isZero() ? ZERO : change.div(ticker.open24h).times(100),
    average: ticker.baseVolume24h.isZero() ? ticker.last : ticker.quoteVolume24h.div(ticker.baseVolume24h),
  };
}

export function lastAmount(engine: VenueEngine, symbol: string): string {
  return fixed(engine.publicTrades(symbol, 1).at(-1)?.amount ?? ZERO);
}

export function tradeIds(engine: VenueEngine, symbol: string): { firstId: number; lastId: number; count: number } {
  const trades = engine.publicTrades(symbol, 1_000);
  const [first, last] = [trades[0], trades.at(-1)];
  return {
    firstId: first === undefined ? -1 : Number(first.id),
    lastId: last === undefined ? -1 : Number(last.id),
    count: trades.length,
  };
}

/** Oldest first, as the venue lists them. */
function tradesOf(engine: VenueEngine, params: BinanceParams): readonly SimPublicTrade[] {
  const market = marketOf(engine, params.symbol());
  const fromId = params.integer("fromId");
  const [start, end] = [params.integer("startTime"), params.integer("endTime")];
  const limit = params.limit(500, 1_000);
  const found = engine.publicTrades(market.symbol, 1_000).filter((trade) => {
    if (fromId !== undefined && Number(trade.id) < fromId) return false;
    return (start === undefined || trade.at >= start) && (end === undefined || trade.at <= end);
  });
  return fromId === undefined && start === undefined ? found.slice(-limit) : found.slice(0, limit);
}

function recentTrades(engine: VenueEngine, params: BinanceParams): unknown {
  return tradesOf(engine, params).map((trade) => ({
    id: Number(trade.id),
    price: fixed(trade.price),
    qty: fixed(trade.amount),
    quoteQty: fixed(trade.price.times(trade.amount)),
    time: trade.at,
    isBuyerMaker: trade.takerSide === "sell",
    isBestMatch: true,
  }));
}

function aggregateTrades(engine: VenueEngine, params: BinanceParams): unknown {
  return tradesOf(engine, params).map((trade) => {
    const id = Number(trade.id);
    return {
      a: id,
      p: fixed(trade.price),
      q: fixed(trade.amount),
      f: id,
      l: id,
      T: trade.at,
      m: trade.takerSide === "sell",
      M: true,
    };
  });
}

function klines(engine: VenueEngine, params: BinanceParams): unknown {
  const market = marketOf(engine, params.symbol());
  const interval = params.required("interval");
  const limit = params.limit(500, 1_000);
  const candles = candlesOf(engine, market.symbol, interval, {
    start: params.integer("startTime"),
    end: params.integer("endTime"),
    limit,
  });
  return candles.map((candle) => [
    candle.openAt,
    fixed(candle.open),
    fixed(candle.high),
    fixed(candle.low),
    fixed(candle.close),
    fixed(candle.volume),
    candle.closeAt,
    fixed(candle.quoteVolume),
    candle.trades,
    fixed(candle.volume.div(2)),
    fixed(candle.quoteVolume.div(2)),
    "0",
  ]);
}

export function averagePrice(engine: VenueEngine, market: SimMarket): { mins: number; price: string; closeTime: number } {
  const since = engine.now() - AVERAGE_MINUTES * intervalMs("1m");
  const trades = engine.publicTrades(market.symbol, 1_000).filter((trade) => trade.at >= since);
  const amount = trades.reduce((sum, trade) => sum.plus(trade.amount), new Decimal(0));
  const cost = trades.reduce((sum, trade) => sum.plus(trade.amount.times(trade.price)), new Decimal(0));
  const last = engine.ticker(market.symbol)?.last ?? ZERO;
  return {
    mins: AVERAGE_MINUTES,
    price: fixed(amount.isZero() ? last : cost.div(amount)),
    closeTime: trades.at(-1)?.at ?? engine.now(),
  };
}
