import { readVenueStats, type VenueStatsByKey } from "#server/data/accounts/route-stats.ts";
import type { Database } from "#server/data/database.ts";
import { type BooksByVenue, readBooks } from "#server/data/markets/read-books.ts";
import type { MarketView } from "#server/data/routing/read-candidates.ts";

/** What every order of a market asks for, kept for a moment. */
export interface MarketViews {
  of(symbol: string): MarketView;
}

/** Hundreds of calls are looked at for every venue, and a second more or less of them changes no decision. */
const LEARNED_MS = 1_000;
/** Books carry their own time, which the router's gate looks at; they change a few times a second. */
const BOOKS_MS = 100;

/** Looks at most once in a while for each market, however many orders ask. A look that failed is not kept. */
export function createMarketViews(database: Pick<Database, "autocommit">): MarketViews {
  const learned = keep<VenueStatsByKey>((symbol) => readVenueStats(database.autocommit, symbol), LEARNED_MS);
  const books = keep<BooksByVenue>((symbol) => readBooks(database.autocommit, symbol), BOOKS_MS);
  return { of: (symbol) => ({ learned: learned(symbol), books: books(symbol) }) };
}

function keep<T>(read: (symbol: string) => Promise<T>, keptMs: number): (symbol: string) => Promise<T> {
  const kept = new Map<string, { readonly value: Promise<T>; readonly until: number }>();
  return (symbol) => {
    const known = kept.get(symbol);
    if (known !== undefined && known.until > performance.now()) return known.value;
    const value = read(symbol);
    kept.set(symbol, { value, until: performance.now() + keptMs });
    value.catch(() => kept.delete(symbol));
    return value;
  };
}
