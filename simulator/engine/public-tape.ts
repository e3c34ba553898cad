import type { Decimal } from "#server/domain/decimal.ts";
import type { SimCandle, SimPublicTrade, SimSide } from "#simulator/engine/types.ts";

const TRADES_KEPT = 1_000;

/** The day's figures of a market without its live prices. */
export interface DayStatistics {
  readonly open: Decimal;
  readonly high: Decimal;
  readonly low: Decimal;
  readonly baseVolume: Decimal;
  readonly quoteVolume: Decimal;
}

/** History of a market, given by the feed. */
export interface MarketHistory {
  candles(timeframeMs: number, since: number | undefined, limit: number): readonly SimCandle[];
  day(): DayStatistics;
}

/** A market's public trades, bounded, and its history. */
export class PublicTape {
  history: MarketHistory | undefined;
  lastPrice: Decimal | undefined;
  readonly #trades: SimPublicTrade[] = [];
  readonly #symbol: string;
  readonly #nextId: (at: number) => string;

  constructor(symbol: string, nextId: (at: number) => string) {
    this.#symbol = symbol;
    this.#nextId = nextId;
  }

  /** `id` is the fill's own where one of our users traded, so that the public and the private trade are one. */
  add(trade: { at: number; price: Decimal; amount: Decimal; takerSide: SimSide; id?: string }): SimPublicTrade {
    const { at, price, amount, takerSide } = trade;
    const recorded = { id: trade.id ?? this.#nextId(at), symbol: this.#symbol, at, price, amount, takerSide };
    this.#trades.push(recorded);
    // Cut seldom: a shift at every trade would move the whole array each time.
    if (this.#trades.length > 2 * TRADES_KEPT) this.#trades.splice(0, this.#trades.length - TRADES_KEPT);
    this.lastPrice = price;
    return recorded;
  }

  /** Newest last. */
  last(limit: number): readonly SimPublicTrade[] {
    return limit <= 0 ? [] : this.#trades.slice(-Math.min(limit, TRADES_KEPT));
  }
}
