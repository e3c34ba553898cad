import { Decimal, ZERO } from "#server/domain/decimal.ts";
import { VENUE_IDS } from "#server/domain/venue.ts";
import type { SimMarket, SimVenueId } from "#simulator/engine/types.ts";
import { readMarketRows } from "#simulator/feed/recorded-data.ts";

/** In the order of their ports. */
export const SIM_VENUES: readonly SimVenueId[] = VENUE_IDS;

/** The markets of a paper venue with the recorded tick, step, minimums and default fees. */
export function venueMarkets(venue: SimVenueId): SimMarket[] {
  return readMarketRows()
    .filter((row) => row["venue"] === venue)
    .map((row) => ({
      symbol: row["symbol"] ?? "",
      base: row["base"] ?? "",
      quote: row["quote"] ?? "",
      priceTick: new Decimal(row["price_tick"] ?? ""),
      amountStep: new Decimal(row["amount_step"] ?? ""),
      amountMin: optional(row["min_amount"]),
      costMin: optional(row["min_cost"]),
      makerFee: new Decimal(row["maker"] ?? ""),
      takerFee: new Decimal(row["taker"] ?? ""),
    }));
}

function optional(cell: string | undefined): Decimal {
  return cell === undefined || cell === "" ? ZERO : new Decimal(cell);
}
