import type { VenueEngine } from "#simulator/engine/types.ts";
import { Decimal } from "#server/domain/decimal.ts";
import { KrakenRefusal } from "#simulator/protocols/kraken/errors.ts";
import type { KrakenNames, KrakenPair } from "#simulator/protocols/kraken/names.ts";
import { integer, type Params, text, texts } from "#simulator/protocols/kraken/params.ts";
import { publicTradeNumber } from "#simulator/protocols/kraken/trade-numbers.ts";
import { roundedText, wireSeconds, wireText } from "#simulator/protocols/kraken/wire-number.ts";

export const OHLC_MINUTES: readonly number[] = [1, 5, 15, 30, 60, 240, 1440, 10080, 21600];
const CANDLES_MAX = 720;

/** The public REST endpoints, by name. */
export class MarketData {
  readonly #engine: VenueEngine;
  readonly #names: KrakenNames;

  constructor(engine: VenueEngine, names: KrakenNames) {
    this.#engine = engine;
    this.#names = names;
  }

  answer(endpoint: string, params: Params): unknown {
    switch (endpoint) {
      case "Time":
        return this.#time();
      case "SystemStatus":
        return { status: "online", timestamp: new Date(this.#engine.now()).toISOString().replace(/\.\d+Z$/, "Z") };
      case "Assets":
        return this.#assets(params);
      case "AssetPairs":
        return this.#assetPairs(params);
      case "Ticker":
        return this.#tickers(params);
      case "Depth":
        return this.#depth(params);
      case "OHLC":
        return this.#ohlc(params);
      case "Trades":
        return this.#trades(params);
      case "Spread":
        return this.#spread(params);
      default:
        throw new KrakenRefusal("EGeneral:Unknown method");
    }
  }

  #time(): unknown {
    const now = this.#engine.now();
    return { unixtime: Math.floor(now / 1000), rfc1123: new Date(now).toUTCString().replace("GMT", "+0000") };
  }

  #assets(params: Params): unknown {
    const wanted = texts(params, "asset");
    const assets = wanted.length === 0 ? this.#names.assets() : wanted.map((name) => this.#asset(name));
    return Object.fromEntries(
      assets.map((asset) => [
        asset.id,
        {
          aclass: "currency",
          altname: asset.altname,
          decimals: asset.decimals,
          display_decimals: Math.min(5, asset.decimals),
          status: "enabled",
        },
      ]),
    );
  }

