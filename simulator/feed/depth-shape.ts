import type { RecordedBook } from "#simulator/feed/recorded-data.ts";

/** One side's level: distance from the mid in bps (positive away from it), amount in the recorded market's base. */
export interface ShapeLevel {
  readonly bps: number;
  readonly amount: number;
}

export interface DepthShape {
  readonly bids: readonly ShapeLevel[];
  readonly asks: readonly ShapeLevel[];
}

const TAIL_LEVELS = 25;
const TAIL_FIRST_BPS = 1.2;
const TAIL_LAST_BPS = 80;

/**
 * The recorded books as distances from their mid. The recording ends about 1 bp from the mid (20 levels); beyond it a derived
 * tail goes on to 80 bps, at distances that grow by a constant factor, with the recorded side's mean amount growing with them.
 */
export function depthShapes(books: readonly RecordedBook[]): DepthShape[] {
  return books.map(({ bids, asks }) => {
    const mid = ((bids[0]?.[0] ?? 0) + (asks[0]?.[0] ?? 0)) / 2;
    const side = (levels: RecordedBook["bids"]): ShapeLevel[] => {
      const recorded = levels.map(([price, amount]) => ({ bps: (Math.abs(price - mid) / mid) * 10_000, amount }));
      return [...recorded, ...tail(recorded)];
    };
    return { bids: side(bids), asks: side(asks) };
  });
}

function tail(recorded: readonly ShapeLevel[]): ShapeLevel[] {
  const mean = recorded.reduce((sum, level) => sum + level.amount, 0) / recorded.length;
  const from = Math.max(TAIL_FIRST_BPS, (recorded.at(-1)?.bps ?? 0) + 0.1);
  const growth = (TAIL_LAST_BPS / from) ** (1 / (TAIL_LEVELS - 1));
  return Array.from({ length: TAIL_LEVELS }, (_, index) => {
    const bps = from * growth ** index;
    return { bps, amount: mean * (1 + 2 * Math.sqrt(bps)) };
  });
}
