import { Decimal, ZERO } from "#server/domain/decimal.ts";
import type { SimCandle, SimLevel, SimMarket, SimPublicTrade, SimTicker } from "#simulator/engine/types.ts";
import {
  fineMs,
  type GateCall,
  type GateContext,
  type GateRoute,
  marketOf,
  pairOf,
  pairOfSymbol,
  publicRoute,
  seconds,
} from "#simulator/protocols/gate/context.ts";
import { GateError, invalidParameter, invalidPair } from "#simulator/protocols/gate/errors.ts";
import { onPage } from "#simulator/protocols/gate/fields.ts";

const BOOK_LIMIT_MAX = 1_000;
const CANDLES_MAX = 1_000;
const TRADES_KEPT = 1_000;
const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Bars by the venue's names. */
export const INTERVALS: Readonly<Record<string, number>> = {
  "1s": SECOND_MS,
  "10s": 10 * SECOND_MS,
  "1m": MINUTE_MS,
  "5m": 5 * MINUTE_MS,
  "15m": 15 * MINUTE_MS,
  "30m": 30 * MINUTE_MS,
  "1h": HOUR_MS,
  "4h": 4 * HOUR_MS,
  "8h": 8 * HOUR_MS,
  "1d": DAY_MS,
  "7d": 7 * DAY_MS,
  "30d": 30 * DAY_MS,
};

/** Public market data: no key, no signature. The last rows are what the venue has besides spot, and has none of here. */
export const MARKET_DATA_ROUTES: readonly GateRoute[] = [
  publicRoute("GET /spot/time", ({ engine }) => ({ server_time: engine.now() })),
  publicRoute("GET /spot/currencies", ({ engine }) => assetsOf(engine.markets()).map(currencyRow)),
  publicRoute("GET /spot/currencies/{id}", ({ engine }, { id }) => {
    if (!assetsOf(engine.markets()).includes(id)) throw new GateError(400, "INVALID_CURRENCY", `Invalid currency ${id}`);
    return currencyRow(id);
  }),
  publicRoute("GET /spot/currency_pairs", ({ engine }) => engine.markets().map(pairRow)),
  publicRoute("GET /spot/currency_pairs/{id}", ({ engine }, { id }) => pairRow(marketOf(engine, id))),
  publicRoute("GET /spot/tickers", tickers),
  publicRoute("GET /spot/order_book", orderBook),
  publicRoute("GET /spot/trades", trades),
  publicRoute("GET /spot/candlesticks", candlesticks),
  publicRoute("GET /margin/currency_pairs", () => []),
  publicRoute("GET /margin/uni/currency_pairs", () => []),
  publicRoute("GET /futures/{id}/contracts", () => []),
  publicRoute("GET /delivery/{id}/contracts", () => []),
  publicRoute("GET /options/underlyings", () => []),
  publicRoute("GET /options/contracts", () => []),
];

function assetsOf(markets: readonly SimMarket[]): readonly string[] {
  return [...new Set(markets.flatMap(({ base, quote }) => [base, quote]))];
}

function currencyRow(currency: string): Record<string, unknown> {
  return {
    currency,
    name: currency,
    delisted: false,
    withdraw_disabled: true,
    withdraw_delayed: false,
    deposit_disabled: true,
    trade_disabled: false,
    fixed_rate: "",
    chain: currency,
    chains: [],
  };
}

function pairRow(market: SimMarket): Record<string, unknown> {
  const orNull = (value: Decimal) => (value.isZero() ? null : value.toFixed());
  return {
    id: pairOf(market),
    base: market.base,
    base_name: market.base,
    quote: market.quote,
    quote_name: market.quote,
    fee: market.takerFee.times(100).toFixed(),
    min_base_amount: orNull(market.amountMin),
    min_quote_amount: orNull(market.costMin),
    max_base_amount: null,
    max_quote_amount: null,
    amount_precision: market.amountStep.decimalPlaces(),
    precision: market.priceTick.decimalPlaces(),
    trade_status: "tradable",
    sell_start: 0,
    buy_start: 0,
    delisting_time: 0,
    type: "normal",
    st_tag: false,
  };
}

export function tickerRow(ticker: SimTicker): Record<string, string> {
  const change = ticker.open24h.isZero() ? ZERO : ticker.last.minus(ticker.open24h).div(ticker.open24h).times(100);
  return {
    currency_pair: pairOfSymbol(ticker.symbol),
    last: ticker.last.toFixed(),
    lowest_ask: ticker.ask.toFixed(),
    highest_bid: ticker.bid.toFixed(),
    change_percentage: change.toFixed(2),
    base_volume: ticker.baseVolume24h.toFixed(),
    quote_volume: ticker.quoteVolume24h.toFixed(),
    high_24h: ticker.high24h.toFixed(),
    low_24h: ticker.low24h.toFixed(),
  };
}

