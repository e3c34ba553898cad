import type { SimMarket } from "#simulator/engine/types.ts";
import { marketId } from "#simulator/protocols/kucoin/context.ts";

const NAMES: Readonly<Record<string, string>> = { BTC: "Bitcoin", ETH: "Ethereum", USDT: "Tether" };
const CHAINS: Readonly<Record<string, string>> = { BTC: "btc", ETH: "eth", USDT: "eth" };
/** KuCoin lists every amount to at most eight decimals. */
const PRECISION = 8;

export function symbolRow(market: SimMarket): unknown {
  const { base, quote, costMin } = market;
  const least = costMin.isZero() ? "0.01" : costMin.toFixed();
  return {
    symbol: marketId(market),
    name: marketId(market),
    baseCurrency: base,
    quoteCurrency: quote,
    feeCurrency: quote,
    market: "USDS",
    baseMinSize: market.amountMin.toFixed(),
    quoteMinSize: least,
    baseMaxSize: "10000000000",
    quoteMaxSize: "9999999999",
    baseIncrement: market.amountStep.toFixed(),
    quoteIncrement: "0.000001",
    priceIncrement: market.priceTick.toFixed(),
    priceLimitRate: "0.1",
    minFunds: least,
    isMarginEnabled: false,
    enableTrading: true,
    feeCategory: 1,
    makerFeeCoefficient: "1.00",
    takerFeeCoefficient: "1.00",
    st: false,
    callauctionIsEnabled: false,
    callauctionPriceFloor: null,
    callauctionPriceCeiling: null,
    callauctionFirstStageStartTime: null,
    callauctionSecondStageStartTime: null,
    callauctionThirdStageStartTime: null,
    tradingStartTime: null,
  };
}

export function currencyRow(asset: string): unknown {
  const chainId = CHAINS[asset];
  const chain = {
    chainName: chainId?.toUpperCase(),
    withdrawalMinSize: "0",
    depositMinSize: "0",
    withdrawFeeRate: "0",
    withdrawalMinFee: "0",
    isWithdrawEnabled: false,
    isDepositEnabled: false,
    confirms: 1,
    preConfirms: 1,
    contractAddress: "",
    withdrawPrecision: PRECISION,
    maxWithdraw: null,
    maxDeposit: null,
    needTag: false,
    chainId,
  };
  return {
    currency: asset,
    name: asset,
    fullName: NAMES[asset] ?? asset,
    precision: PRECISION,
    confirms: null,
    contractAddress: null,
    isMarginEnabled: false,
    isDebitEnabled: false,
    chains: chainId === undefined ? [] : [chain],
  };
}
