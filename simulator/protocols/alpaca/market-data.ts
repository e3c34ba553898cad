import type { SimBook, SimCandle, SimLevel, SimPublicTrade, SimTicker, VenueEngine } from "#simulator/engine/types.ts";
import {
  type AlpacaCall,
  type AlpacaContext,
  type AlpacaRoute,
  iso,
  marketGet,
  numberOf,
} from "#simulator/protocols/alpaca/context.ts";
import { uniqueOf } from "#simulator/protocols/alpaca/order-shape.ts";
import { DataError } from "#simulator/protocols/alpaca/errors.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const PAGE = { fallback: 1_000, max: 10_000 };
const TRADES_KEPT = 1_000;

const UNITS_MS: readonly (readonly [RegExp, number])[] = [
  [/^(min|t)$/i, MINUTE_MS],
  [/^(hour|h)$/i, 60 * MINUTE_MS],
  [/^(day|d)$/i, DAY_MS],
  [/^(week|w)$/i, 7 * DAY_MS],
];

export const MARKET_DATA_ROUTES: readonly AlpacaRoute[] = [
  marketGet(
    "/snapshots",
    latest("snapshots", (engine, symbol) => snapshotRow(engine, symbol)),
  ),
  marketGet(
    "/latest/orderbooks",
    latest("orderbooks", (engine, symbol) => bookRow(engine.book(symbol))),
  ),
  marketGet(
    "/latest/quotes",
    latest("quotes", (engine, symbol) => quoteRow(engine.ticker(symbol))),
  ),
  marketGet(
    "/latest/trades",
    latest("trades", (engine, symbol) => lastOf(engine.publicTrades(symbol, 1), tradeRow)),
  ),
  marketGet(
    "/latest/bars",
    latest("bars", (engine, symbol) => lastOf(engine.candles(symbol, MINUTE_MS, undefined, 1), barRow)),
  ),
  marketGet("/trades", trades),
  marketGet("/bars", bars),
];

/** The pairs asked for. One that is not listed is left out of the answer; one that is no pair is refused. */
function symbolsOf({ query }: AlpacaCall): readonly string[] {
  const names = (query.get("symbols") ?? "").split(",").filter((name) => name !== "");
  if (names.length === 0) throw new DataError("symbols is required");
  const wrong = names.filter((name) => !/^[A-Z]+\/[A-Z]+$/.test(name));
  if (wrong.length > 0) throw new DataError(`Invalid symbol(s): ${wrong.join(",")} does not match ^[A-Z]+/[A-Z]+$`);
  return names;
}

function latest(name: string, read: (engine: VenueEngine, symbol: string) => unknown) {
  return ({ engine }: AlpacaContext, call: AlpacaCall): unknown => {
    const rows = symbolsOf(call).flatMap((symbol) => {
      const row = engine.market(symbol) === undefined ? undefined : read(engine, symbol);
      return row === undefined ? [] : [[symbol, row] as const];
    });
    return { [name]: Object.fromEntries(rows) };
  };
}

function lastOf<T>(rows: readonly T[], show: (row: T) => unknown): unknown {
  const last = rows.at(-1);
  return last === undefined ? undefined : show(last);
}

export function levelRows(levels: readonly SimLevel[]): { p: number; s: number }[] {
  return levels.map(([price, amount]) => ({ p: numberOf(price), s: numberOf(amount) }));
}

function bookRow(book: SimBook | undefined): unknown {
  return book === undefined ? undefined : { a: levelRows(book.asks), b: levelRows(book.bids), t: iso(book.at) };
}

export function quoteRow(ticker: SimTicker | undefined): Record<string, unknown> | undefined {
  if (ticker === undefined) return undefined;
  return {
    ap: numberOf(ticker.ask),
    as: numberOf(ticker.askAmount),
    bp: numberOf(ticker.bid),
    bs: numberOf(ticker.bidAmount),
    t: iso(ticker.at),
  };
}

/** `i` is a number; the engine's id ends with a uuid, of which 52 bits are as unique as needed. */
export function tradeRow(trade: SimPublicTrade): Record<string, unknown> {
  return {
    i: Number(BigInt(`0x${uniqueOf(trade).replaceAll("-", "").slice(0, 13)}`)),
    p: numberOf(trade.price),
    s: numberOf(trade.amount),
    t: iso(trade.at),
    tks: trade.takerSide === "buy" ? "B" : "S",
  };
}

