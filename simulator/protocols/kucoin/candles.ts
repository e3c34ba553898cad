import { Decimal } from "#server/domain/decimal.ts";
import type { SimCandle, SimMarket, VenueEngine } from "#simulator/engine/types.ts";
import { parameterError } from "#simulator/protocols/kucoin/errors.ts";
import type { KucoinParams } from "#simulator/protocols/kucoin/params.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;
const ROWS_MAX = 1_500;

/** In minutes. */
const LENGTHS: Readonly<Record<string, number>> = {
  "1min": 1,
  "3min": 3,
  "5min": 5,
  "15min": 15,
  "30min": 30,
  "1hour": 60,
  "2hour": 120,
  "4hour": 240,
  "6hour": 360,
  "8hour": 480,
  "12hour": 720,
  "1day": 1_440,
};
/** Longest length in days, and where the period of a day begins. */
const PERIODS: Readonly<Record<string, { readonly days: number; readonly beginOf: (day: number) => number }>> = {
  "1week": { days: 7, beginOf: mondayOf },
  "1month": { days: 31, beginOf: firstOfMonth },
};

export function isCandleType(type: string): boolean {
  return type in LENGTHS || type in PERIODS;
}

/** The latest candle of a type, for its stream. */
export function latestCandle(engine: VenueEngine, market: SimMarket, type: string): readonly string[] | undefined {
  const candle = candlesOf(engine, market, type, undefined, engine.now()).at(-1);
  return candle === undefined ? undefined : rowOf(candle);
}

/** Newest first: [time in s, open, close, high, low, base volume, quote volume]. */
export function candleRows(engine: VenueEngine, market: SimMarket, params: KucoinParams): readonly (readonly string[])[] {
  const type = params.required("type");
  if (!isCandleType(type)) throw parameterError("type not in the given range!");
  const startAt = params.integer("startAt");
  const endAt = params.integer("endAt") ?? 0;
  // Zero stands for no limit.
  const start = startAt === undefined || startAt === 0 ? undefined : startAt * 1_000;
  const end = endAt === 0 ? engine.now() : endAt * 1_000;
  return candlesOf(engine, market, type, start, end).slice(-ROWS_MAX).reverse().map(rowOf);
}

function candlesOf(
  engine: VenueEngine,
  { symbol }: SimMarket,
  type: string,
  start: number | undefined,
  end: number,
): readonly SimCandle[] {
  const period = PERIODS[type];
  const length = period === undefined ? (LENGTHS[type] ?? 1) * MINUTE_MS : DAY_MS;
  const count = ROWS_MAX * (period?.days ?? 1);
  const first = start ?? Math.floor(end / length) * length - (count - 1) * length;
  const found = engine.candles(symbol, length, first, count).filter(({ openAt }) => openAt >= first && openAt <= end);
  return period === undefined ? found : grouped(found, period.beginOf);
}

function grouped(days: readonly SimCandle[], beginOf: (at: number) => number): readonly SimCandle[] {
  const groups: SimCandle[] = [];
  for (const day of days) {
    const openAt = beginOf(day.openAt);
    const last = groups.at(-1);
    if (last?.openAt !== openAt) groups.push({ ...day, openAt });
    else
      groups[groups.length - 1] = {
        ...last,
        high: Decimal.max(last.high, day.high),
        low: Decimal.min(last.low, day.low),
        close: day.close,
        volume: last.volume.plus(day.volume),
      };
  }
  return groups;
}

function mondayOf(at: number): number {
  const day = Math.floor(at / DAY_MS);
  // 1970-01-01 was a Thursday: three days after a Monday.
  return (day - ((day + 3) % 7)) * DAY_MS;
}

function firstOfMonth(at: number): number {
  const date = new Date(at);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
}

/** Quote volume is estimated from the bar's mean price: candles carry base volume only. */
function rowOf({ openAt, open, high, low, close, volume }: SimCandle): readonly string[] {
  const mean = open.plus(high).plus(low).plus(close).div(4);
  const figures = [open, close, high, low, volume, volume.times(mean).toDecimalPlaces(8)];
  return [String(Math.floor(openAt / 1_000)), ...figures.map((figure) => figure.toFixed())];
}
