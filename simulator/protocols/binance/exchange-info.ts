import type { SimMarket } from "#simulator/engine/types.ts";
import { type BinanceContext, fixed, marketId, marketOf } from "#simulator/protocols/binance/context.ts";
import { ORDER_TYPES } from "#simulator/protocols/binance/order-request.ts";
import type { BinanceParams } from "#simulator/protocols/binance/params.ts";
import type { BinanceLimits } from "#simulator/protocols/binance/rate-limits.ts";

const MAX_PRICE = "1000000.00000000";
const MAX_AMOUNT = "900000.00000000";
const MAX_NOTIONAL = "9000000.00000000";

/** All markets, or those of `symbol` or `symbols`, with their filters and the venue's limits. */
export function exchangeInfo({ engine, limiter }: BinanceContext, params: BinanceParams): unknown {
  const wanted = params.has("symbol") ? [params.symbol()] : params.symbolList();
  const markets = wanted === undefined ? engine.markets() : wanted.map((id) => marketOf(engine, id));
  return {
    timezone: "UTC",
    serverTime: engine.now(),
    rateLimits: rateLimits(limiter.limits),
    exchangeFilters: [],
    symbols: markets.map(symbolInfo),
  };
}

function rateLimits(limits: BinanceLimits): unknown[] {
  return [
    { rateLimitType: "REQUEST_WEIGHT", interval: "MINUTE", intervalNum: 1, limit: limits.weightPerMinute },
    { rateLimitType: "ORDERS", interval: "SECOND", intervalNum: 10, limit: limits.ordersPerTenSeconds },
    { rateLimitType: "ORDERS", interval: "DAY", intervalNum: 1, limit: limits.ordersPerDay },
  ];
}

function symbolInfo(market: SimMarket): unknown {
  return {
    symbol: marketId(market),
    status: "TRADING",
    baseAsset: market.base,
    baseAssetPrecision: 8,
    quoteAsset: market.quote,
    quotePrecision: 8,
    quoteAssetPrecision: 8,
    baseCommissionPrecision: 8,
    quoteCommissionPrecision: 8,
    orderTypes: ORDER_TYPES,
    icebergAllowed: false,
    ocoAllowed: false,
    otoAllowed: false,
    opoAllowed: false,
    quoteOrderQtyMarketAllowed: true,
    allowTrailingStop: false,
    cancelReplaceAllowed: true,
    amendAllowed: false,
    pegInstructionsAllowed: false,
    isSpotTradingAllowed: true,
    isMarginTradingAllowed: false,
    filters: filters(market),
    permissions: [],
    permissionSets: [["SPOT"]],
    defaultSelfTradePreventionMode: "EXPIRE_TAKER",
    allowedSelfTradePreventionModes: ["EXPIRE_TAKER"],
  };
}

function filters(market: SimMarket): unknown[] {
  const minQty = market.amountMin.gt(0) ? market.amountMin : market.amountStep;
  return [
    { filterType: "PRICE_FILTER", minPrice: fixed(market.priceTick), maxPrice: MAX_PRICE, tickSize: fixed(market.priceTick) },
    { filterType: "LOT_SIZE", minQty: fixed(minQty), maxQty: MAX_AMOUNT, stepSize: fixed(market.amountStep) },
    { filterType: "MARKET_LOT_SIZE", minQty: "0.00000000", maxQty: MAX_AMOUNT, stepSize: "0.00000000" },
    {
      filterType: "NOTIONAL",
      minNotional: fixed(market.costMin),
      applyMinToMarket: true,
      maxNotional: MAX_NOTIONAL,
      applyMaxToMarket: false,
      avgPriceMins: 5,
    },
    { filterType: "MAX_NUM_ORDERS", maxNumOrders: 200 },
    { filterType: "MAX_NUM_ALGO_ORDERS", maxNumAlgoOrders: 5 },
  ];
}
