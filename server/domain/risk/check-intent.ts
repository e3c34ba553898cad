import type { Decimal } from "#server/domain/decimal.ts";
import type { OrderId } from "#server/domain/ids.ts";
import { reserveFor } from "#server/domain/ledger/reserve.ts";
import type { MarketRules } from "#server/domain/market.ts";
import type { Money } from "#server/domain/money/money.ts";
import type { OrderSide, OrderTerms } from "#server/domain/order/order.ts";
import { blocksNewRisk, isTerminal, type OrderState } from "#server/domain/order/state.ts";
import { checkLimits, type RiskUsage } from "#server/domain/risk/check-limits.ts";
import { checkPriceBand, checkTerms, deny, findFittingMarket } from "#server/domain/risk/check-terms.ts";
import type { HeldBack } from "#server/domain/protection/rejection-streak.ts";
import type { Denial } from "#server/domain/risk/denial-codes.ts";
import { meets } from "#server/domain/risk/self-trade.ts";
import type { EffectiveLimits } from "#server/domain/risk/tiers.ts";
import { strictestTradingState, type TradingStates } from "#server/domain/risk/trading-state.ts";
import type { AccountMode, VenueId } from "#server/domain/venue.ts";
import { capPrice } from "#server/domain/routing/walk-book.ts";

/** Who asks. `ADMIN` may only close; `BOT` and `PLATFORM` (stops, close-all) act for the workspace. */
export type IntentActor = "OWNER" | "TRADER" | "VIEWER" | "BOT" | "PLATFORM" | "ADMIN" | "SUPPORT";

/** An older price does not judge a new order. */
export const REFERENCE_AGE_MS_MAX = 10_000;

/** One of the workspace's orders that is not terminal, in any market. */
export interface OwnOrder {
  readonly orderId: OrderId;
  readonly symbol: string;
  readonly side: OrderSide;
  readonly state: OrderState;
  readonly limitPrice: Decimal | null;
  /** Null while it is not routed. */
  readonly venue: VenueId | null;
  /** Of the account that it was routed to: paper and live orders never meet. */
  readonly mode?: AccountMode | null;
}

export interface IntentCheckInput {
  readonly actor: IntentActor;
  readonly terms: OrderTerms;
  /** It only reduces a position that the platform holds. Verified here against `positionQuantity`. */
  readonly isExit: boolean;
  readonly mode: AccountMode;
  readonly liveTradingEnabled: boolean;
  readonly tradingStates: TradingStates;
  readonly limits: EffectiveLimits;
  readonly usage: RiskUsage;
  /** The rules of every venue account that may take the order; exactly one when it is routed or an exit. */
  readonly markets: readonly MarketRules[];
  /** Null while it is not routed. */
  readonly venue: VenueId | null;
  /** Free balance of what the order spends: quote for a buy, base for a sell. */
  readonly available: Decimal;
  /** Base that the platform holds in this market, for exits. */
  readonly positionQuantity: Decimal;
  readonly reference: { readonly price: Decimal; readonly ageMs: number } | null;
  /** USD per unit of quote; null when unknown. */
  readonly quoteUsdRate: Decimal | null;
  readonly ownOrders: readonly OwnOrder[];
  /** Set while the named account's venue keeps refusing orders of this kind. */
  readonly heldBack?: HeldBack | null;
  /** Until when no account that may take the order buys this market, because it has fallen too far today. */
  readonly buysStoppedUntil?: Date | null;
  /** Fraction, the worst of the accounts that may take the order. */
  readonly feeRate: Decimal;
  /** How far a market order may reach from the reference price. */
  readonly slippageCapBps: number;
}

export type IntentCheck =
  | {
      readonly allowed: true;
      /** What to set aside for it. */
      readonly reserve: Money;
      /** Own resting orders that this exit would meet: cancel them first. Always empty for entries, which are denied. */
      readonly cancelFirst: readonly OrderId[];
    }
  | ({ readonly allowed: false } & Denial);

function checkActor({ actor, isExit, mode, liveTradingEnabled }: IntentCheckInput): Denial | null {
  const allowed =
    actor === "OWNER" || actor === "TRADER" || actor === "BOT" || actor === "PLATFORM" || (actor === "ADMIN" && isExit);
  if (!allowed) return deny("ACTOR_NOT_ALLOWED", { actor });
  if (mode === "LIVE" && !liveTradingEnabled) return deny("MODE_LIVE_NOT_ENABLED");
  return null;
}

function checkTradingState({ tradingStates, isExit }: IntentCheckInput): Denial | null {
  const { state, scope } = strictestTradingState(tradingStates);
  if (state === "HALTED") return deny("TRADING_HALTED", { scope });
  if (state === "REDUCING" && !isExit) return deny("TRADING_REDUCING", { scope });
  return null;
}

function checkHeldBack({ heldBack }: IntentCheckInput): Denial | null {
  if (heldBack === undefined || heldBack === null) return null;
  return deny("REJECTED_REPEATEDLY", { reason: heldBack.reason, until: heldBack.until.toISOString() });
}

