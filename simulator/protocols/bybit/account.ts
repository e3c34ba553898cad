import { createHash } from "node:crypto";
import { Decimal, ZERO } from "#server/domain/decimal.ts";
import type { SimAccount, SimBalance, VenueEngine } from "#simulator/engine/types.ts";
import { type BybitContext, type BybitRoutes, queryRoute } from "#simulator/protocols/bybit/context.ts";
import { badParameter } from "#simulator/protocols/bybit/errors.ts";
import { type BybitParams, dataMarket, idOfSymbol } from "#simulator/protocols/bybit/params.ts";

const KEY_CREATED_AT = "2024-01-01T00:00:00Z";
const KEY_EXPIRES_AT = "2099-01-01T00:00:00Z";
/** A unified trading account of the second kind, the only one the venue still opens. */
const UNIFIED_STATUS = 6;

export const ACCOUNT_ROUTES: BybitRoutes = {
  "GET /v5/account/wallet-balance": queryRoute("read", 50, walletBalance),
  "GET /v5/account/fee-rate": queryRoute("read", 5, feeRate),
  "GET /v5/account/info": queryRoute("read", 50, ({ engine }) => accountInfo(engine)),
  "GET /v5/user/query-api": queryRoute("signed", 10, (_, __, account) => keyInfo(account)),
  "GET /v5/asset/coin/query-info": queryRoute("read", 5, coinInfo),
};

function walletBalance({ engine }: BybitContext, params: BybitParams, account: SimAccount): unknown {
  if (params.required("accountType") !== "UNIFIED") throw badParameter("accountType only support UNIFIED.");
  const coins = params.text("coin")?.split(",");
  const held = engine.balances(account.id);
  const shown = held.filter((balance) =>
    coins === undefined ? !balance.free.plus(balance.locked).isZero() : coins.includes(balance.asset),
  );
  return { list: [wallet(engine, held, shown)] };
}

/** The unified account with these of its coins; the sums are over all of them, in USD. */
export function wallet(engine: VenueEngine, held: readonly SimBalance[], shown: readonly SimBalance[]): Record<string, unknown> {
  const worth = (amountOf: (balance: SimBalance) => Decimal) =>
    held
      .reduce((sum, balance) => sum.plus(amountOf(balance).times(usdPrice(engine, balance.asset))), ZERO)
      .toDecimalPlaces(8, Decimal.ROUND_DOWN)
      .toFixed();
  const total = worth(({ free, locked }) => free.plus(locked));
  return {
    accountType: "UNIFIED",
    accountLTV: "",
    accountIMRate: "0",
    accountMMRate: "0",
    accountIMRateByMp: "0",
    accountMMRateByMp: "0",
    totalInitialMarginByMp: "0",
    totalMaintenanceMarginByMp: "0",
    totalEquity: total,
    totalWalletBalance: total,
    totalMarginBalance: total,
    totalAvailableBalance: worth(({ free }) => free),
    totalPerpUPL: "0",
    totalInitialMargin: "0",
    totalMaintenanceMargin: "0",
    coin: shown.map((balance) => coinRow(engine, balance)),
  };
}

/** `availableToWithdraw` has been empty since 2025: what is free is the balance without what spot orders lock. */
function coinRow(engine: VenueEngine, { asset, free, locked }: SimBalance): Record<string, unknown> {
  const total = free.plus(locked);
  return {
    coin: asset,
    equity: total.toFixed(),
    usdValue: total.times(usdPrice(engine, asset)).toDecimalPlaces(8, Decimal.ROUND_DOWN).toFixed(),
    walletBalance: total.toFixed(),
    locked: locked.toFixed(),
    borrowAmount: "0",
    availableToBorrow: "",
    availableToWithdraw: "",
    accruedInterest: "0",
    totalOrderIM: "0",
    totalPositionIM: "0",
    totalPositionMM: "0",
    unrealisedPnl: "0",
    cumRealisedPnl: "0",
    bonus: "0",
    marginCollateral: true,
    collateralSwitch: true,
    spotBorrow: "0",
  };
}

function usdPrice(engine: VenueEngine, asset: string): Decimal {
  if (asset === "USDT" || asset === "USDC" || asset === "USD") return new Decimal(1);
  return engine.ticker(`${asset}/USDT`)?.last ?? ZERO;
}

function feeRate({ engine }: BybitContext, params: BybitParams): unknown {
  if (params.category() !== "spot") return { category: params.category(), list: [] };
  const markets = params.text("symbol") === undefined ? engine.markets() : [dataMarket(engine, params)];
  return {
    category: "spot",
    list: markets.map(({ symbol, takerFee, makerFee }) => ({
      symbol: idOfSymbol(symbol),
      baseCoin: "",
      takerFeeRate: takerFee.toFixed(),
      makerFeeRate: makerFee.toFixed(),
    })),
  };
}

function accountInfo(engine: VenueEngine): unknown {
  return {
    unifiedMarginStatus: UNIFIED_STATUS,
    marginMode: "REGULAR_MARGIN",
    isMasterTrader: false,
    spotHedgingStatus: "OFF",
    updatedTime: String(engine.now()),
    dcpStatus: "OFF",
    timeWindow: 10,
    smpGroup: 0,
  };
}

/** The venue's numeric user id; stable per account. */
export function userIdOf(account: SimAccount): number {
  return createHash("sha256").update(account.id).digest().readUInt32BE(0);
}

/** What the key may do: the platform refuses keys that can withdraw by this answer. */
function keyInfo(account: SimAccount): unknown {
  const { read, trade, withdraw } = account.permissions;
  const userID = userIdOf(account);
  return {
    id: String(userID),
    note: account.id,
    apiKey: account.apiKey,
    readOnly: trade ? 0 : 1,
    secret: "",
    permissions: {
      ContractTrade: [],
      Spot: read || trade ? ["SpotTrade"] : [],
      Wallet: withdraw ? ["AccountTransfer", "SubMemberTransfer", "Withdraw"] : [],
      Options: [],
      Derivatives: [],
      CopyTrading: [],
      BlockTrade: [],
      Exchange: [],
      NFT: [],
      Affiliate: [],
      Earn: [],
    },
    ips: ["*"],
    type: 1,
    deadlineDay: 90,
    expiredAt: KEY_EXPIRES_AT,
    createdAt: KEY_CREATED_AT,
    unified: 0,
    uta: 1,
    userID,
    inviterID: 0,
    vipLevel: "No VIP",
    mktMakerLevel: "0",
    affiliateID: 0,
    rsaPublicKey: "",
    isMaster: true,
    parentUid: "0",
    kycLevel: "LEVEL_1",
    kycRegion: "",
  };
}

function coinInfo({ engine }: BybitContext, params: BybitParams, account: SimAccount): unknown {
  const wanted = params.text("coin");
  const assets = new Set([
    ...engine.markets().flatMap(({ base, quote }) => [base, quote]),
    ...engine.balances(account.id).map(({ asset }) => asset),
  ]);
  const rows = [...assets]
    .filter((coin) => wanted === undefined || coin === wanted)
    .map((coin) => ({ name: coin, coin, remainAmount: "0", chains: [] }));
  return { rows };
}
