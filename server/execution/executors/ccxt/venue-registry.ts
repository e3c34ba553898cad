import type { VenueId } from "#server/domain/venue.ts";
import {
  type ClockOffset,
  type ConnectionSettings,
  hardenExchange,
  librarySettings,
} from "#server/execution/executors/ccxt/connection.ts";
import type { FreshConnection, VenueDriver } from "#server/execution/executors/ccxt/venue-wire.ts";
import { alpacaDriver } from "#server/execution/executors/ccxt/venues/alpaca.ts";
import { binanceDriver } from "#server/execution/executors/ccxt/venues/binance.ts";
import { bybitDriver } from "#server/execution/executors/ccxt/venues/bybit.ts";
import { coinbaseDriver } from "#server/execution/executors/ccxt/venues/coinbase.ts";
import { gateDriver } from "#server/execution/executors/ccxt/venues/gate.ts";
import { krakenDriver } from "#server/execution/executors/ccxt/venues/kraken.ts";
import { okxDriver } from "#server/execution/executors/ccxt/venues/okx.ts";
import { kucoinDriver } from "#server/execution/executors/ccxt/venues/kucoin.ts";

export const DRIVERS: Readonly<Record<VenueId, VenueDriver>> = {
  binance: binanceDriver,
  coinbase: coinbaseDriver,
  kraken: krakenDriver,
  okx: okxDriver,
  kucoin: kucoinDriver,
  gate: gateDriver,
  bybit: bybitDriver,
  alpaca: alpacaDriver,
};

/** A connection that obeys the rules of `hardenExchange`. Talks to nobody yet. */
export async function connect(venue: VenueId, settings: ConnectionSettings, offset: ClockOffset): Promise<FreshConnection> {
  const connection = DRIVERS[venue].connect(librarySettings(settings));
  await hardenExchange(connection.exchange, settings, offset);
  return connection;
}