/** An exit is what it claims to be: otherwise the flag would be a way round every limit. */
function checkExit({ isExit, terms, positionQuantity }: IntentCheckInput): Denial | null {
  if (!isExit || (terms.side === "SELL" && terms.quantity.lte(positionQuantity))) return null;
  return deny("EXIT_EXCEEDS_POSITION", { held: positionQuantity.toString() });
}

/**
 * Own resting orders on the other side that this order would trade against, at the same venue or before routing. A market entry goes no
 * further than its slippage cap, and the worker looks again with the price that it was routed at; an exit may have to go anywhere.
 */
function crossedOwnOrders({ terms, isExit, mode, ownOrders, venue, reference, slippageCapBps }: IntentCheckInput): OrderId[] {
  const crossed: OrderId[] = [];
  const capped = isExit || reference === null ? null : capPrice(reference.price, terms.side, slippageCapBps);
  const furthest = terms.limitPrice ?? capped;
  for (const own of ownOrders) {
    if (own.symbol !== terms.symbol || own.side === terms.side || own.limitPrice === null || isTerminal(own.state)) continue;
    if (venue !== null && own.venue !== null && venue !== own.venue) continue;
    if (own.mode !== undefined && own.mode !== null && own.mode !== mode) continue;
    if (meets(terms.side, furthest, own.limitPrice)) crossed.push(own.orderId);
  }
  return crossed;
}

/** All that only binds new risk: price, unresolved orders, limits. Returns null when the entry may go on. */
function checkEntry(input: IntentCheckInput): Denial | null {
  const { terms, reference, quoteUsdRate, ownOrders, usage, limits } = input;
  const { buysStoppedUntil = null } = input;
  if (terms.side === "BUY" && buysStoppedUntil !== null) return deny("MARKET_FELL", { until: buysStoppedUntil.toISOString() });
  if (reference === null || quoteUsdRate === null) return deny("PRICE_UNKNOWN", { symbol: terms.symbol });
  if (reference.ageMs > REFERENCE_AGE_MS_MAX) return deny("PRICE_STALE", { ageMs: String(Math.round(reference.ageMs)) });
  const unresolved = ownOrders.find((own) => own.symbol === terms.symbol && blocksNewRisk(own.state));
  if (unresolved !== undefined) return deny("MARKET_UNRESOLVED_ORDER", { orderId: unresolved.orderId });
  const band = checkPriceBand(terms, reference.price);
  if (band !== null) return band;
  const orderUsd = terms.quantity.times(terms.limitPrice ?? reference.price).times(quoteUsdRate);
  return checkLimits(terms.side, orderUsd, usage, limits);
}

function checkFunds(input: IntentCheckInput, rules: MarketRules, cancelFirst: readonly OrderId[]): IntentCheck {
  const { terms, reference, available, feeRate, slippageCapBps } = input;
  const cap = terms.limitPrice ?? (reference === null ? null : capPrice(reference.price, terms.side, slippageCapBps));
  if (terms.side === "BUY" && cap === null) return { allowed: false, ...deny("PRICE_UNKNOWN", { symbol: terms.symbol }) };
  const order = { side: terms.side, base: rules.base, quote: rules.quote, quantity: terms.quantity };
  // A sell sets base aside, which no price changes.
  const reserve = reserveFor(order, cap ?? terms.quantity, feeRate);
  if (reserve.amount.gt(available)) {
    const details = { needed: reserve.amount.toString(), available: available.toString(), asset: reserve.asset };
    return { allowed: false, ...deny("BALANCE_INSUFFICIENT", details) };
  }
  return { allowed: true, reserve, cancelFirst };
}

/**
 * Decides whether an intent becomes an order, when it is accepted and again just before it is sent. Pure; the caller reads
 * the input under the workspace's risk lock. Exits (verified to be exits) are held back by nothing that limits new risk.
 * For the second check the order itself is left out of `ownOrders` and `usage`, and its own reserve counts as available.
 */
export function checkIntent(input: IntentCheckInput): IntentCheck {
  const { terms, isExit } = input;
  const refusal = checkActor(input) ?? checkTradingState(input) ?? checkTerms(terms) ?? checkExit(input) ?? checkHeldBack(input);
  if (refusal !== null) return { allowed: false, ...refusal };
  const market = findFittingMarket(terms, input.markets, input.reference?.price ?? null);
  if ("denial" in market) return { allowed: false, ...market.denial };
  const crossed = crossedOwnOrders(input);
  if (!isExit) {
    const entryRefusal = checkEntry(input);
    if (entryRefusal !== null) return { allowed: false, ...entryRefusal };
    const own = crossed[0];
    if (own !== undefined) return { allowed: false, ...deny("ORDER_SELF_TRADE", { orderId: own }) };
  }
  return checkFunds(input, market.rules, isExit ? crossed : []);
}