function tickers({ engine }: GateContext, { query }: GateCall): unknown {
  const pair = query.optional("currency_pair");
  const markets = pair === undefined ? engine.markets() : [marketOf(engine, pair)];
  return markets.flatMap(({ symbol }) => {
    const ticker = engine.ticker(symbol);
    if (ticker === undefined) return [];
    return [{ ...tickerRow(ticker), lowest_size: ticker.askAmount.toFixed(), highest_size: ticker.bidAmount.toFixed() }];
  });
}

export function levels(side: readonly SimLevel[]): (readonly [string, string])[] {
  return side.map(([price, amount]) => [price.toFixed(), amount.toFixed()] as const);
}

/** With its id, the number that the update channels count in, where that is asked for. */
function orderBook({ engine }: GateContext, { query }: GateCall): unknown {
  const pair = query.required("currency_pair");
  const market = marketOf(engine, pair);
  const limit = query.integer("limit") ?? 10;
  if (limit < 1 || limit > BOOK_LIMIT_MAX) throw invalidParameter("limit", limit);
  if (new Decimal(query.optional("interval") ?? "0").gt(0)) throw invalidParameter("interval", query.optional("interval"));
  const book = engine.book(market.symbol, limit);
  if (book === undefined) throw invalidPair(pair);
  return {
    ...(query.optional("with_id") === "true" ? { id: book.sequence } : {}),
    current: engine.now(),
    update: book.at,
    asks: levels(book.asks),
    bids: levels(book.bids),
  };
}

export function tradeRow(trade: SimPublicTrade): Record<string, string> {
  return {
    id: trade.id,
    create_time: String(seconds(trade.at)),
    create_time_ms: fineMs(trade.at),
    currency_pair: pairOfSymbol(trade.symbol),
    side: trade.takerSide,
    amount: trade.amount.toFixed(),
    price: trade.price.toFixed(),
    sequence_id: trade.id,
  };
}

/** Newest first, or after `last_id` (before it, with `reverse`). */
function trades({ engine }: GateContext, { query }: GateCall): unknown {
  const market = marketOf(engine, query.required("currency_pair"));
  const [from, to] = [query.integer("from"), query.integer("to")];
  const lastId = query.integer("last_id");
  const back = query.optional("reverse") === "true";
  const found = engine.publicTrades(market.symbol, TRADES_KEPT).filter(({ id, at }) => {
    if (from !== undefined && at < from * 1000) return false;
    if (to !== undefined && at >= (to + 1) * 1000) return false;
    if (lastId === undefined) return true;
    return back ? Number(id) < lastId : Number(id) > lastId;
  });
  return onPage([...found].reverse(), query.page()).map(tradeRow);
}

/** Quote volume is estimated from the bar's mean price: the engine's candles carry base volume only. */
export function quoteVolumeOf(bar: SimCandle): Decimal {
  return bar.volume.times(bar.open.plus(bar.high).plus(bar.low).plus(bar.close).div(4)).toDecimalPlaces(8);
}

function candlesticks({ engine }: GateContext, { query }: GateCall): unknown {
  const market = marketOf(engine, query.required("currency_pair"));
  const interval = query.optional("interval") ?? "30m";
  const length = INTERVALS[interval];
  if (length === undefined) throw invalidParameter("interval", interval);
  const [from, to] = [query.integer("from"), query.integer("to")];
  const wanted = query.integer("limit");
  if (wanted !== undefined && (from !== undefined || to !== undefined)) {
    throw new GateError(400, "INVALID_PARAM_VALUE", "limit conflicts with from and to");
  }
  const limit = wanted ?? (from === undefined ? 100 : CANDLES_MAX);
  if (limit < 1 || limit > CANDLES_MAX) throw invalidParameter("limit", limit);
  const until = to === undefined ? engine.now() : to * 1000;
  const since = from === undefined ? (to === undefined ? undefined : until - (limit - 1) * length) : from * 1000;
  return engine
    .candles(market.symbol, length, since, limit)
    .filter(({ openAt }) => openAt <= until && (since === undefined || openAt > since - length))
    .map((bar) => [
      String(seconds(bar.openAt)),
      quoteVolumeOf(bar).toFixed(),
      bar.close.toFixed(),
      bar.high.toFixed(),
      bar.low.toFixed(),
      bar.open.toFixed(),
      bar.volume.toFixed(),
      String(bar.openAt + length <= engine.now()),
    ]);
}
