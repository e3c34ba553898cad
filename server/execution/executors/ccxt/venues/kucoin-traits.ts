import { readKucoinRefusal } from "#server/execution/executors/ccxt/venues/kucoin-answers.ts";
import type { VenueTraits } from "#server/execution/executors/ccxt/venue-wire.ts";

/**
 * Weights of the calls that are made here. The account's calls have a pool of their own, half as large as that for trading, and so
 * count twice. What is not named costs the most of its neighbours.
 */
const POINTS: Readonly<Record<string, number>> = {
  "GET timestamp": 3,
  "GET symbols": 4,
  "GET market/orderbook/level2_20": 2,
  "GET market/orderbook/level2_100": 4,
  "POST bullet-public": 10,
  "POST bullet-private": 10,
  "POST hf/orders/sync": 1,
  "POST hf/orders/multi/sync": 1,
  "POST hf/orders/dead-cancel-all": 2,
  "DELETE hf/orders/sync/{orderId}": 1,
  "DELETE hf/orders/sync/client-order/{clientOid}": 1,
  "GET hf/orders/{orderId}": 2,
  "GET hf/orders/client-order/{clientOid}": 2,
  "GET hf/orders/active": 2,
  "GET hf/orders/active/symbols": 2,
  "GET hf/orders/done": 2,
  "GET hf/fills": 2,
  "GET hf/accounts/ledgers": 2,
  "GET trade-fees": 3,
  "GET accounts": 10,
  "GET user/api-key": 40,
};

export const kucoinTraits: VenueTraits = {
  // Per 30 s: 2000 points of public calls per address, 4000 of trading calls per user. A full bucket and its refill stay under both.
  budgets: { ip: { capacity: 500, refillPerSecond: 45 }, key: { capacity: 1000, refillPerSecond: 90 } },
  serialPrivateCalls: false,
  countsPerAddress: false,
  pauseMs: 10_000,
  libraryOptions: {
    fetchMarkets: { types: ["spot"], fetchTickersFees: false },
    // The library would ask which kind of account this is before its first private call, and again for another kind.
    uta: false,
    hf: true,
  },
  isPrivate: (api) => api === "private",
  weigh: (path, method) => {
    const points = POINTS[`${method} ${path}`] ?? 20;
    return isPublic(path) ? { ip: points, key: 0 } : { ip: 0, key: points };
  },
  readRefusal: readKucoinRefusal,
  // Whole books of fifty levels: the other stream must be joined to a book asked for over REST, and begins after six changes.
  bookStreamDepth: 50,
  clockLooksLikeBadKey: false,
  // A stop order here holds no funds, and firing makes another order with another id, which may be refused for want of them.
  restingTriggers: [],
  // A change cancels the order and places another, with another id.
  replacesInPlace: false,
  deadManSeconds: { min: 5, max: 86_400 },
};

function isPublic(path: string): boolean {
  return /^(market\/|timestamp$|symbols$|bullet-public$)/.test(path);
}