  #asset(name: string) {
    const asset = this.#names.asset(name);
    if (asset === undefined) throw new KrakenRefusal("EQuery:Unknown asset");
    return asset;
  }

  #pair(params: Params): KrakenPair {
    const pair = this.#names.pair(text(params, "pair") ?? "");
    if (pair === undefined) throw new KrakenRefusal("EQuery:Unknown asset pair");
    return pair;
  }

  #pairs(params: Params): readonly KrakenPair[] {
    const wanted = texts(params, "pair");
    if (wanted.length === 0) return this.#names.pairs();
    return wanted.map((name) => this.#pair({ pair: name }));
  }

  #assetPairs(params: Params): unknown {
    const info = text(params, "info") ?? "info";
    return Object.fromEntries(this.#pairs(params).map((pair) => [pair.id, pairInfo(pair, info)]));
  }

  #tickers(params: Params): unknown {
    return Object.fromEntries(this.#pairs(params).map((pair) => [pair.id, this.#ticker(pair)]));
  }

  #ticker(pair: KrakenPair): unknown {
    const ticker = this.#engine.ticker(pair.symbol);
    if (ticker === undefined) throw new KrakenRefusal("EService:Unavailable");
    const price = (value: Decimal) => wireText(value, Math.max(5, pair.priceDecimals));
    const lot = (value: Decimal) => wireText(value, pair.lotDecimals);
    const vwap = ticker.baseVolume24h.isZero() ? ticker.last : ticker.quoteVolume24h.div(ticker.baseVolume24h);
    const [lastTrade] = this.#engine.publicTrades(pair.symbol, 1);
    const whole = (value: Decimal) => value.toDecimalPlaces(0, Decimal.ROUND_UP).toFixed(0);
    // Today's figures and those of the last 24 hours are the same here: the feed is re-timed and has no calendar day.
    const twice = <T>(value: T): readonly [T, T] => [value, value];
    return {
      a: [price(ticker.ask), whole(ticker.askAmount), wireText(ticker.askAmount, 3)],
      b: [price(ticker.bid), whole(ticker.bidAmount), wireText(ticker.bidAmount, 3)],
      c: [price(ticker.last), lot(lastTrade?.amount ?? new Decimal(0))],
      v: twice(lot(ticker.baseVolume24h)),
      p: twice(roundedText(vwap, Math.max(5, pair.priceDecimals))),
      t: twice(this.#engine.publicTrades(pair.symbol, 1000).length),
      l: twice(price(ticker.low24h)),
      h: twice(price(ticker.high24h)),
      o: price(ticker.open24h),
    };
  }

  #depth(params: Params): unknown {
    const pair = this.#pair(params);
    const count = integer(params, "count", 1, 500) ?? 100;
    const book = this.#engine.book(pair.symbol, count);
    if (book === undefined) throw new KrakenRefusal("EService:Unavailable");
    const at = Math.floor(book.at / 1000);
    const rows = (levels: readonly (readonly [Decimal, Decimal])[]) =>
      levels
        .slice(0, count)
        .map(([price, amount]) => [wireText(price, Math.max(5, pair.priceDecimals)), wireText(amount, 3), at]);
    return { [pair.id]: { asks: rows(book.asks), bids: rows(book.bids) } };
  }

  #ohlc(params: Params): unknown {
    const pair = this.#pair(params);
    const minutes = integer(params, "interval", 1, 21_600) ?? 1;
    if (!OHLC_MINUTES.includes(minutes)) throw new KrakenRefusal("EGeneral:Invalid arguments:interval");
    const since = integer(params, "since", 0, 1e12);
    const stepMs = minutes * 60_000;
    const price = (value: Decimal) => wireText(value, pair.priceDecimals);
    // `since` leaves out the bar that begins at it; only the latest 720 bars exist, whatever it says.
    const candles = this.#engine
      .candles(pair.symbol, stepMs, undefined, CANDLES_MAX)
      .filter((candle) => since === undefined || candle.openAt > since * 1000)
      .map((candle) => {
        const vwap = candle.high.add(candle.low).add(candle.close).div(3);
        return [
          Math.floor(candle.openAt / 1000),
          ...[candle.open, candle.high, candle.low, candle.close].map(price),
          candle.volume.isZero() ? price(new Decimal(0)) : roundedText(vwap, pair.priceDecimals),
          wireText(candle.volume, 8),
          candle.volume.isZero() ? 0 : 1,
        ];
      });
    const committed = Math.floor(this.#engine.now() / stepMs) * stepMs - stepMs;
    return { [pair.id]: candles, last: Math.floor(committed / 1000) };
  }

  #trades(params: Params): unknown {
    const pair = this.#pair(params);
    const count = integer(params, "count", 1, 1000) ?? 1000;
    const since = sinceMs(text(params, "since"));
    const all = [...this.#engine.publicTrades(pair.symbol, 1000)].sort((a, b) => a.at - b.at);
    // Without `since` the newest are wanted; with it, paging goes forward from there.
    const trades = since === undefined ? all.slice(-count) : all.filter((trade) => trade.at > since).slice(0, count);
    const rows = trades.map((trade) => [
      wireText(trade.price, Math.max(5, pair.priceDecimals)),
      wireText(trade.amount, 8),
      wireSeconds(trade.at),
      trade.takerSide === "buy" ? "b" : "s",
      "m",
      "",
      publicTradeNumber(trade.id),
    ]);
    const lastAt = trades.at(-1)?.at ?? since ?? this.#engine.now();
    return { [pair.id]: rows, last: `${Math.floor(lastAt)}000000` };
  }

  #spread(params: Params): unknown {
    const pair = this.#pair(params);
    const ticker = this.#engine.ticker(pair.symbol);
    if (ticker === undefined) throw new KrakenRefusal("EService:Unavailable");
    const at = Math.floor(ticker.at / 1000);
    const price = (value: Decimal) => wireText(value, Math.max(5, pair.priceDecimals));
    return { [pair.id]: [[at, price(ticker.bid), price(ticker.ask)]], last: at };
  }
}

/** `since` of Trades: nanoseconds as kraken's own `last` has them, or seconds. */
function sinceMs(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (!/^\d{1,19}(\.\d+)?$/.test(value)) throw new KrakenRefusal("EGeneral:Invalid arguments:since");
  return value.length > 14 && !value.includes(".") ? Number(BigInt(value) / 1_000_000n) : Number(value) * 1000;
}

function percent(fraction: Decimal): number {
  return fraction.mul(100).toNumber();
}

function pairInfo(pair: KrakenPair, info: string): unknown {
  const fees = { fees: [[0, percent(pair.market.takerFee)]], fees_maker: [[0, percent(pair.market.makerFee)]] };
  if (info === "fees") return { ...fees, fee_volume_currency: "ZUSD" };
  if (info === "leverage") return { leverage_buy: [], leverage_sell: [] };
  if (info === "margin") return { margin_call: 80, margin_stop: 40 };
  if (info !== "info") throw new KrakenRefusal("EGeneral:Invalid arguments:info");
  return {
    altname: pair.altname,
    wsname: pair.wsname,
    aclass_base: "currency",
    base: pair.base.id,
    aclass_quote: "currency",
    quote: pair.quote.id,
    lot: "unit",
    cost_decimals: Math.max(5, pair.priceDecimals),
    pair_decimals: pair.priceDecimals,
    lot_decimals: pair.lotDecimals,
    lot_multiplier: 1,
    leverage_buy: [],
    leverage_sell: [],
    ...fees,
    fee_volume_currency: "ZUSD",
    margin_call: 80,
    margin_stop: 40,
    ordermin: pair.market.amountMin.toFixed(),
    costmin: pair.market.costMin.toFixed(),
    tick_size: pair.market.priceTick.toFixed(),
    status: "online",
  };
}
