import type { BookLevel } from "#server/domain/routing/types.ts";
import type { AccountMode, VenueId } from "#server/domain/venue.ts";
import { type Statements, statement } from "#server/data/tx.ts";

/** One side-by-side view of a market at one venue, best levels first. */
export interface StoredBook {
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
  /** When the venue last confirmed it. */
  readonly at: Date;
}

/** Paper and live are two venues. */
export type BooksByVenue = ReadonlyMap<`${AccountMode}:${VenueId}`, StoredBook>;

const READ = statement("market-books.read", "select mode, venue, bids, asks, at from market_books where symbol = $1");

export const toLevel = ([price, quantity]: readonly [string, string]): BookLevel => ({
  price: Number(price),
  quantity: Number(quantity),
});

/** The books of one market at every venue that has one. */
export async function readBooks(tx: Statements, symbol: string): Promise<BooksByVenue> {
  const rows = await tx.query<{
    mode: AccountMode;
    venue: VenueId;
    bids: [string, string][];
    asks: [string, string][];
    at: Date;
  }>(READ, [symbol]);
  return new Map(
    rows.map(({ mode, venue, bids, asks, at }) => {
      return [`${mode}:${venue}` as const, { bids: bids.map(toLevel), asks: asks.map(toLevel), at }];
    }),
  );
}
