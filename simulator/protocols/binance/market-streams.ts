import type { SimEvent, SimMarket, SimPublicTrade, SimTicker, VenueEngine } from "#simulator/engine/types.ts";
import { candlesOf, isInterval, type VenueCandle } from "#simulator/protocols/binance/candles.ts";
import { fixed, idOfSymbol, marketId } from "#simulator/protocols/binance/context.ts";
import type { DepthDiffs } from "#simulator/protocols/binance/depth-diffs.ts";
import { averagePrice, dayChange, depthOf, lastAmount, tradeIds } from "#simulator/protocols/binance/market-data.ts";

const DAY_MS = 86_400_000;

export type StreamSink = (data: unknown) => void;

/** Opens a market stream by its venue name (`btcusdt@trade`). Answers how to close it, or undefined for no such stream. */
export function openStream(engine: VenueEngine, diffs: DepthDiffs, name: string, send: StreamSink): (() => void) | undefined {
  const all = /^!(ticker|miniTicker)@arr$/.exec(name)?.[1];
  if (all !== undefined) {
    const render = all === "ticker" ? tickerEvent : miniTickerEvent;
    return onEvent(engine, "ticker", ({ ticker }) => send([render(engine, ticker)]));
  }
  const [id, channel, speed] = name.split("@");
  const market = engine.markets().find((candidate) => marketId(candidate).toLowerCase() === id);
  if (market === undefined || channel === undefined) return undefined;
  if (channel === "depth") return speed === undefined || isSpeed(speed) ? diffs.listen(market.symbol, send) : undefined;
  if (speed !== undefined && !(channel.startsWith("depth") && isSpeed(speed)) && !channel.startsWith("kline")) return undefined;
  return openChannel(engine, market, channel, send);
}

function isSpeed(speed: string): boolean {
  return speed === "100ms" || speed === "1000ms";
}

function openChannel(engine: VenueEngine, market: SimMarket, channel: string, send: StreamSink): (() => void) | undefined {
  const { symbol } = market;
  const interval = channel.startsWith("kline_") ? channel.slice("kline_".length) : undefined;
  if (interval !== undefined) return isInterval(interval) ? openKlines(engine, market, interval, send) : undefined;
  const depth = /^depth(5|10|20)$/.exec(channel)?.[1];
  if (depth !== undefined) return onBook(engine, symbol, () => send(depthOf(engine, market, Number(depth))));
  switch (channel) {
    case "trade":
      return onTrade(engine, symbol, (trade) => send(tradeEvent(engine, trade)));
    case "aggTrade":
      return onTrade(engine, symbol, (trade) => send(aggregateEvent(engine, trade)));
    case "ticker":
      return onTicker(engine, symbol, (ticker) => send(tickerEvent(engine, ticker)));
    case "miniTicker":
      return onTicker(engine, symbol, (ticker) => send(miniTickerEvent(engine, ticker)));
    case "bookTicker":
      return openBookTicker(engine, market, send);
    case "avgPrice":
      return onTicker(engine, symbol, (ticker) => {
        const { price, closeTime } = averagePrice(engine, market);
        send({ e: "avgPrice", E: ticker.at, s: marketId(market), i: "5m", w: price, T: closeTime });
      });
    default:
      return undefined;
  }
}

function onEvent<K extends SimEvent["kind"]>(
  engine: VenueEngine,
  kind: K,
  run: (event: Extract<SimEvent, { kind: K }>) => void,
): () => void {
  return engine.subscribe((event) => {
    if (isKind(event, kind)) run(event);
  });
}

function isKind<K extends SimEvent["kind"]>(event: SimEvent, kind: K): event is Extract<SimEvent, { kind: K }> {
  return event.kind === kind;
}

function onBook(engine: VenueEngine, symbol: string, run: () => void): () => void {
  run();
  return onEvent(engine, "book", ({ book }) => {
    if (book.symbol === symbol) run();
  });
}

function onTrade(engine: VenueEngine, symbol: string, run: (trade: SimPublicTrade) => void): () => void {
  return onEvent(engine, "trade", ({ trade }) => {
    if (trade.symbol === symbol) run(trade);
  });
}

/** The venue sends a ticker every second; here the first comes at once and the others with each change. */
function onTicker(engine: VenueEngine, symbol: string, run: (ticker: SimTicker) => void): () => void {
  const first = engine.ticker(symbol);
  if (first !== undefined) run(first);
  return onEvent(engine, "ticker", ({ ticker }) => {
    if (ticker.symbol === symbol) run(ticker);
  });
}

