import { readVenueStats, type VenueStatsByKey } from "#server/data/accounts/route-stats.ts";
import type { Database } from "#server/data/database.ts";
import { type BooksByVenue, readBooks } from "#server/data/markets/read-books.ts";
import type { MarketView } from "#server/data/routing/read-candidates.ts";

/** What every order of a market asks for, read once for those that ask together. */
export interface MarketViews {
  of(symbol: string): MarketView;
}

/** Hundreds of calls are looked at for every venue, and a second more or less of them changes no decision. */
const LEARNED_MS = 1_000;
/** Orders take their caps from the books: only those that ask while a look is under way share it. */
const BOOKS_MS = 0;

/** One look at a time for each market, however many orders ask, and none again for a while. A look that failed is not kept. */
export function createMarketViews(database: Pick<Database, "autocommit">): MarketViews {
  const learned = keep<VenueStatsByKey>((symbol) => readVenueStats(database.autocommit, symbol), LEARNED_MS);
  const books = keep<BooksByVenue>((symbol) => readBooks(database.autocommit, symbol), BOOKS_MS);
  return { of: (symbol) => ({ learned: learned(symbol), books: books(symbol) }) };
}

function keep<T>(read: (symbol: string) => Promise<T>, keptMs: number): (symbol: string) => Promise<T> {
  const kept = new Map<string, { readonly value: Promise<T>; until: number }>();
  return (symbol) => {
    const known = kept.get(symbol);
    if (known !== undefined && known.until > performance.now()) return known.value;
    const value = read(symbol);
    const entry = { value, until: Number.POSITIVE_INFINITY };
    kept.set(symbol, entry);
    value.then(
      () => {
        entry.until = performance.now() + keptMs;
      },
      () => kept.delete(symbol),
    );
    return value;
  };
}
