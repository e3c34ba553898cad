import { ZERO } from "#server/domain/decimal.ts";
import type { SimCandle, SimLevel, SimMarket, SimPublicTrade, SimTicker, VenueEngine } from "#simulator/engine/types.ts";
import {
  accountGet,
  type CoinbaseCall,
  type CoinbaseContext,
  type CoinbaseRoute,
  iso,
  marketOf,
  productId,
  productIdOf,
  publicGet,
} from "#simulator/protocols/coinbase/context.ts";
import { invalidArgument } from "#simulator/protocols/coinbase/errors.ts";
import { integerOf, listOf } from "#simulator/protocols/coinbase/paging.ts";

const MINUTE_MS = 60_000;
const MAX_CANDLES = 350;
const MAX_BASE = "10000000";
const MAX_QUOTE = "150000000";

const GRANULARITY_MS: Readonly<Record<string, number>> = {
  ONE_MINUTE: MINUTE_MS,
  FIVE_MINUTE: 5 * MINUTE_MS,
  FIFTEEN_MINUTE: 15 * MINUTE_MS,
  THIRTY_MINUTE: 30 * MINUTE_MS,
  ONE_HOUR: 60 * MINUTE_MS,
  TWO_HOUR: 120 * MINUTE_MS,
  FOUR_HOUR: 240 * MINUTE_MS,
  SIX_HOUR: 360 * MINUTE_MS,
  ONE_DAY: 1_440 * MINUTE_MS,
};

type Run = (context: CoinbaseContext, call: CoinbaseCall) => unknown;

/** The same data behind the public and the private paths. */
function both(publicPath: string, privatePath: string, run: Run): CoinbaseRoute[] {
  return [publicGet(publicPath, run), accountGet(privatePath, run)];
}

export const MARKET_DATA_ROUTES: readonly CoinbaseRoute[] = [
  publicGet("/time", ({ engine }) => {
    const now = engine.now();
    return { iso: iso(now), epochSeconds: String(Math.floor(now / 1_000)), epochMillis: String(now) };
  }),
  ...both("/market/products", "/products", listProducts),
  ...both("/market/products/{id}", "/products/{id}", ({ engine }, { id }) => productRow(engine, marketOf(engine, id))),
  ...both("/market/products/{id}/candles", "/products/{id}/candles", candles),
  ...both("/market/products/{id}/ticker", "/products/{id}/ticker", marketTrades),
  ...both("/market/product_book", "/product_book", productBook),
  accountGet("/best_bid_ask", bestBidAsk),
];

/** Spot products; a client that asks for futures gets an empty list. */
function listProducts({ engine }: CoinbaseContext, { query }: CoinbaseCall): unknown {
  const type = query.get("product_type") ?? "SPOT";
  const ids = listOf(query, "product_ids");
  const found = type === "FUTURE" ? [] : engine.markets().filter((market) => ids.length === 0 || ids.includes(productId(market)));
  const offset = integerOf(query, "offset") ?? 0;
  const limit = integerOf(query, "limit") ?? found.length;
  return {
    products: found.slice(offset, offset + limit).map((market) => productRow(engine, market)),
    num_products: found.length,
  };
}

export function productRow(engine: VenueEngine, market: SimMarket): unknown {
  const ticker = engine.ticker(market.symbol);
  return {
    product_id: productId(market),
    price: ticker?.last.toFixed() ?? "",
    price_percentage_change_24h: ticker === undefined ? "" : dayChangePercent(ticker),
    volume_24h: ticker?.baseVolume24h.toFixed() ?? "",
    volume_percentage_change_24h: "0",
    base_increment: market.amountStep.toFixed(),
    quote_increment: market.priceTick.toFixed(),
    quote_min_size: market.costMin.toFixed(),
    quote_max_size: MAX_QUOTE,
    base_min_size: market.amountMin.toFixed(),
    base_max_size: MAX_BASE,
    base_name: market.base,
    quote_name: market.quote,
    watched: false,
    is_disabled: false,
    new: false,
    status: "online",
    cancel_only: false,
    limit_only: false,
    post_only: false,
    trading_disabled: false,
    auction_mode: false,
    product_type: "SPOT",
    quote_currency_id: market.quote,
    base_currency_id: market.base,
    fcm_trading_session_details: null,
    mid_market_price: ticker === undefined ? "" : ticker.bid.plus(ticker.ask).div(2).toFixed(),
    alias: "",
    alias_to: [],
    base_display_symbol: market.base,
    quote_display_symbol: market.quote,
    view_only: false,
    price_increment: market.priceTick.toFixed(),
    display_name: productId(market),
    product_venue: "CBE",
    approximate_quote_24h_volume: ticker?.quoteVolume24h.toFixed() ?? "",
    new_at: "2023-01-01T00:00:00Z",
  };
}

