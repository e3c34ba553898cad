import { type Statement, statement } from "#server/data/tx.ts";

export interface BookRow {
  readonly venue: string;
  readonly symbol: string;
  readonly bids: readonly (readonly [price: string, quantity: string])[];
  readonly asks: readonly (readonly [price: string, quantity: string])[];
  readonly at: Date;
}

/** An older book never replaces a newer one, whoever writes last. */
export const WRITE_BOOKS: Statement = statement(
  "market-books.write",
  `insert into market_books as b (mode, venue, symbol, bids, asks, at)
   select $1, u.venue, u.symbol, u.bids::jsonb, u.asks::jsonb, u.at
   from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[]) as u (venue, symbol, bids, asks, at)
   on conflict (mode, venue, symbol) do update set bids = excluded.bids, asks = excluded.asks, at = excluded.at
   where b.at <= excluded.at`,
);

/** The values of `WRITE_BOOKS`, in its order. */
export function bookValues(mode: string, books: readonly BookRow[]): readonly unknown[] {
  return [
    mode,
    books.map((book) => book.venue),
    books.map((book) => book.symbol),
    books.map((book) => JSON.stringify(book.bids)),
    books.map((book) => JSON.stringify(book.asks)),
    books.map((book) => book.at),
  ];
}
