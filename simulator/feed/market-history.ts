import { Decimal } from "#server/domain/decimal.ts";
import type { DayStatistics, MarketHistory } from "#simulator/engine/public-tape.ts";
import type { SimCandle, SimMarket } from "#simulator/engine/types.ts";
import { type BasePath, HOUR_MS, MINUTE_MS, type PathBar } from "#simulator/feed/base-path.ts";
import { onTick } from "#simulator/feed/derive-book.ts";

const VOLUME_PLACES = 4;
const OVERRIDE_MINUTES_KEPT = 1_440;

export interface HistoryOptions {
  readonly market: SimMarket;
  readonly path: BasePath;
  /** This market's price over the path's. */
  readonly priceFactor: number;
  /** This market's volume over the recorded one. */
  readonly volumeFactor: number;
  readonly now: () => number;
}

interface PriceRange {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

/** Candles and the day's figures of a market: the path's, with what a price set by hand has done laid over them. */
export class DerivedHistory implements MarketHistory {
  readonly #options: HistoryOptions;
  readonly #overrides = new Map<number, PriceRange>();
  #day: { readonly minute: number; readonly statistics: DayStatistics } | undefined;

  constructor(options: HistoryOptions) {
    this.#options = options;
  }

  /** Notes that the price was set by hand at this time, so that candles show it. */
  noteOverride(at: number, price: number): void {
    const minute = Math.floor(at / MINUTE_MS);
    const before = this.#overrides.get(minute);
    this.#overrides.set(minute, {
      open: before?.open ?? price,
      high: Math.max(before?.high ?? price, price),
      low: Math.min(before?.low ?? price, price),
      close: price,
    });
    const oldest = this.#overrides.keys().next().value;
    if (oldest !== undefined && this.#overrides.size > OVERRIDE_MINUTES_KEPT) this.#overrides.delete(oldest);
    this.#day = undefined;
  }

  candles(timeframeMs: number, since: number | undefined, limit: number): readonly SimCandle[] {
    const { market, volumeFactor } = this.#options;
    return this.#bars(timeframeMs, since, limit).map((bar) => ({
      openAt: bar.openAt,
      open: onTick(market, bar.open),
      high: onTick(market, bar.high),
      low: onTick(market, bar.low),
      close: onTick(market, bar.close),
      volume: new Decimal((bar.volume * volumeFactor).toFixed(VOLUME_PLACES)),
    }));
  }

  day(): DayStatistics {
    const { market, volumeFactor, now } = this.#options;
    const minute = Math.floor(now() / MINUTE_MS);
    if (this.#day?.minute === minute) return this.#day.statistics;
    const bars = this.#bars(HOUR_MS, now() - 24 * HOUR_MS, 25);
    const open = this.#bars(MINUTE_MS, now() - 24 * HOUR_MS, 1)[0]?.open ?? bars[0]?.open ?? 0;
    const base = bars.reduce((sum, bar) => sum + bar.volume * volumeFactor, 0);
    const quote = bars.reduce((sum, bar) => sum + bar.volume * volumeFactor * ((bar.high + bar.low) / 2), 0);
    const statistics = {
      open: onTick(market, open),
      high: onTick(market, Math.max(open, ...bars.map((bar) => bar.high))),
      low: onTick(market, Math.min(open, ...bars.map((bar) => bar.low))),
      baseVolume: new Decimal(base.toFixed(VOLUME_PLACES)),
      quoteVolume: new Decimal(quote.toFixed(VOLUME_PLACES)),
    };
    this.#day = { minute, statistics };
    return statistics;
  }

  #bars(timeframeMs: number, since: number | undefined, limit: number): PathBar[] {
    const { path, priceFactor, now } = this.#options;
    return path.bars(timeframeMs, since, limit, now()).map((bar) => this.#overlaid(scaled(bar, priceFactor), timeframeMs));
  }

  #overlaid(bar: PathBar, timeframeMs: number): PathBar {
    if (this.#overrides.size === 0) return bar;
    let { open, high, low, close } = bar;
    const lastMinute = Math.floor(Math.min(this.#options.now(), bar.openAt + timeframeMs - 1) / MINUTE_MS);
    for (const [minute, range] of this.#overrides) {
      if (minute * MINUTE_MS < bar.openAt || minute > lastMinute) continue;
      if (minute * MINUTE_MS === bar.openAt) open = range.open;
      high = Math.max(high, range.high);
      low = Math.min(low, range.low);
      if (minute === lastMinute) close = range.close;
    }
    return { ...bar, open, high: Math.max(high, open), low: Math.min(low, open), close };
  }
}

function scaled(bar: PathBar, factor: number): PathBar {
  return {
    ...bar,
    open: bar.open * factor,
    high: bar.high * factor,
    low: bar.low * factor,
    close: bar.close * factor,
  };
}