export function dayChangePercent(ticker: SimTicker): string {
  if (ticker.open24h.isZero()) return "0";
  return ticker.last.minus(ticker.open24h).div(ticker.open24h).times(100).toDecimalPlaces(14).toFixed();
}

export function levelRows(levels: readonly SimLevel[]): { price: string; size: string }[] {
  return levels.map(([price, amount]) => ({ price: price.toFixed(), size: amount.toFixed() }));
}

function productBook({ engine }: CoinbaseContext, { query }: CoinbaseCall): unknown {
  const market = marketOf(engine, query.get("product_id") ?? "");
  const limit = integerOf(query, "limit");
  const book = engine.book(market.symbol, limit === undefined || limit === 0 ? undefined : limit);
  const ticker = engine.ticker(market.symbol);
  const spread = ticker === undefined ? ZERO : ticker.ask.minus(ticker.bid);
  const middle = ticker === undefined ? ZERO : ticker.ask.plus(ticker.bid).div(2);
  return {
    pricebook: {
      product_id: productId(market),
      bids: levelRows(book?.bids ?? []),
      asks: levelRows(book?.asks ?? []),
      time: iso(book?.at ?? engine.now()),
    },
    last: ticker?.last.toFixed() ?? "",
    mid_market: middle.toFixed(),
    spread_bps: middle.isZero() ? "0" : spread.div(middle).times(10_000).toDecimalPlaces(15).toFixed(),
    spread_absolute: spread.toFixed(),
  };
}

function bestBidAsk({ engine }: CoinbaseContext, { query }: CoinbaseCall): unknown {
  const ids = listOf(query, "product_ids");
  const markets = ids.length === 0 ? engine.markets() : ids.map((id) => marketOf(engine, id));
  const pricebooks = markets.map((market) => {
    const book = engine.book(market.symbol, 1);
    return {
      product_id: productId(market),
      bids: levelRows(book?.bids ?? []),
      asks: levelRows(book?.asks ?? []),
      time: iso(book?.at ?? engine.now()),
    };
  });
  return { pricebooks };
}

/** Newest first. */
function marketTrades({ engine }: CoinbaseContext, { id, query }: CoinbaseCall): unknown {
  const market = marketOf(engine, id);
  const limit = integerOf(query, "limit") ?? 100;
  const [start, end] = [integerOf(query, "start"), integerOf(query, "end")];
  const found = engine
    .publicTrades(market.symbol, 1_000)
    .filter((trade) => (start === undefined || trade.at >= start * 1_000) && (end === undefined || trade.at <= end * 1_000));
  const ticker = engine.ticker(market.symbol);
  return {
    trades: [...found].reverse().slice(0, limit).map(tradeRow),
    best_bid: ticker?.bid.toFixed() ?? "",
    best_ask: ticker?.ask.toFixed() ?? "",
  };
}

/** `side` is the maker's: coinbase tells public trades from the resting order's point of view. */
export function tradeRow(trade: SimPublicTrade): Record<string, string> {
  return {
    trade_id: trade.id,
    product_id: productIdOf(trade.symbol),
    price: trade.price.toFixed(),
    size: trade.amount.toFixed(),
    time: iso(trade.at),
    side: trade.takerSide === "buy" ? "SELL" : "BUY",
  };
}

/** Newest first; `start` and `end` in seconds are both required. */
function candles({ engine }: CoinbaseContext, { id, query }: CoinbaseCall): unknown {
  const market = marketOf(engine, id);
  const length = GRANULARITY_MS[query.get("granularity") ?? ""];
  if (length === undefined) throw invalidArgument("granularity is invalid");
  const [start, end] = [integerOf(query, "start"), integerOf(query, "end")];
  if (start === undefined || end === undefined || end < start) throw invalidArgument("start and end are required");
  const wanted = Math.floor(((end - start) * 1_000) / length);
  if (wanted > MAX_CANDLES) throw invalidArgument(`number of candles requested should be less than ${MAX_CANDLES}`);
  const limit = Math.min(integerOf(query, "limit") ?? MAX_CANDLES, MAX_CANDLES);
  const found = engine
    .candles(market.symbol, length, start * 1_000, MAX_CANDLES + 1)
    .filter(({ openAt }) => openAt >= start * 1_000 && openAt <= end * 1_000);
  return { candles: [...found].reverse().slice(0, limit).map(candleRow) };
}

export function candleRow(candle: SimCandle): Record<string, string> {
  return {
    start: String(Math.floor(candle.openAt / 1_000)),
    low: candle.low.toFixed(),
    high: candle.high.toFixed(),
    open: candle.open.toFixed(),
    close: candle.close.toFixed(),
    volume: candle.volume.toFixed(),
  };
}
