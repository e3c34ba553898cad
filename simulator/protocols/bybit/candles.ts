import type { Decimal } from "#server/domain/decimal.ts";
import type { SimCandle, VenueEngine } from "#simulator/engine/types.ts";
import { badParameter } from "#simulator/protocols/bybit/errors.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;
const MINUTES: readonly string[] = ["1", "3", "5", "15", "30", "60", "120", "240", "360", "720"];
const DAYS_AT_MOST: Readonly<Record<string, number>> = { W: 7, M: 31 };

/** `turnover` is estimated from the bar's mean price: candles carry base volume only. `endAt` is the bar's last millisecond. */
export interface VenueCandle extends SimCandle {
  readonly endAt: number;
  readonly turnover: Decimal;
}

export function isInterval(interval: string): boolean {
  return MINUTES.includes(interval) || interval === "D" || interval in DAYS_AT_MOST;
}

/** Candles of a venue interval, newest first. With a start, from there on; else the latest before the end. */
export function candlesOf(
  engine: VenueEngine,
  symbol: string,
  interval: string,
  range: { readonly start?: number | undefined; readonly end?: number | undefined; readonly limit: number },
): readonly VenueCandle[] {
  if (!isInterval(interval)) throw badParameter("Invalid period!");
  const days = DAYS_AT_MOST[interval];
  const length = MINUTES.includes(interval) ? Number(interval) * MINUTE_MS : DAY_MS;
  const wanted = range.limit * (days ?? 1);
  const end = range.end ?? engine.now();
  const since = range.start ?? Math.floor(end / length) * length - (wanted - 1) * length;
  const read = engine.candles(symbol, length, since, wanted).filter(({ openAt }) => openAt >= since && openAt <= end);
  const bars = read.map((candle) => complete(candle, candle.openAt + length - 1));
  const grouped = days === undefined ? bars : group(bars, interval === "W" ? weekOf : monthOf);
  return (range.start === undefined ? grouped.slice(-range.limit) : grouped.slice(0, range.limit)).reverse();
}

function complete(candle: SimCandle, endAt: number): VenueCandle {
  const mean = candle.open.plus(candle.high).plus(candle.low).plus(candle.close).div(4);
  return { ...candle, endAt, turnover: candle.volume.times(mean).toDecimalPlaces(8) };
}

function group(days: readonly VenueCandle[], periodOf: (at: number) => readonly [start: number, next: number]): VenueCandle[] {
  const groups: VenueCandle[] = [];
  for (const day of days) {
    const [openAt, next] = periodOf(day.openAt);
    const last = groups.at(-1);
    if (last?.openAt !== openAt) groups.push({ ...day, openAt, endAt: next - 1 });
    else {
      groups[groups.length - 1] = {
        ...last,
        high: day.high.gt(last.high) ? day.high : last.high,
        low: day.low.lt(last.low) ? day.low : last.low,
        close: day.close,
        volume: last.volume.plus(day.volume),
        turnover: last.turnover.plus(day.turnover),
      };
    }
  }
  return groups;
}

/** Weeks begin on Monday; 1970-01-01 was a Thursday, three days after one. */
function weekOf(at: number): readonly [number, number] {
  const day = Math.floor(at / DAY_MS);
  const monday = (day - ((day + 3) % 7)) * DAY_MS;
  return [monday, monday + 7 * DAY_MS];
}

function monthOf(at: number): readonly [number, number] {
  const date = new Date(at);
  return [Date.UTC(date.getUTCFullYear(), date.getUTCMonth()), Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1)];
}
