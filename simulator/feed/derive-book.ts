import { Decimal } from "#server/domain/decimal.ts";
import type { ExternalBook } from "#simulator/engine/apply-book.ts";
import type { SeededRandom } from "#simulator/engine/seeded-random.ts";
import type { SimLevel, SimMarket } from "#simulator/engine/types.ts";
import type { DepthShape, ShapeLevel } from "#simulator/feed/depth-shape.ts";

export interface BookDerivation {
  readonly mid: number;
  /** Multiplies each level's distance from the mid. */
  readonly spreadFactor: number;
  /** Multiplies each level's amount: liquidity, and the recorded asset's price over this one's. */
  readonly amountFactor: number;
  /** Half the least spread, in bps. */
  readonly halfSpreadBps: number;
}

/**
 * A book on the market's own tick and step: levels that fall on one tick become one level, amounts vary by a fifth from tick
 * to tick, and the best bid is always below the best ask.
 */
export function deriveBook(market: SimMarket, shape: DepthShape, derivation: BookDerivation, random: SeededRandom): ExternalBook {
  const tick = market.priceTick.toNumber();
  const bids = deriveSide(market, shape.bids, derivation, random, (bps) =>
    Math.floor((derivation.mid * (1 - bps / 10_000)) / tick),
  );
  const bestBid = bids.best;
  const asks = deriveSide(market, shape.asks, derivation, random, (bps) =>
    Math.max(bestBid + 1, Math.ceil((derivation.mid * (1 + bps / 10_000)) / tick)),
  );
  return { bids: bids.levels, asks: asks.levels };
}

function deriveSide(
  market: SimMarket,
  levels: readonly ShapeLevel[],
  { spreadFactor, amountFactor, halfSpreadBps }: BookDerivation,
  random: SeededRandom,
  ticksAt: (bps: number) => number,
): { best: number; levels: SimLevel[] } {
  const step = market.amountStep.toNumber();
  const amounts = new Map<number, number>();
  for (const { bps, amount } of levels) {
    const ticks = ticksAt(halfSpreadBps + bps * spreadFactor);
    if (ticks <= 0) break;
    const steps = Math.max(1, Math.round((amount * amountFactor * (0.8 + 0.4 * random.next())) / step));
    amounts.set(ticks, (amounts.get(ticks) ?? 0) + steps);
  }
  const derived: SimLevel[] = [];
  for (const [ticks, steps] of amounts) derived.push([onGrid(market.priceTick, ticks), onGrid(market.amountStep, steps)]);
  return { best: amounts.keys().next().value ?? 0, levels: derived };
}

function onGrid(grid: Decimal, count: number): Decimal {
  return grid.times(count);
}

/** A price as a whole number of the market's ticks. */
export function onTick(market: SimMarket, price: number): Decimal {
  return new Decimal(price).div(market.priceTick).round().times(market.priceTick);
}
