import { readGateRefusal } from "#server/execution/executors/ccxt/venues/gate-answers.ts";
import type { VenueTraits } from "#server/execution/executors/ccxt/venue-wire.ts";

const PUBLIC = new Set(["time", "currencies", "currency_pairs", "tickers", "order_book", "trades", "candlesticks"]);
const CANCELS = new Set(["countdown_cancel_all", "cancel_batch_orders"]);
/** 200 in 10 s per endpoint: the key's budget grants 54 points in that time. */
const READ_POINTS = 0.3;
/** 200 a second. */
const CANCEL_POINTS = 0.05;

/** What is known of gate without talking to it. */
export const gateTraits: VenueTraits = {
  // 200 public calls in 10 s per address and endpoint; 10 placements a second per account and market.
  budgets: { ip: { capacity: 80, refillPerSecond: 10 }, key: { capacity: 4, refillPerSecond: 5 } },
  serialPrivateCalls: false,
  countsPerAddress: false,
  pauseMs: 10_000,
  libraryOptions: { unifiedAccount: false, defaultType: "spot", fetchMarkets: { types: ["spot"] } },
  isPrivate: (api) => Array.isArray(api) && api[0] === "private",
  weigh: (path, method) => {
    if (PUBLIC.has(path)) return { ip: 1, key: 0 };
    if (method === "GET") return { ip: 0, key: READ_POINTS };
    return { ip: 0, key: method === "DELETE" || CANCELS.has(path) ? CANCEL_POINTS : 1 };
  },
  readRefusal: readGateRefusal,
  bookStreamDepth: undefined,
  clockLooksLikeBadKey: false,
  // A price order fires another order, which carries no id of ours: nobody could tell it from one made by hand.
  restingTriggers: [],
  replacesInPlace: true,
  // The venue names no longest countdown.
  deadManSeconds: { min: 5, max: 86_400 },
};
