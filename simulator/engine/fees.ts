import { Decimal, ZERO } from "#server/domain/decimal.ts";
import type { AccountState, MarketState, VenueState } from "#simulator/engine/state.ts";
import type { SimFeeMode, SimOrderRequest, SimSide } from "#simulator/engine/types.ts";

const FEE_PLACES = 8;

export interface ChargedFee {
  readonly amount: Decimal;
  readonly asset: string;
}

/**
 * The fee of one fill. INVARIANT: rounded down, so that the fees of many partial fills never exceed what the whole order locked.
 * A third asset pays only if the account holds enough of it free; otherwise the received asset pays, as at binance.
 */
export function feeOf(
  state: VenueState,
  marketState: MarketState,
  account: AccountState,
  fill: { side: SimSide; price: Decimal; amount: Decimal; maker: boolean; mode: SimFeeMode },
): ChargedFee {
  const { market } = marketState;
  const rate = fill.maker ? market.makerFee : market.takerFee;
  const { mode } = fill;
  if (typeof mode === "object") {
    const third = thirdAssetFee(state, market.quote, mode.asset, fill.price.times(fill.amount).times(rate));
    if (third !== null && account.balances.free(mode.asset).gte(third)) return { amount: third, asset: mode.asset };
  }
  if (mode === "quote" || fill.side === "sell")
    return { amount: round(fill.price.times(fill.amount).times(rate)), asset: market.quote };
  return { amount: round(fill.amount.times(rate)), asset: market.base };
}

/** How an order's fee is taken: as it asks, else as its account has it. A sell cannot pay in base: it prefers and gets quote. */
export function feeModeOf(account: AccountState, { feeIn }: Pick<SimOrderRequest, "feeIn">): SimFeeMode {
  if (feeIn === undefined) return account.account.feeMode;
  return feeIn === "base" ? "received" : "quote";
}

/** The highest part of a buy's cost that can become a fee on top of it; 0 unless the quote asset pays. */
export function feeLockRate(marketState: MarketState, mode: SimFeeMode): Decimal {
  if (mode !== "quote") return ZERO;
  return Decimal.max(marketState.market.makerFee, marketState.market.takerFee, ZERO);
}

function thirdAssetFee(state: VenueState, quote: string, asset: string, feeInQuote: Decimal): Decimal | null {
  const price = state.markets.get(`${asset}/${quote}`)?.tape.lastPrice ?? state.assetPrices.get(asset);
  if (price === undefined) return null;
  return round(feeInQuote.times(state.profile.thirdAssetFeeShare).div(price));
}

function round(amount: Decimal): Decimal {
  return amount.toDecimalPlaces(FEE_PLACES, Decimal.ROUND_DOWN);
}
