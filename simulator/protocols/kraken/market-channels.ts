import type { SimCandle, SimPublicTrade, SimTicker, VenueEngine } from "#simulator/engine/types.ts";
import { Decimal } from "#server/domain/decimal.ts";
import type { KrakenNames, KrakenPair } from "#simulator/protocols/kraken/names.ts";
import { publicTradeNumber } from "#simulator/protocols/kraken/trade-numbers.ts";
import { wireInstant, wireNumber } from "#simulator/protocols/kraken/wire-number.ts";

type MessageType = "snapshot" | "update";

export function tickerMessage(pair: KrakenPair, ticker: SimTicker, type: MessageType): unknown {
  const price = (value: Decimal) => wireNumber(value, pair.priceDecimals);
  const lot = (value: Decimal) => wireNumber(value, pair.lotDecimals);
  const change = ticker.last.sub(ticker.open24h);
  const vwap = ticker.baseVolume24h.isZero() ? ticker.last : ticker.quoteVolume24h.div(ticker.baseVolume24h);
  const changePercent = ticker.open24h.isZero() ? change : change.div(ticker.open24h).mul(100);
  const data = {
    symbol: pair.symbol,
    bid: price(ticker.bid),
    bid_qty: lot(ticker.bidAmount),
    ask: price(ticker.ask),
    ask_qty: lot(ticker.askAmount),
    last: price(ticker.last),
    volume: lot(ticker.baseVolume24h),
    vwap: price(vwap.toDecimalPlaces(pair.priceDecimals, Decimal.ROUND_HALF_UP)),
    low: price(ticker.low24h),
    high: price(ticker.high24h),
    change: price(change),
    change_pct: wireNumber(changePercent.toDecimalPlaces(2, Decimal.ROUND_HALF_UP), 2),
    timestamp: wireInstant(ticker.at),
  };
  return { channel: "ticker", type, data: [data] };
}

export function tradeMessage(pair: KrakenPair, trades: readonly SimPublicTrade[], type: MessageType): unknown {
  const data = trades.map((trade) => ({
    symbol: pair.symbol,
    side: trade.takerSide,
    price: wireNumber(trade.price, pair.priceDecimals),
    qty: wireNumber(trade.amount, pair.lotDecimals),
    ord_type: "market",
    trade_id: publicTradeNumber(trade.id),
    timestamp: wireInstant(trade.at),
  }));
  return { channel: "trade", type, data };
}

export function ohlcMessage(
  pair: KrakenPair,
  candles: readonly SimCandle[],
  { minutes, at, type }: { readonly minutes: number; readonly at: number; readonly type: MessageType },
): unknown {
  const price = (value: Decimal) => wireNumber(value, pair.priceDecimals);
  const data = candles.map((candle) => {
    const vwap = candle.high.add(candle.low).add(candle.close).div(3).toDecimalPlaces(pair.priceDecimals, Decimal.ROUND_HALF_UP);
    return {
      symbol: pair.symbol,
      open: price(candle.open),
      high: price(candle.high),
      low: price(candle.low),
      close: price(candle.close),
      vwap: price(vwap),
      trades: candle.volume.isZero() ? 0 : 1,
      volume: wireNumber(candle.volume, pair.lotDecimals),
      interval_begin: wireInstant(candle.openAt),
      interval: minutes,
      timestamp: wireInstant(candle.openAt + minutes * 60_000),
    };
  });
  return { channel: "ohlc", type, timestamp: wireInstant(at), data };
}

/** The `instrument` channel's one snapshot: the precisions that the book checksum needs are in it. */
export function instrumentMessage(names: KrakenNames): unknown {
  const assets = names.assets().map(({ code, decimals }) => ({
    id: code,
    status: "enabled",
    precision: decimals,
    precision_display: Math.min(5, decimals),
    borrowable: false,
    collateral_value: 0,
    margin_rate: 0,
  }));
  const pairs = names.pairs().map((pair) => ({
    symbol: pair.symbol,
    base: pair.base.code,
    quote: pair.quote.code,
    status: "online",
    qty_precision: pair.lotDecimals,
    qty_increment: wireNumber(pair.market.amountStep, 0),
    price_precision: pair.priceDecimals,
    cost_precision: Math.max(5, pair.priceDecimals),
    price_increment: wireNumber(pair.market.priceTick, 0),
    tick_size: wireNumber(pair.market.priceTick, 0),
    cost_min: pair.market.costMin.toFixed(),
    qty_min: wireNumber(pair.market.amountMin, 0),
    marginable: false,
    has_index: false,
  }));
  return { channel: "instrument", type: "snapshot", data: { assets, pairs } };
}

export function statusMessage(engine: VenueEngine, connectionId: number): unknown {
  const data = [{ version: "2.0.0", system: "online", api_version: "v2", connection_id: connectionId }];
  return { channel: "status", type: "update", timestamp: wireInstant(engine.now()), data };
}
