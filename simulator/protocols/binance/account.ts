import { createHash } from "node:crypto";
import type { Decimal } from "#server/domain/decimal.ts";
import type { SimAccount, SimMarket } from "#simulator/engine/types.ts";
import {
  accountRoute,
  type BinanceContext,
  type BinanceRoutes,
  fixed,
  marketId,
  marketOf,
  publicRoute,
} from "#simulator/protocols/binance/context.ts";
import { BinanceError } from "#simulator/protocols/binance/errors.ts";
import { tradeRow } from "#simulator/protocols/binance/order-shape.ts";
import { dayWindow } from "#simulator/protocols/binance/orders.ts";
import type { BinanceParams } from "#simulator/protocols/binance/params.ts";

const THIRD_ASSET_SHARE = "0.75";
const KEY_CREATED_AT = Date.UTC(2024, 0, 1);

export const ACCOUNT_ROUTES: BinanceRoutes = {
  "GET /api/v3/account": accountRoute("query", "read", 20, accountInfo),
  "GET /api/v3/myTrades": accountRoute("query", "read", (params) => (params.has("orderId") ? 5 : 20), myTrades),
  "GET /api/v3/account/commission": accountRoute("query", "read", 20, commission),
  "GET /api/v3/rateLimit/order": accountRoute("query", "read", 40, orderCounts),
  "GET /api/v3/myPreventedMatches": accountRoute("query", "read", 2, () => []),
  "GET /api/v3/myAllocations": accountRoute("query", "read", 20, () => []),
  "GET /api/v3/openOrderList": accountRoute("query", "read", 6, () => []),
  "GET /api/v3/allOrderList": accountRoute("query", "read", 20, () => []),
  "GET /sapi/v1/account/apiRestrictions": accountRoute("query", "signed", 1, (_, __, account) => apiRestrictions(account)),
  "GET /sapi/v1/account/status": accountRoute("query", "read", 1, () => ({ data: "Normal" })),
  "GET /sapi/v1/asset/tradeFee": accountRoute("query", "read", 1, tradeFees),
  "GET /sapi/v1/capital/config/getall": accountRoute("query", "read", 10, currencies),
  "GET /sapi/v1/system/status": publicRoute(1, () => ({ status: 0, msg: "normal" })),
};

function accountInfo({ engine }: BinanceContext, params: BinanceParams, account: SimAccount): unknown {
  const market = engine.markets()[0];
  const hideEmpty = params.optional("omitZeroBalances") === "true";
  const balances = engine.balances(account.id).filter(({ free, locked }) => !hideEmpty || !free.plus(locked).isZero());
  return {
    makerCommission: market === undefined ? 0 : basisPoints(market.makerFee),
    takerCommission: market === undefined ? 0 : basisPoints(market.takerFee),
    buyerCommission: 0,
    sellerCommission: 0,
    commissionRates: market === undefined ? {} : rates(market),
    canTrade: account.permissions.trade,
    canWithdraw: account.permissions.withdraw,
    canDeposit: true,
    brokered: false,
    requireSelfTradePrevention: false,
    preventSor: false,
    updateTime: engine.now(),
    accountType: "SPOT",
    balances: balances.map(({ asset, free, locked }) => ({ asset, free: fixed(free), locked: fixed(locked) })),
    permissions: ["SPOT"],
    uid: uidOf(account),
  };
}

/** The venue's numeric user id; stable per account. */
function uidOf(account: SimAccount): number {
  return createHash("sha256").update(account.id).digest().readUInt32BE(0);
}

function basisPoints(rate: Decimal): number {
  return rate.times(10_000).round().toNumber();
}

function rates(market: SimMarket): Record<string, string> {
  return { maker: fixed(market.makerFee), taker: fixed(market.takerFee), buyer: "0.00000000", seller: "0.00000000" };
}

