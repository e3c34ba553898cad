import ccxt, { type Exchange } from "ccxt";
import type { OfferedVenueId } from "#server/domain/venue.ts";
import {
  type ClockOffset,
  type ConnectionSettings,
  hardenExchange,
  librarySettings,
} from "#server/execution/executors/ccxt/connection.ts";
import type { VenueMarkets } from "#server/execution/executors/ccxt/venue-markets.ts";
import type { PrivateWire, PublicWire, VenueTraits } from "#server/execution/executors/ccxt/venue-wire.ts";
import { BinancePublicWire, BinanceWire, binanceTraits } from "#server/execution/executors/ccxt/venues/binance.ts";
import {
  CoinbasePublicWire,
  CoinbaseWire,
  coinbaseTraits,
  subscribeHeartbeats,
} from "#server/execution/executors/ccxt/venues/coinbase.ts";
import { KrakenPublicWire, KrakenWire, krakenTraits } from "#server/execution/executors/ccxt/venues/kraken.ts";

/** An instance of the client library that has not been used yet, with our view of it. */
interface FreshConnection {
  readonly exchange: Exchange;
  readonly publicWire: PublicWire;
  readonly privateWire: (markets: VenueMarkets) => PrivateWire;
  /** What else must be subscribed to for the order stream to stay open. Cheap to repeat. */
  readonly keepStreamOpen: () => void;
}

export const TRAITS: Readonly<Record<OfferedVenueId, VenueTraits>> = {
  binance: binanceTraits,
  coinbase: coinbaseTraits,
  kraken: krakenTraits,
};

const CONNECT: Readonly<Record<OfferedVenueId, (settings: Record<string, unknown>) => FreshConnection>> = {
  binance: (settings) => {
    const exchange = new ccxt.pro.binance(settings);
    return {
      exchange,
      publicWire: new BinancePublicWire(exchange),
      privateWire: (markets) => new BinanceWire(exchange, markets),
      keepStreamOpen: () => undefined,
    };
  },
  coinbase: (settings) => {
    const exchange = new ccxt.pro.coinbase(settings);
    return {
      exchange,
      publicWire: new CoinbasePublicWire(exchange),
      privateWire: (markets) => new CoinbaseWire(exchange, markets),
      keepStreamOpen: () => subscribeHeartbeats(exchange),
    };
  },
  kraken: (settings) => {
    const exchange = new ccxt.pro.kraken(settings);
    return {
      exchange,
      publicWire: new KrakenPublicWire(exchange),
      privateWire: (markets) => new KrakenWire(exchange, markets),
      keepStreamOpen: () => undefined,
    };
  },
};

/** A connection that obeys the rules of `hardenExchange`. Talks to nobody yet. */
export async function connect(
  venue: OfferedVenueId,
  settings: ConnectionSettings,
  offset: ClockOffset,
): Promise<FreshConnection> {
  const connection = CONNECT[venue](librarySettings(settings));
  await hardenExchange(connection.exchange, settings, offset);
  return connection;
}
