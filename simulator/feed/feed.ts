import type { SimVenueId } from "#simulator/engine/types.ts";

/** What a test or a person sets by hand in one market; a field that is not given stays as it is. */
export interface MarketOverride {
  /** Pins the mid price; null gives it back to the feed. */
  readonly mid?: number | null;
  /** Multiplies every amount in the external book; 0 empties it. */
  readonly liquidity?: number;
  /** Keeps the mid and the depth's shape where they are; each tick still restores what was consumed. */
  readonly frozen?: boolean;
}

/** A source of external books and trades for the engines. */
export interface MarketFeed {
  /** Moves every market to the clock's present: book, trades, announcements. */
  step(): void;
  /** Steps by itself until `stop`. */
  start(): void | Promise<void>;
  stop(): void | Promise<void>;
  /** Takes effect at once. Throws if there is no such market. */
  override(venue: SimVenueId, symbol: string, change: MarketOverride): void;
}
