import { readVenueStats, type VenueStatsByKey } from "#server/data/accounts/route-stats.ts";
import type { Database } from "#server/data/database.ts";

/** What all order calls of the platform have shown lately, by venue. */
export interface VenueLearning {
  of(symbol: string): Promise<VenueStatsByKey>;
}

/** Hundreds of calls are looked at for every venue, and a second more or less of them changes no decision. */
const KEPT_MS = 1_000;

/** Looks at most once in a while for each market, however many orders ask. A look that failed is not kept. */
export function createVenueLearning(database: Pick<Database, "autocommit">, keptMs: number = KEPT_MS): VenueLearning {
  const kept = new Map<string, { readonly stats: Promise<VenueStatsByKey>; readonly until: number }>();
  return {
    of(symbol) {
      const known = kept.get(symbol);
      if (known !== undefined && known.until > performance.now()) return known.stats;
      const stats = readVenueStats(database.autocommit, symbol);
      kept.set(symbol, { stats, until: performance.now() + keptMs });
      stats.catch(() => kept.delete(symbol));
      return stats;
    },
  };
}
