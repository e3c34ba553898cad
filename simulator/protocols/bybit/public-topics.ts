import type { SimMarket, SimPublicTrade, SimTicker, VenueEngine } from "#simulator/engine/types.ts";
import { BOOK_DEPTHS, type BookTopics } from "#simulator/protocols/bybit/book-topics.ts";
import { candlesOf, isInterval, type VenueCandle } from "#simulator/protocols/bybit/candles.ts";
import { tickerRow } from "#simulator/protocols/bybit/market-data.ts";
import { sideOf } from "#simulator/protocols/bybit/order-shape.ts";
import { findMarket, idOfSymbol } from "#simulator/protocols/bybit/params.ts";

type Sink = (message: unknown) => void;
/** Begins to send a topic, its first message at once where it has one. Answers how to stop. */
export type OpenTopic = (send: Sink) => () => void;

/** How to open a public topic, or why it cannot be opened, in the venue's words. */
export function findTopic(engine: VenueEngine, books: BookTopics, topic: string): OpenTopic | string {
  const [name, ...parts] = topic.split(".");
  const market = findMarket(engine, parts.at(-1) ?? "");
  const open = market === undefined ? undefined : openerOf(engine, books, market, name ?? "", parts.slice(0, -1).join("."));
  if (open !== undefined) return open;
  return market === undefined ? `Invalid symbol :[${topic}]` : `error:handler not found,topic:${topic}`;
}

function openerOf(
  engine: VenueEngine,
  books: BookTopics,
  market: SimMarket,
  name: string,
  argument: string,
): OpenTopic | undefined {
  const { symbol } = market;
  if (name === "orderbook") {
    const depth = Number(argument);
    return BOOK_DEPTHS.includes(depth) ? (send) => books.listen(symbol, depth, send) : undefined;
  }
  if (name === "kline") return isInterval(argument) ? (send) => openKlines(engine, market, argument, send) : undefined;
  if (argument !== "") return undefined;
  if (name === "tickers") return (send) => openTicker(engine, symbol, send);
  if (name === "publicTrade") return (send) => openTrades(engine, symbol, send);
  return undefined;
}

function openTicker(engine: VenueEngine, symbol: string, send: Sink): () => void {
  const tell = (ticker: SimTicker): void => {
    const topic = `tickers.${idOfSymbol(symbol)}`;
    send({ topic, ts: ticker.at, type: "snapshot", cs: engine.book(symbol, 1)?.sequence ?? 0, data: tickerRow(ticker) });
  };
  const first = engine.ticker(symbol);
  if (first !== undefined) tell(first);
  return engine.subscribe((event) => {
    if (event.kind === "ticker" && event.ticker.symbol === symbol) tell(event.ticker);
  });
}

function openTrades(engine: VenueEngine, symbol: string, send: Sink): () => void {
  return engine.subscribe((event) => {
    if (event.kind !== "trade" || event.trade.symbol !== symbol) return;
    const topic = `publicTrade.${idOfSymbol(symbol)}`;
    send({ topic, type: "snapshot", ts: engine.now(), data: [tradeRow(event.trade)] });
  });
}

function tradeRow(trade: SimPublicTrade): Record<string, unknown> {
  return {
    T: trade.at,
    s: idOfSymbol(trade.symbol),
    S: sideOf({ side: trade.takerSide }),
    v: trade.amount.toFixed(),
    p: trade.price.toFixed(),
    i: trade.id,
    BT: false,
    RPI: false,
  };
}

/** The running bar at once and with every trade and ticker; when a new bar begins, the finished one first, confirmed. */
function openKlines(engine: VenueEngine, market: SimMarket, interval: string, send: Sink): () => void {
  const topic = `kline.${interval}.${idOfSymbol(market.symbol)}`;
  const tell = (bar: VenueCandle, confirm: boolean): void => {
    send({ topic, type: "snapshot", ts: engine.now(), data: [klineRow(engine, bar, interval, confirm)] });
  };
  let openAt: number | undefined;
  const tick = (): void => {
    const [current, previous] = candlesOf(engine, market.symbol, interval, { limit: 2 });
    if (current === undefined) return;
    if (openAt !== undefined && previous?.openAt === openAt) tell(previous, true);
    openAt = current.openAt;
    tell(current, false);
  };
  tick();
  return engine.subscribe((event) => {
    const symbol = event.kind === "trade" ? event.trade.symbol : event.kind === "ticker" ? event.ticker.symbol : undefined;
    if (symbol === market.symbol) tick();
  });
}

function klineRow(engine: VenueEngine, bar: VenueCandle, interval: string, confirm: boolean): Record<string, unknown> {
  return {
    start: bar.openAt,
    end: bar.endAt,
    interval,
    open: bar.open.toFixed(),
    close: bar.close.toFixed(),
    high: bar.high.toFixed(),
    low: bar.low.toFixed(),
    volume: bar.volume.toFixed(),
    turnover: bar.turnover.toFixed(),
    confirm,
    timestamp: engine.now(),
  };
}
