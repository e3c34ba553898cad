import { RESTING_TRIGGERS } from "#server/domain/trigger/resting.ts";
import type { VenueTraits } from "#server/execution/executors/ccxt/venue-wire.ts";
import { readAlpacaRefusal } from "#server/execution/executors/ccxt/venues/alpaca-answers.ts";

export const alpacaTraits: VenueTraits = {
  // 200 calls a minute of an account, and as many of an address that sends no key. A full bucket and its refill stay under both.
  budgets: { ip: { capacity: 50, refillPerSecond: 2.4 }, key: { capacity: 50, refillPerSecond: 2.4 } },
  serialPrivateCalls: false,
  countsPerAddress: false,
  pauseMs: 10_000,
  libraryOptions: {},
  isPrivate: (api) => Array.isArray(api) && api[1] === "private",
  weigh: (path) => (path.startsWith("v1beta3/crypto") ? { ip: 1, key: 0 } : { ip: 0, key: 1 }),
  readRefusal: readAlpacaRefusal,
  bookStreamDepth: undefined,
  clockLooksLikeBadKey: false,
  restingTriggers: RESTING_TRIGGERS.alpaca,
  // A change makes another order with another id, so that for a moment nobody knows which of them works.
  replacesInPlace: false,
  publicNeedsKey: true,
  streamsNeedKey: true,
};