export function barRow(candle: SimCandle): Record<string, unknown> {
  const middle = candle.high.plus(candle.low).plus(candle.close).div(3);
  return {
    c: numberOf(candle.close),
    h: numberOf(candle.high),
    l: numberOf(candle.low),
    n: 0,
    o: numberOf(candle.open),
    t: iso(candle.openAt),
    v: numberOf(candle.volume),
    vw: numberOf(middle.toDecimalPlaces(8)),
  };
}

function snapshotRow(engine: VenueEngine, symbol: string): unknown {
  const days = engine.candles(symbol, DAY_MS, undefined, 2).map(barRow);
  return {
    dailyBar: days.at(-1),
    prevDailyBar: days.at(-2),
    minuteBar: lastOf(engine.candles(symbol, MINUTE_MS, undefined, 1), barRow),
    latestQuote: quoteRow(engine.ticker(symbol)),
    latestTrade: lastOf(engine.publicTrades(symbol, 1), tradeRow),
  };
}

/** Without a start: the present day. Oldest first unless `sort` says otherwise. */
function trades({ engine }: AlpacaContext, call: AlpacaCall): unknown {
  const { start, end } = range(call, engine.now());
  return paged(call, "trades", (symbol) =>
    engine
      .publicTrades(symbol, TRADES_KEPT)
      .filter(({ at }) => at >= start && at <= end)
      .map(tradeRow),
  );
}

function bars({ engine }: AlpacaContext, call: AlpacaCall): unknown {
  const length = timeframeMs(call.query.get("timeframe") ?? "");
  const { start, end } = range(call, engine.now());
  const count = Math.min(Math.floor((end - start) / length) + 1, PAGE.max);
  return paged(call, "bars", (symbol) =>
    engine
      .candles(symbol, length, start, count)
      .filter(({ openAt }) => openAt >= start && openAt <= end)
      .map(barRow),
  );
}

function timeframeMs(text: string): number {
  const [, count, unit] = /^([1-9]\d?)([A-Za-z]+)$/.exec(text) ?? [];
  // A month is written with a capital M and is no fixed length: the engine has no such bars.
  const known = UNITS_MS.find(([pattern]) => unit !== "M" && pattern.test(unit ?? ""));
  if (count === undefined || known === undefined) throw new DataError(`invalid timeframe: ${text}`);
  return Number(count) * known[1];
}

function range({ query }: AlpacaCall, now: number): { readonly start: number; readonly end: number } {
  const at = (name: "start" | "end") => {
    const value = query.get(name);
    if (value === null || value === "") return undefined;
    const parsed = /^\d{4}-\d{2}-\d{2}/.test(value) ? Date.parse(value) : Number.NaN;
    if (Number.isNaN(parsed))
      throw new DataError(`Invalid format for parameter ${name}: error parsing '${value}' as RFC3339 or 2006-01-02 time`);
    return parsed;
  };
  return { start: at("start") ?? Math.floor(now / DAY_MS) * DAY_MS, end: at("end") ?? now };
}

/** Symbol after symbol; the token counts what was given already. */
function paged(call: AlpacaCall, name: string, read: (symbol: string) => readonly unknown[]): unknown {
  const { query } = call;
  const limit = limitOf(query.get("limit"));
  const start = Number(Buffer.from(query.get("page_token") ?? "", "base64url").toString("utf8") || "0");
  if (!Number.isSafeInteger(start) || start < 0) throw new DataError("invalid page_token");
  const isDescending = query.get("sort") === "desc";
  const rows = symbolsOf(call).flatMap((symbol) => {
    const found = read(symbol).map((row) => [symbol, row] as const);
    return isDescending ? found.reverse() : found;
  });
  const page = rows.slice(start, start + limit);
  const bySymbol = Object.fromEntries(
    [...Map.groupBy(page, ([symbol]) => symbol)].map(([symbol, group]) => [symbol, group.map(([, row]) => row)]),
  );
  const next = start + limit < rows.length ? Buffer.from(String(start + limit)).toString("base64url") : null;
  return { [name]: bySymbol, next_page_token: next };
}

function limitOf(value: string | null): number {
  if (value === null || value === "") return PAGE.fallback;
  if (!/^[1-9]\d{0,4}$/.test(value) || Number(value) > PAGE.max) throw new DataError("invalid limit");
  return Number(value);
}