/** Oldest first: from an id or a start forward, else the latest. Combinations the venue does not document are refused. */
function myTrades({ engine }: BinanceContext, params: BinanceParams, account: SimAccount): unknown {
  const market = marketOf(engine, params.symbol());
  const orderId = params.integer("orderId");
  const fromId = params.integer("fromId");
  const { start, end } = dayWindow(params);
  if ((fromId !== undefined || orderId !== undefined) && (start !== undefined || end !== undefined)) {
    throw new BinanceError(400, -1128, "Combination of optional parameters invalid.");
  }
  const limit = params.limit(500, 1_000);
  const query = orderId === undefined ? { symbol: market.symbol } : { symbol: market.symbol, orderId: String(orderId) };
  const found = engine.fills(account.id, query).filter((fill) => {
    if (fromId !== undefined && Number(fill.id) < fromId) return false;
    return (start === undefined || fill.at >= start) && (end === undefined || fill.at <= end);
  });
  const forward = fromId !== undefined || start !== undefined;
  return (forward ? found.slice(0, limit) : found.slice(-limit)).map(tradeRow);
}

function commission({ engine }: BinanceContext, params: BinanceParams, account: SimAccount): unknown {
  const market = marketOf(engine, params.symbol());
  const none = { maker: "0.00000000", taker: "0.00000000", buyer: "0.00000000", seller: "0.00000000" };
  const third = typeof account.feeMode === "object" ? account.feeMode.asset : undefined;
  return {
    symbol: marketId(market),
    standardCommission: rates(market),
    specialCommission: none,
    taxCommission: none,
    discount: {
      enabledForAccount: third !== undefined,
      enabledForSymbol: third !== undefined,
      discountAsset: third ?? "BNB",
      discount: THIRD_ASSET_SHARE,
    },
  };
}

function orderCounts({ engine, limiter }: BinanceContext, _: BinanceParams, account: SimAccount): unknown {
  const { tenSeconds, day } = limiter.orderCounts(account.id, engine.now());
  const { ordersPerTenSeconds, ordersPerDay } = limiter.limits;
  return [
    { rateLimitType: "ORDERS", interval: "SECOND", intervalNum: 10, limit: ordersPerTenSeconds, count: tenSeconds },
    { rateLimitType: "ORDERS", interval: "DAY", intervalNum: 1, limit: ordersPerDay, count: day },
  ];
}

/** What the key may do: the platform refuses keys that can withdraw by this answer. */
function apiRestrictions({ permissions }: SimAccount): unknown {
  return {
    ipRestrict: false,
    createTime: KEY_CREATED_AT,
    enableReading: permissions.read,
    enableWithdrawals: permissions.withdraw,
    enableInternalTransfer: false,
    enableMargin: false,
    enableFutures: false,
    permitsUniversalTransfer: false,
    enableVanillaOptions: false,
    enableFixApiTrade: false,
    enableFixReadOnly: false,
    enableSpotAndMarginTrading: permissions.trade,
    enablePortfolioMarginTrading: false,
  };
}

function tradeFees({ engine }: BinanceContext, params: BinanceParams): unknown {
  const markets = params.has("symbol") ? [marketOf(engine, params.symbol())] : engine.markets();
  return markets.map((market) => ({
    symbol: marketId(market),
    makerCommission: market.makerFee.toFixed(),
    takerCommission: market.takerFee.toFixed(),
  }));
}

function currencies({ engine }: BinanceContext, _: BinanceParams, account: SimAccount): unknown {
  const held = new Map(engine.balances(account.id).map((balance) => [balance.asset, balance]));
  const assets = new Set([...engine.markets().flatMap(({ base, quote }) => [base, quote]), ...held.keys()]);
  return [...assets].map((coin) => ({
    coin,
    depositAllEnable: true,
    withdrawAllEnable: account.permissions.withdraw,
    name: coin,
    free: held.get(coin)?.free.toFixed() ?? "0",
    locked: held.get(coin)?.locked.toFixed() ?? "0",
    freeze: "0",
    withdrawing: "0",
    ipoing: "0",
    ipoable: "0",
    storage: "0",
    isLegalMoney: coin === "USD" || coin === "EUR",
    trading: true,
    networkList: [],
  }));
}
