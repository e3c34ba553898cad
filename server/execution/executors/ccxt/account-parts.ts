import type { KeyState } from "#server/execution/executors/ccxt/shared-limits.ts";
import type { Scrub } from "#server/execution/executors/ccxt/scrub.ts";
import type { HintStream } from "#server/execution/executors/ccxt/hint-stream.ts";
import type { VenueClock } from "#server/execution/executors/ccxt/venue-clock.ts";
import type { VenueMarkets } from "#server/execution/executors/ccxt/venue-markets.ts";
import type {
  BulkWire,
  FeeRates,
  FreshConnection,
  PrivateWire,
  VenueTraits,
} from "#server/execution/executors/ccxt/venue-wire.ts";

/** What one account's executor is made of. Holds the key (inside the wires and `stream`): never logged, never handed out. */
export interface AccountParts {
  readonly wire: PrivateWire;
  readonly bulk: BulkWire;
  readonly traits: VenueTraits;
  readonly movements: FreshConnection["movements"];
  readonly markets: VenueMarkets;
  /** Gives the loaded markets to the account's own connection, once per load. */
  readonly adoptMarkets: () => void;
  readonly clock: VenueClock;
  readonly key: KeyState;
  readonly scrub: Scrub;
  readonly stream: HintStream;
  /** The library's figures, for a key that may not ask for its own. */
  readonly defaultFees: FeeRates;
  readonly close: () => Promise<void>;
}
