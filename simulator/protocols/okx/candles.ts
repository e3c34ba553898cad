import type { SimCandle, VenueEngine } from "#simulator/engine/types.ts";
import { OkxRefusal } from "#simulator/protocols/okx/errors.ts";
import { integer, type Params, text } from "#simulator/protocols/okx/params.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const LIMIT_DEFAULT = 100;
const LIMIT_MAX = 300;

/**
 * Bars whose opening does not depend on a time zone, and the longer ones that OKX opens by UTC. Its bars by the time of Hong Kong
 * (`6H`, `1D` and so on) and its weeks and months are not offered.
 */
const BARS: Readonly<Record<string, number>> = {
  "1m": MINUTE_MS,
  "3m": 3 * MINUTE_MS,
  "5m": 5 * MINUTE_MS,
  "15m": 15 * MINUTE_MS,
  "30m": 30 * MINUTE_MS,
  "1H": HOUR_MS,
  "2H": 2 * HOUR_MS,
  "4H": 4 * HOUR_MS,
  "6Hutc": 6 * HOUR_MS,
  "12Hutc": 12 * HOUR_MS,
  "1Dutc": 24 * HOUR_MS,
};

export function barMs(bar: string): number | undefined {
  return BARS[bar];
}

/** `[ts, open, high, low, close, base volume, quote volume, quote volume, finished]` */
export function candleRow(candle: SimCandle, timeframeMs: number, now: number): readonly string[] {
  const { openAt, open, high, low, close, volume } = candle;
  const typical = high.add(low).add(close).div(3);
  const quoteVolume = volume.mul(typical).toDecimalPlaces(8).toFixed();
  const prices = [open, high, low, close, volume].map((value) => value.toFixed());
  return [String(openAt), ...prices, quoteVolume, quoteVolume, openAt + timeframeMs <= now ? "1" : "0"];
}

/** Newest first. `after` asks for bars older than it, `before` for newer ones; of too many the newest are answered. */
export function candleRows(engine: VenueEngine, symbol: string, params: Params): readonly (readonly string[])[] {
  const timeframeMs = barMs(text(params, "bar") ?? "1m");
  if (timeframeMs === undefined) throw new OkxRefusal("51000", "bar");
  const limit = integer(params, "limit", LIMIT_MAX) ?? LIMIT_DEFAULT;
  const after = integer(params, "after", Number.MAX_SAFE_INTEGER);
  const before = integer(params, "before", Number.MAX_SAFE_INTEGER) ?? -1;
  const since = after === undefined ? undefined : Math.max(before + 1, after - limit * timeframeMs);
  // One more than asked for: the bar of `after` itself may be among them.
  const bars = engine.candles(symbol, timeframeMs, since, limit + 1);
  const now = engine.now();
  return bars
    .filter(({ openAt }) => openAt > before && (after === undefined || openAt < after))
    .slice(-limit)
    .reverse()
    .map((bar) => candleRow(bar, timeframeMs, now));
}
