import { createSeededRandom, hashText } from "#simulator/engine/seeded-random.ts";
import { bridgeHour, SECONDS_IN_HOUR } from "#simulator/feed/bridge-hour.ts";
import type { HourBar } from "#simulator/feed/recorded-data.ts";

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
const SECOND_HOURS_KEPT = 4;
const MINUTE_HOURS_KEPT = 1_500;

/** A bar of the path; the last one of an answer is still forming. */
export interface PathBar extends HourBar {
  readonly openAt: number;
}

/** The price path of one asset in USD over all time, a pure function of the seed. */
export interface BasePath {
  /** Price at a time (ms). */
  at(time: number): number;
  /** Bars of a whole number of minutes or hours (none for other lengths), up to `now`: the last `limit`, or the first `limit` from `since` on. */
  bars(timeframeMs: number, since: number | undefined, limit: number, now: number): PathBar[];
}

/**
 * Lays the recorded hours end to end over the wall clock, starting at a place that the seed chooses, forwards and then
 * backwards (a reversed hour swaps open and close), so that the loop never jumps. Inside an hour a seeded bridge that touches
 * the hour's open, high, low and close gives a price for each second; between seconds the price moves in a straight line.
 */
export function createBasePath(base: string, recorded: readonly HourBar[], seed: string): BasePath {
  const hours = chain(recorded);
  const offset = hashText(`start:${seed}`) % (2 * hours.length);
  const hourBar = (hour: number): HourBar => {
    const cycle = 2 * hours.length;
    const index = (((hour + offset) % cycle) + cycle) % cycle;
    const bar = hours[index < hours.length ? index : cycle - 1 - index];
    if (bar === undefined) throw new Error(`no recorded hour ${index}`);
    return index < hours.length ? bar : { ...bar, open: bar.close, close: bar.open };
  };
  const seconds = remember(SECOND_HOURS_KEPT, (hour: number) => {
    return bridgeHour(hourBar(hour), createSeededRandom(`path:${seed}:${base}:${hour}`));
  });
  const minutes = remember(MINUTE_HOURS_KEPT, (hour: number) =>
    minutesOfHour(hourBar(hour), seconds(hour), `${seed}:${base}:${hour}`),
  );
  const source: BarSource = { hourBar, seconds, minutes };
  return {
    at: (time) => priceAt(seconds(Math.floor(time / HOUR_MS)), (time % HOUR_MS) / 1_000),
    bars: (timeframeMs, since, limit, now) => collectBars(source, timeframeMs, since, limit, now),
  };
}

interface BarSource {
  readonly hourBar: (hour: number) => HourBar;
  readonly seconds: (hour: number) => Float64Array;
  readonly minutes: (hour: number) => readonly HourBar[];
}

/** Joins each hour to the one before it; the recorded gap between them (a fraction of a basis point as a rule) goes into the bar. */
function chain(recorded: readonly HourBar[]): HourBar[] {
  return recorded.map((bar, index) => {
    const open = recorded[index - 1]?.close ?? bar.open;
    return { ...bar, open, high: Math.max(bar.high, open), low: Math.min(bar.low, open) };
  });
}

function remember<T>(kept: number, make: (hour: number) => T): (hour: number) => T {
  const known = new Map<number, T>();
  return (hour) => {
    const found = known.get(hour);
    if (found !== undefined) return found;
    const made = make(hour);
    known.set(hour, made);
    for (const oldest of known.keys()) {
      if (known.size <= kept) break;
      known.delete(oldest);
    }
    return made;
  };
}

function priceAt(prices: Float64Array, second: number): number {
  const index = Math.floor(second);
  const from = prices[index] ?? Number.NaN;
  const to = prices[index + 1] ?? from;
  return from + (to - from) * (second - index);
}

function minutesOfHour(bar: HourBar, prices: Float64Array, seed: string): HourBar[] {
  const random = createSeededRandom(`volume:${seed}`);
  const weights = Array.from({ length: 60 }, () => 0.3 + random.next() ** 3 * 3);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight, minute) => ({
    ...span(prices, minute * 60, minute * 60 + 60),
    volume: (bar.volume * weight) / sum,
  }));
}

/** Open, high, low and close of the path from one second to another of its hour. */
function span(prices: Float64Array, from: number, to: number): Omit<HourBar, "volume"> {
  const slice = prices.subarray(from, to + 1);
  const open = slice[0] ?? Number.NaN;
  let high = open;
  let low = open;
  for (const price of slice) {
    if (price > high) high = price;
    if (price < low) low = price;
  }
  return { open, high, low, close: slice[slice.length - 1] ?? open };
}

/** The minute that has begun: from its first second to now. */
function formingMinute(source: BarSource, now: number): HourBar {
  const hour = Math.floor(now / HOUR_MS);
  const prices = source.seconds(hour);
  const second = (now % HOUR_MS) / 1_000;
  const minute = Math.floor(second / 60);
  const { open, high, low } = span(prices, minute * 60, Math.min(Math.floor(second), SECONDS_IN_HOUR));
  const close = priceAt(prices, second);
  const volume = ((source.minutes(hour)[minute]?.volume ?? 0) * (second - minute * 60)) / 60;
  return { open, high: Math.max(high, close), low: Math.min(low, close), close, volume };
}

function collectBars(source: BarSource, timeframeMs: number, since: number | undefined, limit: number, now: number): PathBar[] {
  if (timeframeMs <= 0 || timeframeMs % MINUTE_MS !== 0) return [];
  const newest = Math.floor(now / timeframeMs) * timeframeMs;
  const first = since === undefined ? newest - (limit - 1) * timeframeMs : Math.ceil(since / timeframeMs) * timeframeMs;
  const bars: PathBar[] = [];
  for (let openAt = first; openAt <= newest && bars.length < limit; openAt += timeframeMs) {
    const parts =
      timeframeMs % HOUR_MS === 0 ? hoursOf(source, openAt, timeframeMs, now) : minutesOf(source, openAt, timeframeMs, now);
    bars.push({ openAt, ...merge(parts) });
  }
  return bars;
}

function hoursOf(source: BarSource, openAt: number, lengthMs: number, now: number): HourBar[] {
  const parts: HourBar[] = [];
  for (let at = openAt; at < openAt + lengthMs && at <= now; at += HOUR_MS) {
    parts.push(at + HOUR_MS <= now ? source.hourBar(at / HOUR_MS) : merge(minutesOf(source, at, HOUR_MS, now)));
  }
  return parts;
}

function minutesOf(source: BarSource, openAt: number, lengthMs: number, now: number): HourBar[] {
  const parts: HourBar[] = [];
  for (let at = openAt; at < openAt + lengthMs && at <= now; at += MINUTE_MS) {
    const whole = source.minutes(Math.floor(at / HOUR_MS))[(at % HOUR_MS) / MINUTE_MS];
    if (whole !== undefined) parts.push(at + MINUTE_MS <= now ? whole : formingMinute(source, now));
  }
  return parts;
}

function merge(parts: readonly HourBar[]): HourBar {
  const first = parts[0] ?? { open: Number.NaN, high: Number.NaN, low: Number.NaN, close: Number.NaN };
  let { high, low, close } = first;
  let volume = 0;
  for (const part of parts) {
    if (part.high > high) high = part.high;
    if (part.low < low) low = part.low;
    close = part.close;
    volume += part.volume;
  }
  return { open: first.open, high, low, close, volume };
}
