import type { Decimal } from "#server/domain/decimal.ts";
import type { SimCandle, VenueEngine } from "#simulator/engine/types.ts";
import { BinanceError } from "#simulator/protocols/binance/errors.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const FIXED_INTERVALS: Readonly<Record<string, number>> = {
  "1s": SECOND_MS,
  "1m": MINUTE_MS,
  "3m": 3 * MINUTE_MS,
  "5m": 5 * MINUTE_MS,
  "15m": 15 * MINUTE_MS,
  "30m": 30 * MINUTE_MS,
  "1h": HOUR_MS,
  "2h": 2 * HOUR_MS,
  "4h": 4 * HOUR_MS,
  "6h": 6 * HOUR_MS,
  "8h": 8 * HOUR_MS,
  "12h": 12 * HOUR_MS,
  "1d": DAY_MS,
  "3d": 3 * DAY_MS,
};
const LONGEST_DAYS: Readonly<Record<string, number>> = { "1w": 7, "1M": 31 };

/** `closeAt` is the last millisecond of the bar. Quote volume is estimated from the bar's mean price: candles carry base volume only. */
export interface VenueCandle extends SimCandle {
  readonly closeAt: number;
  readonly quoteVolume: Decimal;
  readonly trades: number;
}

export function isInterval(interval: string): boolean {
  return interval in FIXED_INTERVALS || interval in LONGEST_DAYS;
}

export function intervalMs(interval: string): number {
  const length = FIXED_INTERVALS[interval];
  if (length === undefined) throw new BinanceError(400, -1120, "Invalid interval.");
  return length;
}

/** Candles of a venue interval, oldest first. Without a start: the latest `limit`. Weeks begin on Monday, months on the first, UTC. */
export function candlesOf(
  engine: VenueEngine,
  symbol: string,
  interval: string,
  range: { readonly start?: number | undefined; readonly end?: number | undefined; readonly limit: number },
): readonly VenueCandle[] {
  const days = LONGEST_DAYS[interval];
  if (days !== undefined) {
    const daily = read(engine, symbol, DAY_MS, { ...range, limit: range.limit * days });
    const grouped = group(daily, interval === "1w" ? weekOf : monthOf);
    return range.start === undefined ? grouped.slice(-range.limit) : grouped.slice(0, range.limit);
  }
  const length = intervalMs(interval);
  return read(engine, symbol, length, range).map((candle) => complete(candle, candle.openAt + length - 1));
}

function read(
  engine: VenueEngine,
  symbol: string,
  length: number,
  { start, end, limit }: { readonly start?: number | undefined; readonly end?: number | undefined; readonly limit: number },
): readonly SimCandle[] {
  if (start === undefined && end === undefined) return engine.candles(symbol, length, undefined, limit);
  const until = end ?? Number.POSITIVE_INFINITY;
  if (start !== undefined)
    return engine.candles(symbol, length, start, limit).filter(({ openAt }) => openAt >= start && openAt <= until);
  const since = Math.floor(until / length) * length - (limit - 1) * length;
  return engine.candles(symbol, length, since, limit).filter(({ openAt }) => openAt <= until);
}

function complete(candle: SimCandle, closeAt: number): VenueCandle {
  const mean = candle.open.plus(candle.high).plus(candle.low).plus(candle.close).div(4);
  return { ...candle, closeAt, quoteVolume: candle.volume.times(mean), trades: candle.volume.isZero() ? 0 : 1 };
}

function group(daily: readonly SimCandle[], periodOf: (at: number) => readonly [start: number, end: number]): VenueCandle[] {
  const groups: VenueCandle[] = [];
  for (const day of daily) {
    const [openAt, next] = periodOf(day.openAt);
    const last = groups.at(-1);
    if (last?.openAt !== openAt) groups.push({ ...complete(day, next - 1), openAt });
    else {
      const add = complete(day, next - 1);
      groups[groups.length - 1] = {
        ...last,
        high: day.high.gt(last.high) ? day.high : last.high,
        low: day.low.lt(last.low) ? day.low : last.low,
        close: day.close,
        volume: last.volume.plus(day.volume),
        quoteVolume: last.quoteVolume.plus(add.quoteVolume),
        trades: last.trades + add.trades,
      };
    }
  }
  return groups;
}

function weekOf(at: number): readonly [number, number] {
  const day = Math.floor(at / DAY_MS);
  // 1970-01-01 was a Thursday: three days after a Monday.
  const monday = (day - ((day + 3) % 7)) * DAY_MS;
  return [monday, monday + 7 * DAY_MS];
}

function monthOf(at: number): readonly [number, number] {
  const date = new Date(at);
  return [Date.UTC(date.getUTCFullYear(), date.getUTCMonth()), Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1)];
}
