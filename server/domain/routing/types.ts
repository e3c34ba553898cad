import type { Decimal } from "#server/domain/decimal.ts";
import type { VenueAccountId } from "#server/domain/ids.ts";
import type { MarketRules } from "#server/domain/market.ts";
import type { OrderSide, OrderType, TimeInForce } from "#server/domain/order/order.ts";
import type { TradingState } from "#server/domain/risk/trading-state.ts";
import type { VenueId } from "#server/domain/venue.ts";

/**
 * One offer of the book, as floats: a book is an estimate that is out of date when it arrives, the router reads thousands of
 * levels within a millisecond, and nothing is booked from it. What becomes an order (quantity, worst price) is Decimal.
 */
export interface BookLevel {
  readonly price: number;
  readonly quantity: number;
}

/** Best level first on both sides. `ageMs` is measured by the caller against its own clock. */
export interface BookSnapshot {
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
  readonly ageMs: number;
}

/** Counts over the last 100 orders. Refusals for the user's own reasons and resting limits are not failures. */
export interface OutcomeCounts {
  readonly successes: number;
  readonly tries: number;
}

/** Everything the router knows about one venue account at the moment of deciding. */
export interface RouteCandidate {
  readonly venueAccountId: VenueAccountId;
  readonly venue: VenueId;
  /** Switched on, with a checked credential. */
  readonly enabled: boolean;
  /** The strictest of platform, venue and workspace. */
  readonly tradingState: TradingState;
  /** Null when the venue does not list the symbol. */
  readonly rules: MarketRules | null;
  /** Free balance of what the order spends: quote for a buy, base for a sell. */
  readonly available: Decimal;
  readonly breakerOpen: boolean;
  /** The market has fallen too far today: nobody buys it there. */
  readonly buysStopped?: boolean;
  /** Requests left before the key or address would be limited. */
  readonly rateBudgetLeft: number;
  readonly book: BookSnapshot | null;
  /** Fractions: 0.001 is 10 bps. Negative is a rebate. */
  readonly takerFeeRate: Decimal;
  readonly makerFeeRate: Decimal;
  /** Median of this account's order calls; null before the first. */
  readonly latencyMsP50: number | null;
  readonly venueOutcomes: OutcomeCounts;
  readonly pairOutcomes: OutcomeCounts;
  readonly ordersWaiting: number;
}

export interface RouteRequest {
  readonly symbol: string;
  readonly side: OrderSide;
  readonly type: OrderType;
  readonly quantity: Decimal;
  readonly limitPrice: Decimal | null;
  readonly postOnly: boolean;
  /** Decides only whether the order may be split: a FOK never is. */
  readonly timeInForce?: TimeInForce;
  /** How far from the mid the order may reach. */
  readonly slippageCapBps: number;
  /** An older book says too little about what the order would meet; default `BOOK_AGE_MS_MAX`. */
  readonly bookAgeMsMax?: number;
  /** Exits, stops and targets never route: the account that holds the position. Null for entries. */
  readonly pinnedTo: VenueAccountId | null;
}

export const ROUTE_GATES = [
  "PINNED_ACCOUNT",
  "ACCOUNT_ENABLED",
  "TRADING_STATE",
  "SYMBOL_LISTED",
  "ORDER_FITS_RULES",
  "BALANCE_SUFFICES",
  "BREAKER_CLOSED",
  "MARKET_STEADY",
  "RATE_BUDGET_LEFT",
  "BOOK_FRESH",
  "DEPTH_SUFFICES",
] as const;
export type RouteGate = (typeof ROUTE_GATES)[number];

export interface GateResult {
  readonly gate: RouteGate;
  readonly passed: boolean;
  /** One sentence when it did not pass. */
  readonly reason: string | null;
}

export interface ScoreComponents {
  readonly cost: number;
  readonly success: number;
  readonly latency: number;
  readonly load: number;
  readonly pair: number;
}

/** What the book promised for this size; estimates, see `BookLevel`. */
export interface RouteEstimate {
  /** Average price of what would fill now; null for an order that rests. */
  readonly averagePrice: number | null;
  /** Of the average price, from the best mid among the candidates that passed. */
  readonly slippageBps: number;
  readonly feeBps: number;
  /** The price the order would not cross. */
  readonly worstPrice: Decimal;
}

/** How one candidate fared. */
export interface CandidateVerdict {
  readonly venueAccountId: VenueAccountId;
  readonly venue: VenueId;
  readonly passed: boolean;
  readonly gates: readonly GateResult[];
  /** Fee plus slippage for this size, in bps; null when a gate failed before the book was read. */
  readonly costBps: number | null;
  /** Null without a usable book. */
  readonly estimate: RouteEstimate | null;
  readonly components: ScoreComponents | null;
  /** 0 to 100; null when a gate failed. */
  readonly score: number | null;
  /** Why it was chosen or not, one sentence. */
  readonly reason: string;
}

/** One order to place. Splitting makes several legs of one intent. */
export interface RouteLeg {
  readonly venueAccountId: VenueAccountId;
  readonly venue: VenueId;
  readonly quantity: Decimal;
  /** The price the leg must not cross, on the venue's tick; null for an exit without a usable book. */
  readonly worstPrice: Decimal | null;
}

interface RouteRecord {
  readonly weightsVersion: number;
  readonly candidates: readonly CandidateVerdict[];
}

export type RouteDecision =
  | (RouteRecord & { readonly ok: true; readonly chosen: VenueAccountId; readonly legs: readonly RouteLeg[] })
  | (RouteRecord & { readonly ok: false; readonly code: "ROUTE_NONE_AVAILABLE" });
