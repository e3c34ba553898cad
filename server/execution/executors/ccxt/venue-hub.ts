import type { Exchange } from "ccxt";
import type { OfferedVenueId } from "#server/domain/venue.ts";
import { BookStreams } from "#server/execution/executors/ccxt/book-stream.ts";
import type { ConnectionSettings } from "#server/execution/executors/ccxt/connection.ts";
import { LentWire } from "#server/execution/executors/ccxt/lent-wire.ts";
import { createScrub, type Scrub } from "#server/execution/executors/ccxt/scrub.ts";
import { VenueClock } from "#server/execution/executors/ccxt/venue-clock.ts";
import { VenueMarkets } from "#server/execution/executors/ccxt/venue-markets.ts";
import { connect } from "#server/execution/executors/ccxt/venue-registry.ts";
import type { PublicWire, VenueTraits } from "#server/execution/executors/ccxt/venue-wire.ts";

/** What all accounts of one venue and mode share in this process: a connection without keys, markets, clock and books. */
export interface VenueHub {
  readonly venue: OfferedVenueId;
  readonly traits: VenueTraits;
  readonly exchange: Exchange;
  readonly wire: PublicWire;
  readonly markets: VenueMarkets;
  readonly clock: VenueClock;
  readonly books: BookStreams;
  readonly scrub: Scrub;
  /** Gives the hub an account's connection for what the venue tells only to keys. Answers the function that takes it back. */
  readonly lend: (wire: PublicWire) => () => void;
}

export async function openVenueHub(venue: OfferedVenueId, settings: ConnectionSettings, silentMs: number): Promise<VenueHub> {
  const { traits } = settings;
  const { exchange, publicWire: own } = await connect(venue, settings, { ms: 0 });
  const lent = traits.publicNeedsKey === true ? new LentWire(own, traits.readRefusal) : null;
  const publicWire = lent ?? own;
  const markets = new VenueMarkets(exchange, publicWire);
  const scrub = createScrub([]);
  const books = new BookStreams(exchange, {
    venue,
    depthWanted: traits.bookStreamDepth,
    isStreamed: traits.streamsNeedKey !== true,
    silentMs,
    scrub,
    prepare: async () => {
      await markets.table();
    },
    poll: async (symbol, depth) => {
      try {
        const market = (await markets.table()).bySymbol(symbol);
        if (market === undefined) return null;
        return { venue, symbol, ...(await publicWire.book(market, depth)), at: new Date() };
      } catch {
        // The stream reports the venue as down; the next round tries again.
        return null;
      }
    },
  });
  const lend: VenueHub["lend"] = (wire) => lent?.lend(wire) ?? (() => undefined);
  return { venue, traits, exchange, wire: publicWire, markets, clock: new VenueClock(publicWire), books, scrub, lend };
}
