import { Decimal } from "#server/domain/decimal.ts";
import type { SimVenueId } from "#simulator/engine/types.ts";
import type { Owner } from "./owner.ts";

export interface ChaosMarket {
  readonly venue: SimVenueId;
  readonly symbol: string;
  readonly tick: Decimal;
  readonly step: Decimal;
}

interface Row {
  readonly venue: SimVenueId;
  readonly symbol: string;
  readonly price_tick: string;
  readonly amount_step: string;
}

/** The markets that the platform offers at these venues, in a fixed order. */
export async function readMarkets(owner: Owner, venues: readonly SimVenueId[]): Promise<readonly ChaosMarket[]> {
  const rows = await owner.query<Row>(
    "select venue, symbol, price_tick::text, amount_step::text from markets where mode = 'PAPER' and venue = any($1) order by venue, symbol",
    [venues],
  );
  return rows.map((row) => ({
    venue: row.venue,
    symbol: row.symbol,
    tick: new Decimal(row.price_tick),
    step: new Decimal(row.amount_step),
  }));
}

/** Whether the platform has a recent book: without one it denies entries, as it should, and nothing would be tried. */
export async function hasFreshBook(owner: Owner, venue: SimVenueId, symbol: string): Promise<boolean> {
  const rows = await owner.query(
    "select from market_books where mode = 'PAPER' and venue = $1 and symbol = $2 and at > now() - interval '1 second'",
    [venue, symbol],
  );
  return rows.length > 0;
}
