import { type BinanceRoutes, publicRoute } from "#simulator/protocols/binance/context.ts";

const EMPTY_LISTS = [
  "GET /fapi/v1/ticker/24hr",
  "GET /fapi/v1/ticker/bookTicker",
  "GET /fapi/v1/ticker/price",
  "GET /fapi/v2/ticker/price",
  "GET /dapi/v1/ticker/24hr",
  "GET /dapi/v1/ticker/bookTicker",
  "GET /dapi/v1/ticker/price",
  "GET /eapi/v1/ticker",
  "GET /sapi/v1/margin/allPairs",
  "GET /sapi/v1/margin/allAssets",
  "GET /sapi/v1/margin/isolated/allPairs",
];

/** Products this venue does not trade here: their lists are empty, so that a client that loads everything finds spot only. */
export const OTHER_FAMILY_ROUTES: BinanceRoutes = {
  ...Object.fromEntries(EMPTY_LISTS.map((route) => [route, publicRoute(1, () => [])])),
  ...Object.fromEntries(
    ["/fapi/v1", "/dapi/v1", "/eapi/v1"].flatMap((prefix) => [
      [`GET ${prefix}/ping`, publicRoute(1, () => ({}))],
      [`GET ${prefix}/time`, publicRoute(1, ({ engine }) => ({ serverTime: engine.now() }))],
      [
        `GET ${prefix}/exchangeInfo`,
        publicRoute(1, ({ engine }) => ({
          timezone: "UTC",
          serverTime: engine.now(),
          rateLimits: [],
          exchangeFilters: [],
          assets: [],
          ...(prefix === "/eapi/v1" ? { optionContracts: [], optionAssets: [], optionSymbols: [] } : { symbols: [] }),
        })),
      ],
    ]),
  ),
};
