import { hashText } from "#simulator/engine/seeded-random.ts";
import type { SimMarket, SimVenueId } from "#simulator/engine/types.ts";

/** How a derived market differs from the recorded one. All of it is made up, in the range that the venues really show. */
export interface MarketCharacter {
  readonly priceFactor: number;
  readonly spreadFactor: number;
  readonly liquidityFactor: number;
  readonly halfSpreadBps: number;
  readonly wobbleBps: number;
  readonly wobblePeriodMs: number;
  readonly wobblePhase: number;
}

const VENUES: Readonly<Record<SimVenueId, { spread: number; liquidity: number; halfSpreadBps: number }>> = {
  binance: { spread: 1, liquidity: 1, halfSpreadBps: 0 },
  coinbase: { spread: 1.5, liquidity: 0.6, halfSpreadBps: 0.05 },
  kraken: { spread: 2.5, liquidity: 0.35, halfSpreadBps: 0.1 },
  okx: { spread: 1.2, liquidity: 0.8, halfSpreadBps: 0.02 },
  bybit: { spread: 1.3, liquidity: 0.7, halfSpreadBps: 0.02 },
  kucoin: { spread: 2, liquidity: 0.3, halfSpreadBps: 0.1 },
  gate: { spread: 2.2, liquidity: 0.25, halfSpreadBps: 0.15 },
  alpaca: { spread: 4, liquidity: 0.1, halfSpreadBps: 1 },
};
const BASE_LIQUIDITY: Readonly<Record<string, number>> = { BTC: 1, ETH: 0.6, SOL: 0.3 };
/** What one unit of the quote asset is worth in USD, and how much of the liquidity trades against it. */
const QUOTES: Readonly<Record<string, { usd: number; liquidity: number }>> = {
  USD: { usd: 1, liquidity: 1 },
  USDT: { usd: 0.9998, liquidity: 0.8 },
  USDC: { usd: 0.9999, liquidity: 0.4 },
};
const OFFSET_BPS = 1.5;

export function marketCharacter(venue: SimVenueId, market: SimMarket, seed: string): MarketCharacter {
  const dice = (name: string): number => hashText(`${name}:${seed}:${venue}:${market.symbol}`) / 4_294_967_296;
  const { spread, liquidity, halfSpreadBps } = VENUES[venue];
  const quote = QUOTES[market.quote] ?? { usd: 1, liquidity: 0.4 };
  return {
    priceFactor: (1 + ((dice("offset") - 0.5) * 2 * OFFSET_BPS) / 10_000) / quote.usd,
    spreadFactor: spread,
    liquidityFactor: liquidity * quote.liquidity * (BASE_LIQUIDITY[market.base] ?? 0.2),
    halfSpreadBps,
    wobbleBps: 0.5 + dice("wobble"),
    wobblePeriodMs: 120_000 + dice("period") * 480_000,
    wobblePhase: dice("phase") * 2 * Math.PI,
  };
}
