import { ZERO } from "#server/domain/decimal.ts";
import type { SimLevel, SimMarket, SimTicker, VenueEngine } from "#simulator/engine/types.ts";
import { candlesOf } from "#simulator/protocols/bybit/candles.ts";
import { type BybitRoutes, publicRoute } from "#simulator/protocols/bybit/context.ts";
import { type BybitParams, dataMarket, idOfSymbol } from "#simulator/protocols/bybit/params.ts";
import { sideOf } from "#simulator/protocols/bybit/order-shape.ts";

/** Public market data of spot. What has no spot in it is empty, so that a client that loads everything finds spot only. */
export const MARKET_DATA_ROUTES: BybitRoutes = {
  "GET /v5/market/time": publicRoute(({ engine }) => serverTime(engine)),
  "GET /v5/market/instruments-info": publicRoute(({ engine }, params) => instruments(engine, params)),
  "GET /v5/market/tickers": publicRoute(({ engine }, params) => tickers(engine, params)),
  "GET /v5/market/orderbook": publicRoute(({ engine }, params) => orderBook(engine, params)),
  "GET /v5/market/recent-trade": publicRoute(({ engine }, params) => recentTrades(engine, params)),
  "GET /v5/market/kline": publicRoute(({ engine }, params) => klines(engine, params)),
  "GET /v5/system/status": publicRoute(() => ({ list: [] })),
};

function serverTime(engine: VenueEngine): unknown {
  const now = engine.now();
  return { timeSecond: String(Math.floor(now / 1_000)), timeNano: `${Math.floor(now)}000000` };
}

function instruments(engine: VenueEngine, params: BybitParams): unknown {
  const category = params.category();
  if (category !== "spot") return { category, list: [], nextPageCursor: "" };
  const markets = params.text("symbol") === undefined ? engine.markets() : [dataMarket(engine, params)];
  return { category, list: markets.map(instrument) };
}

function instrument(market: SimMarket): unknown {
  return {
    symbol: idOfSymbol(market.symbol),
    baseCoin: market.base,
    quoteCoin: market.quote,
    innovation: "0",
    status: "Trading",
    marginTrading: "none",
    stTag: "0",
    lotSizeFilter: {
      basePrecision: market.amountStep.toFixed(),
      quotePrecision: market.amountStep.times(market.priceTick).toFixed(),
      minOrderQty: market.amountMin.toFixed(),
      maxOrderQty: "1000000000",
      minOrderAmt: market.costMin.toFixed(),
      maxOrderAmt: "1000000000000",
    },
    priceFilter: { tickSize: market.priceTick.toFixed() },
    riskParameters: { priceLimitRatioX: "0.01", priceLimitRatioY: "0.02" },
  };
}

function tickers(engine: VenueEngine, params: BybitParams): unknown {
  const category = params.category();
  if (category !== "spot") return { category, list: [] };
  const markets = params.text("symbol") === undefined ? engine.markets() : [dataMarket(engine, params)];
  const list = markets.flatMap(({ symbol }) => {
    const ticker = engine.ticker(symbol);
    return ticker === undefined ? [] : [{ ...tickerRow(ticker), ...bestPrices(ticker) }];
  });
  return { category, list };
}

function bestPrices(ticker: SimTicker): Record<string, string> {
  return {
    bid1Price: ticker.bid.toFixed(),
    bid1Size: ticker.bidAmount.toFixed(),
    ask1Price: ticker.ask.toFixed(),
    ask1Size: ticker.askAmount.toFixed(),
  };
}

/** The part of a ticker that REST and the `tickers` topic share. */
export function tickerRow(ticker: SimTicker): Record<string, string> {
  const { open24h: open, last } = ticker;
  const change = open.isZero() ? ZERO : last.minus(open).div(open);
  return {
    symbol: idOfSymbol(ticker.symbol),
    lastPrice: last.toFixed(),
    prevPrice24h: open.toFixed(),
    price24hPcnt: change.toFixed(4),
    highPrice24h: ticker.high24h.toFixed(),
    lowPrice24h: ticker.low24h.toFixed(),
    turnover24h: ticker.quoteVolume24h.toFixed(),
    volume24h: ticker.baseVolume24h.toFixed(),
    usdIndexPrice: last.toFixed(),
  };
}

export function wireLevels(side: readonly SimLevel[]): (readonly [string, string])[] {
  return side.map(([price, amount]) => [price.toFixed(), amount.toFixed()] as const);
}

function orderBook(engine: VenueEngine, params: BybitParams): unknown {
  params.requireSpot();
  const market = dataMarket(engine, params);
  const book = engine.book(market.symbol, params.limit(1, 200));
  const [bids, asks] = [wireLevels(book?.bids ?? []), wireLevels(book?.asks ?? [])];
  const at = book?.at ?? engine.now();
  const sequence = book?.sequence ?? 0;
  return { s: idOfSymbol(market.symbol), b: bids, a: asks, ts: at, u: sequence, seq: sequence, cts: at };
}

function recentTrades(engine: VenueEngine, params: BybitParams): unknown {
  params.requireSpot();
  const market = dataMarket(engine, params);
  const trades = engine.publicTrades(market.symbol, params.limit(60, 60));
  return {
    category: "spot",
    list: [...trades].reverse().map((trade) => ({
      execId: trade.id,
      symbol: idOfSymbol(trade.symbol),
      price: trade.price.toFixed(),
      size: trade.amount.toFixed(),
      side: sideOf({ side: trade.takerSide }),
      time: String(trade.at),
      isBlockTrade: false,
      isRPITrade: false,
    })),
  };
}

function klines(engine: VenueEngine, params: BybitParams): unknown {
  if (params.text("category") !== undefined) params.requireSpot();
  const market = dataMarket(engine, params);
  const candles = candlesOf(engine, market.symbol, params.required("interval"), {
    start: params.integer("start"),
    end: params.integer("end"),
    limit: params.limit(200, 1_000),
  });
  return {
    category: "spot",
    symbol: idOfSymbol(market.symbol),
    list: candles.map((candle) => [
      String(candle.openAt),
      candle.open.toFixed(),
      candle.high.toFixed(),
      candle.low.toFixed(),
      candle.close.toFixed(),
      candle.volume.toFixed(),
      candle.turnover.toFixed(),
    ]),
  };
}
