import { Decimal, ZERO } from "#server/domain/decimal.ts";
import type { DayStatistics, MarketHistory } from "#simulator/engine/public-tape.ts";
import type { SimCandle, SimMarket } from "#simulator/engine/types.ts";

const TIMEFRAMES: ReadonlyMap<number, string> = new Map([
  [60_000, "1m"],
  [300_000, "5m"],
  [900_000, "15m"],
  [3_600_000, "1h"],
  [14_400_000, "4h"],
  [86_400_000, "1d"],
]);
const HOUR_MS = 3_600_000;
const BARS = 1_000;
const REFRESH_MS = 30_000;

/** Numbers or holes, as the exchange library hands bars out: time, open, high, low, close, volume. */
type RawBar = readonly (number | undefined)[];

export interface LiveHistoryOptions {
  readonly market: SimMarket;
  readonly fetchBars: (timeframe: string, limit: number) => Promise<readonly RawBar[]>;
  readonly now: () => number;
  readonly report: (error: unknown) => void;
}

/**
 * The real venue's candles, fetched when somebody first asks for a timeframe and again when they are half a minute old. An
 * answer never waits for a fetch: the first one may be empty, a later one a little old.
 */
export class LiveHistory implements MarketHistory {
  readonly #options: LiveHistoryOptions;
  readonly #bars = new Map<number, { bars: readonly SimCandle[]; fetchedAt: number }>();

  constructor(options: LiveHistoryOptions) {
    this.#options = options;
  }

  candles(timeframeMs: number, since: number | undefined, limit: number): readonly SimCandle[] {
    const bars = this.#known(timeframeMs);
    return since === undefined ? bars.slice(-limit) : bars.filter((bar) => bar.openAt >= since).slice(0, limit);
  }

  day(): DayStatistics {
    const bars = this.#known(HOUR_MS).slice(-24);
    const highs = bars.map((bar) => bar.high);
    const lows = bars.map((bar) => bar.low);
    return {
      open: bars[0]?.open ?? ZERO,
      high: highs.length === 0 ? ZERO : Decimal.max(...highs),
      low: lows.length === 0 ? ZERO : Decimal.min(...lows),
      baseVolume: bars.reduce((sum, bar) => sum.plus(bar.volume), ZERO),
      quoteVolume: bars.reduce((sum, bar) => sum.plus(bar.volume.times(bar.close)), ZERO),
    };
  }

  #known(timeframeMs: number): readonly SimCandle[] {
    const timeframe = TIMEFRAMES.get(timeframeMs);
    if (timeframe === undefined) return [];
    const known = this.#bars.get(timeframeMs) ?? { bars: [], fetchedAt: 0 };
    const { fetchBars, now, report } = this.#options;
    if (now() - known.fetchedAt > REFRESH_MS) {
      // Marked first, so that many questions make one fetch.
      this.#bars.set(timeframeMs, { ...known, fetchedAt: now() });
      fetchBars(timeframe, BARS).then(
        (raw) => this.#bars.set(timeframeMs, { bars: raw.flatMap(toCandle), fetchedAt: now() }),
        report,
      );
    }
    return known.bars;
  }
}

function toCandle([openAt, open, high, low, close, volume]: RawBar): SimCandle[] {
  if (openAt === undefined || open === undefined || high === undefined || low === undefined || close === undefined) return [];
  const [o, h, l, c] = [new Decimal(open), new Decimal(high), new Decimal(low), new Decimal(close)];
  return [{ openAt, open: o, high: h, low: l, close: c, volume: new Decimal(volume ?? 0) }];
}
