import type { Exchange } from "ccxt";
import type { VenueId } from "#server/domain/venue.ts";
import type { BookUpdate } from "#server/execution/executors/executor.ts";
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
  readonly venue: VenueId;
  readonly traits: VenueTraits;
  readonly exchange: Exchange;
  readonly wire: PublicWire;
  readonly markets: VenueMarkets;
  readonly clock: VenueClock;
  readonly books: BookStreams;
  readonly scrub: Scrub;
  /** Set where the venue tells its markets and its time only to keys. */
  readonly lent: LentWire | null;
}

export async function openVenueHub(venue: VenueId, settings: ConnectionSettings, silentMs: number): Promise<VenueHub> {
  const { traits } = settings;
  const { exchange, publicWire: own } = await connect(venue, settings, { ms: 0 });
  const lent = traits.publicNeedsKey === true ? new LentWire(own, traits.readRefusal) : null;
  const publicWire = lent ?? own;
  const markets = new VenueMarkets(exchange, publicWire);
  const scrub = createScrub([]);
  const books = new BookStreams(exchange, {
    venue,
    depthWanted: traits.bookStreamDepth,
    pollAll: traits.streamsNeedKey === true ? (symbols, depth) => pollBooks(venue, own, markets, symbols, depth) : null,
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
  return { venue, traits, exchange, wire: publicWire, markets, clock: new VenueClock(publicWire), books, scrub, lent };
}

async function pollBooks(
  venue: VenueId,
  wire: PublicWire,
  markets: VenueMarkets,
  symbols: readonly string[],
  depth: number,
): Promise<readonly BookUpdate[]> {
  if (wire.books === undefined) throw new Error(`${venue} can neither stream books nor tell many of them at once`);
  const table = await markets.table();
  const levels = await wire.books(
    symbols.flatMap((symbol) => table.bySymbol(symbol) ?? []),
    depth,
  );
  return [...levels].map(([symbol, sides]) => ({ venue, symbol, ...sides, at: new Date() }));
}