function tradeEvent(engine: VenueEngine, trade: SimPublicTrade): Record<string, unknown> {
  return {
    e: "trade",
    E: engine.now(),
    s: idOfSymbol(trade.symbol),
    t: Number(trade.id),
    p: fixed(trade.price),
    q: fixed(trade.amount),
    T: trade.at,
    m: trade.takerSide === "sell",
    M: true,
  };
}

function aggregateEvent(engine: VenueEngine, trade: SimPublicTrade): Record<string, unknown> {
  const { t: id, ...rest } = tradeEvent(engine, trade);
  return { ...rest, e: "aggTrade", a: id, f: id, l: id };
}

function miniTickerEvent(engine: VenueEngine, ticker: SimTicker): Record<string, unknown> {
  return {
    e: "24hrMiniTicker",
    E: engine.now(),
    s: idOfSymbol(ticker.symbol),
    c: fixed(ticker.last),
    o: fixed(ticker.open24h),
    h: fixed(ticker.high24h),
    l: fixed(ticker.low24h),
    v: fixed(ticker.baseVolume24h),
    q: fixed(ticker.quoteVolume24h),
  };
}

function tickerEvent(engine: VenueEngine, ticker: SimTicker): Record<string, unknown> {
  const { change, percent, average } = dayChange(ticker);
  const { firstId, lastId, count } = tradeIds(engine, ticker.symbol);
  return {
    ...miniTickerEvent(engine, ticker),
    e: "24hrTicker",
    p: fixed(change),
    P: percent.toFixed(3),
    w: fixed(average),
    x: fixed(ticker.open24h),
    Q: lastAmount(engine, ticker.symbol),
    b: fixed(ticker.bid),
    B: fixed(ticker.bidAmount),
    a: fixed(ticker.ask),
    A: fixed(ticker.askAmount),
    O: ticker.at - DAY_MS,
    C: ticker.at,
    F: firstId,
    L: lastId,
    n: count,
  };
}

function openBookTicker(engine: VenueEngine, market: SimMarket, send: StreamSink): () => void {
  let last = "";
  return onBook(engine, market.symbol, () => {
    const book = engine.book(market.symbol, 1);
    const [bid, ask] = [book?.bids[0], book?.asks[0]];
    if (book === undefined || bid === undefined || ask === undefined) return;
    const best = { s: marketId(market), b: fixed(bid[0]), B: fixed(bid[1]), a: fixed(ask[0]), A: fixed(ask[1]) };
    const text = JSON.stringify(best);
    if (text === last) return;
    last = text;
    send({ u: book.sequence, ...best });
  });
}

/** The running bar at once and with every trade and ticker; when a new bar begins, the finished one first, marked closed. */
function openKlines(engine: VenueEngine, market: SimMarket, interval: string, send: StreamSink): () => void {
  let openAt: number | undefined;
  const tick = (): void => {
    const [previous, current] = candlesOf(engine, market.symbol, interval, { limit: 2 }).slice(-2);
    const bar = current ?? previous;
    if (bar === undefined) return;
    if (openAt !== undefined && previous !== undefined && current !== undefined && previous.openAt === openAt) {
      send(klineEvent(engine, market, interval, previous, true));
    }
    openAt = bar.openAt;
    send(klineEvent(engine, market, interval, bar, false));
  };
  tick();
  return engine.subscribe((event) => {
    if (
      event.kind === "trade"
        ? event.trade.symbol === market.symbol
        : event.kind === "ticker" && event.ticker.symbol === market.symbol
    ) {
      tick();
    }
  });
}

function klineEvent(
  engine: VenueEngine,
  market: SimMarket,
  interval: string,
  bar: VenueCandle,
  closed: boolean,
): Record<string, unknown> {
  const { firstId, lastId } = tradeIds(engine, market.symbol);
  return {
    e: "kline",
    E: engine.now(),
    s: marketId(market),
    k: {
      t: bar.openAt,
      T: bar.closeAt,
      s: marketId(market),
      i: interval,
      f: firstId,
      L: lastId,
      o: fixed(bar.open),
      c: fixed(bar.close),
      h: fixed(bar.high),
      l: fixed(bar.low),
      v: fixed(bar.volume),
      n: bar.trades,
      x: closed,
      q: fixed(bar.quoteVolume),
      V: fixed(bar.volume.div(2)),
      Q: fixed(bar.quoteVolume.div(2)),
      B: "0",
    },
  };
}
