import { readOkxRefusal } from "#server/execution/executors/ccxt/venues/okx-answers.ts";
import type { VenueTraits } from "#server/execution/executors/ccxt/venue-wire.ts";

/**
 * The venue limits every endpoint for itself. One budget that counts each as its share of sixty (private) or forty (public) calls in two
 * seconds keeps all of them.
 */
const PRIVATE_POINTS: Readonly<Record<string, number>> = {
  // Twenty orders at the most, of 300 in two seconds.
  "trade/batch-orders": 4,
  "trade/cancel-batch-orders": 4,
  "trade/orders-history": 1.5,
  "trade/orders-history-archive": 3,
  "trade/fills-history": 6,
  "account/balance": 6,
  "account/config": 12,
  "account/bills": 6,
  "account/trade-fee": 12,
};
const PUBLIC_POINTS: Readonly<Record<string, number>> = { "public/time": 4, "public/instruments": 2, "market/books": 1 };

/** What is known of okx without talking to it. */
export const okxTraits: VenueTraits = {
  budgets: { ip: { capacity: 16, refillPerSecond: 10 }, key: { capacity: 20, refillPerSecond: 18 } },
  serialPrivateCalls: false,
  countsPerAddress: false,
  // No answer names a time; the limits are counted in windows of two seconds.
  pauseMs: 5_000,
  libraryOptions: { fetchMarkets: { types: ["spot"] }, defaultType: "spot", createOrder: "privatePostTradeOrder" },
  isPrivate: (api) => api === "private",
  weigh: (path) => {
    const isPrivate = path.startsWith("trade/") || path.startsWith("account/");
    return isPrivate ? { ip: 0, key: PRIVATE_POINTS[path] ?? 1 } : { ip: PUBLIC_POINTS[path] ?? 2, key: 0 };
  },
  readRefusal: readOkxRefusal,
  bookStreamDepth: undefined,
  clockLooksLikeBadKey: false,
  // An algo order fires another order with an id of its own, and its fills carry no id of ours.
  restingTriggers: [],
  replacesInPlace: true,
  deadManSeconds: { min: 10, max: 120 },
};
