import { readBybitRefusal } from "#server/execution/executors/ccxt/venues/bybit-answers.ts";
import type { VenueTraits } from "#server/execution/executors/ccxt/venue-wire.ts";

/** Points on the key's budget, of which a second has 20: each endpoint's share of its own limit for spot. */
const POINTS: Readonly<Record<string, number>> = {
  "v5/order/create": 1, // 20 a second
  "v5/order/cancel": 1,
  "v5/order/create-batch": 8, // each of up to ten orders counts, and none of anything else does
  "v5/order/cancel-batch": 8,
  "v5/order/amend": 2, // 10 a second
  "v5/order/realtime": 0.4, // 50 a second
  "v5/order/history": 0.4,
  "v5/execution/list": 0.4,
  "v5/account/wallet-balance": 0.4,
  "v5/account/fee-rate": 4, // 5 a second
  "v5/account/transaction-log": 0.7, // 30 a second
  "v5/user/query-api": 2, // 10 a second
};

export const bybitTraits: VenueTraits = {
  // 600 calls in 5 s per address, and limits per endpoint and second for an account. A full bucket and its refill stay under both.
  budgets: { ip: { capacity: 200, refillPerSecond: 75 }, key: { capacity: 8, refillPerSecond: 11 } },
  serialPrivateCalls: false,
  countsPerAddress: false,
  pauseMs: 10_000,
  libraryOptions: {
    defaultType: "spot",
    fetchMarkets: { types: ["spot"] },
    recvWindow: 5000,
    // Every account that can trade spot today is unified; the library would ask two endpoints about it.
    enableUnifiedMargin: false,
    enableUnifiedAccount: true,
    unifiedMarginStatus: 6,
  },
  isPrivate: (api) => api === "private",
  weigh: (path) => ({ ip: 1, key: POINTS[path] ?? 1 }),
  readRefusal: readBybitRefusal,
  bookStreamDepth: 50,
  clockLooksLikeBadKey: false,
  replacesInPlace: true,
  // None: the venue documents no field for a spot trigger's direction, so it can only follow from where the price is when the order
  // arrives. A stop-loss that the market has passed on the way would then wait for a better price, as a take-profit.
  restingTriggers: [],
};
