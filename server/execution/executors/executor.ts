import type { Decimal } from "#server/domain/decimal.ts";
import type { MarketRules } from "#server/domain/market.ts";
import type { OrderSide, OrderType, TimeInForce } from "#server/domain/order/order.ts";
import type { OrderTrigger, RestingTrigger } from "#server/domain/trigger/resting.ts";
import type { VenueId } from "#server/domain/venue.ts";
import type { MovementQuery, VenueMovement } from "#server/execution/executors/venue-movement.ts";

/**
 * What the execution core asks of a venue. Every call that changes something ends as `accepted`, `rejected` or
 * `unknown` and never throws for those (design: the three outcomes). Every call that only looks ends as `ok` or
 * `unavailable`. A thrown error is a bug in Nija, not an answer of the venue.
 */

export interface OrderToSubmit {
  readonly clientOrderId: string; // 18 characters of [a-z0-9]
  readonly symbol: string; // unified: "BTC/USDT"
  readonly side: OrderSide;
  readonly type: OrderType;
  readonly timeInForce: TimeInForce;
  readonly postOnly: boolean;
  readonly quantity: Decimal; // base, a multiple of the step
  readonly limitPrice: Decimal | null; // a multiple of the tick; null only for MARKET
  /** Absent: it works at once. A venue that cannot hold it (`capabilities`) refuses before anything is sent. */
  readonly trigger?: OrderTrigger;
}

/** A definite refusal by the venue, in our words. `detail` is the venue's own text, scrubbed of secrets. */
export type RejectionReason =
  | "INSUFFICIENT_FUNDS"
  | "INVALID_ORDER" // precision, minimum, post-only would take, FOK not fillable
  | "BAD_SYMBOL"
  | "MARKET_CLOSED"
  | "NOT_PERMITTED" // key may not trade
  | "AUTHENTICATION" // key refused: the account stops
  | "ACCOUNT_SUSPENDED";

/** Why nobody can tell whether the venue did it. */
export type UnknownCause =
  | "TIMEOUT"
  | "CONNECTION"
  | "VENUE_ERROR" // 5xx, maintenance
  | "RATE_LIMITED"
  | "BAD_RESPONSE"
  | "NONCE" // nonce or timestamp: resync, look up, retry once
  | "DUPLICATE_CLIENT_ORDER_ID" // an earlier send of ours arrived: look it up
  | "CLIENT_BUG"; // the client library failed while parsing

export interface Rejected {
  readonly kind: "rejected";
  readonly reason: RejectionReason;
  readonly detail: string;
}
export interface Unknown {
  readonly kind: "unknown";
  readonly cause: UnknownCause;
  readonly detail: string;
  /** Set when calls are held back until then: the venue named that time, or the rate budget is used up. */
  readonly pausedUntil?: Date;
  /** Set only when it is certain that no request left this process (held back, or the venue's markets are not known yet). */
  readonly notSent?: true;
}

export type VenueOrderState = "OPEN" | "FILLED" | "CANCELED" | "EXPIRED" | "REJECTED";

/** `waiting` false: the market has been there, and the order works, or has worked, like any other. */
export interface VenueTrigger extends OrderTrigger {
  readonly waiting: boolean;
}

export interface VenueOrder {
  readonly venueOrderId: string;
  readonly clientOrderId: string | null;
  readonly symbol: string;
  readonly side: OrderSide;
  readonly state: VenueOrderState;
  readonly quantity: Decimal;
  readonly filledQuantity: Decimal;
  readonly limitPrice: Decimal | null;
  readonly createdAt: Date | null;
  /** Absent on an order that never waited. One that waits is OPEN. */
  readonly trigger?: VenueTrigger;
}

export interface VenueFill {
  readonly venueTradeId: string;
  readonly venueOrderId: string;
  readonly clientOrderId: string | null;
  readonly symbol: string;
  readonly side: OrderSide;
  readonly price: Decimal;
  readonly quantity: Decimal; // base
  readonly fee: Decimal; // negative = rebate
  readonly feeAsset: string;
  readonly maker: boolean;
  readonly executedAt: Date;
}

export interface VenueBalance {
  readonly asset: string;
  readonly total: Decimal;
  readonly free: Decimal;
}

/**
 * `order` and `fills` are what the answer itself carried. `fills` null means the venue did not report them (fetch
 * them); a list means it is complete for the moment of the answer.
 */
export type SubmitOutcome =
  | {
      readonly kind: "accepted";
      readonly venueOrderId: string;
      readonly order: VenueOrder | null;
      readonly fills: readonly VenueFill[] | null;
    }
  | Rejected
  | Unknown;

/** `gone`: the venue says the order is not open (filled, canceled or never known): look before believing anything. */
export type CancelOutcome =
  | { readonly kind: "accepted" }
  | { readonly kind: "gone"; readonly detail: string }
  | Rejected
  | Unknown;

/** What an open limit order is changed to. `quantity` is the new total in base, with what is filled already. */
export interface OrderChange {
  readonly quantity: Decimal; // a multiple of the step
  readonly limitPrice: Decimal; // a multiple of the tick
}

/**
 * `accepted`: the venue took the change, and this is the order's id from now on; some venues carry it out a moment later, so look for the
 * order's terms. `gone`: as for a cancel. `not-supported`: this venue cannot change an order without giving up its identity; nothing
 * was sent.
 */
export type ReplaceOutcome =
  | { readonly kind: "accepted"; readonly venueOrderId: string }
  | { readonly kind: "gone"; readonly detail: string }
  | { readonly kind: "not-supported" }
  | Rejected
  | Unknown;

/**
 * `armed`: unless it hears from this account again, the venue itself cancels ALL of its open orders, those of other tools too, once its
 * own clock is at `firesAt`; after that the switch is off. `not-supported`: this venue has no such switch; nothing was sent. `unknown`:
 * nobody can tell whether the countdown began anew, or ended.
 */
export type DeadManOutcome =
  | { readonly kind: "armed"; readonly firesAt: Date }
  | { readonly kind: "disarmed" }
  | { readonly kind: "not-supported" }
  | Rejected
  | Unknown;

/**
 * What became of a list of orders, in its order: each item has an outcome of its own, and one that the venue's answer does not name is
 * unknown. `not-supported`: this venue takes no lists, and nothing was sent.
 */
export type BatchResult<Outcome> =
  | { readonly kind: "done"; readonly outcomes: readonly Outcome[] }
  | { readonly kind: "not-supported" };

export type ReadResult<T> =
  | { readonly kind: "ok"; readonly value: T }
  | ({ readonly kind: "unavailable" } & Pick<Unknown, "cause" | "detail" | "pausedUntil">)
  | ({ readonly kind: "refused" } & Pick<Rejected, "reason" | "detail">);

export interface OrderLookup {
  readonly clientOrderId: string;
  readonly venueOrderId: string | null;
  readonly symbol: string;
  /** Nothing of this order can be older than this. */
  readonly since: Date;
}

/** `not-found` names where it looked; it is evidence and never proof by itself. */
export type LookupResult =
  | { readonly kind: "found"; readonly order: VenueOrder; readonly fills: readonly VenueFill[] | null }
  | { readonly kind: "not-found"; readonly searched: readonly ("client-id" | "venue-id" | "open" | "closed" | "fills")[] }
  | Extract<ReadResult<never>, { kind: "unavailable" | "refused" }>;

export interface AccountCheck {
  readonly canRead: boolean;
  readonly canTrade: boolean;
  /** null: this venue has no way to tell. */
  readonly canWithdraw: boolean | null;
  readonly balances: readonly VenueBalance[];
  readonly makerFee: Decimal; // fraction
  readonly takerFee: Decimal; // fraction
  readonly clockOffsetMs: number;
}

/** What differs between venues in a way that the caller must plan for. Known without talking to the venue. */
export interface VenueCapabilities {
  /** Which orders wait at the venue. What is not listed is refused before anything is sent. */
  readonly restingTriggers: readonly RestingTrigger[];
  /** `replace` changes an open order in place. */
  readonly replacesInPlace: boolean;
  /**
   * How many orders a list may have; null where the venue takes none. A call that cancels everything, whoever placed it, is no list: it
   * would touch what is not ours.
   */
  readonly batch: { readonly submitMax: number | null; readonly cancelMax: number | null };
  /** The venue cancels by itself what is open when it does not hear from us, after this many seconds; null where it cannot. */
  readonly deadManSeconds: { readonly min: number; readonly max: number } | null;
}

/** One venue account's private API. At most one worker holds one at a time (lane lease). */
export interface VenueAccountExecutor {
  readonly capabilities: VenueCapabilities;
  submit(order: OrderToSubmit): Promise<SubmitOutcome>;
  cancel(order: OrderLookup): Promise<CancelOutcome>;
  /**
   * Places several orders, at most `capabilities.batch.submitMax`, each under a client order id of its own and each in one request at most.
   * INVARIANT: none is sent again, whatever comes back.
   */
  submitMany(orders: readonly OrderToSubmit[]): Promise<BatchResult<SubmitOutcome>>;
  /** Cancels several orders, at most `capabilities.batch.cancelMax`. */
  cancelMany(orders: readonly OrderLookup[]): Promise<BatchResult<CancelOutcome>>;
  /** Changes an open limit order in place, so that it is never live twice. Makes one changing request at most. */
  replace(order: OrderLookup, change: OrderChange): Promise<ReplaceOutcome>;
  /** Starts the venue's countdown, or starts it anew; `seconds` is whole and within `capabilities`. One request at most. */
  armDeadMan(seconds: number): Promise<DeadManOutcome>;
  /** Ends the countdown. One request at most. */
  disarmDeadMan(): Promise<DeadManOutcome>;
  find(order: OrderLookup): Promise<LookupResult>;
  openOrders(symbols: readonly string[]): Promise<ReadResult<readonly VenueOrder[]>>;
  /** Every fill at or after `since` in these symbols, paged to the end, oldest first. */
  fills(query: { readonly symbols: readonly string[]; readonly since: Date }): Promise<ReadResult<readonly VenueFill[]>>;
  balances(): Promise<ReadResult<readonly VenueBalance[]>>;
  /** Deposits, withdrawals and rewards at or after `since`, as far as the venue's lists tell a trading key of them. */
  movements(query: MovementQuery): Promise<ReadResult<readonly VenueMovement[]>>;
  check(): Promise<ReadResult<AccountCheck>>;
  /** After an unknown with cause NONCE: measures the venue's clock again and skips ahead where nonces are counted. Never throws. */
  resyncClock(): Promise<void>;
  /**
   * Private streams, as hints: calls `onHint` when something about this account's orders or fills changed and
   * `onDown` when the stream is lost or silent. Returns the stop function.
   */
  watch(handlers: { readonly onHint: (symbol: string | null) => void; readonly onDown: (detail: string) => void }): () => void;
  close(): Promise<void>;
}

export interface OpenedCredential {
  readonly apiKey: string;
  readonly secret: string;
  readonly password?: string;
}

export interface BookUpdate {
  readonly venue: VenueId;
  readonly symbol: string;
  readonly bids: readonly (readonly [price: string, quantity: string])[]; // best first
  readonly asks: readonly (readonly [price: string, quantity: string])[];
  readonly at: Date; // when it was received
}

/** One venue's public API, shared by all accounts, without keys. */
export interface VenuePublicClient {
  /** Listed spot markets with their rules and default fees. Cached by the caller. */
  markets(): Promise<ReadResult<readonly MarketRules[]>>;
  book(symbol: string, depth: number): Promise<ReadResult<BookUpdate>>;
  /** Streams books of these symbols; falls back to polling when the stream is silent. Returns the stop function. */
  watchBooks(symbols: readonly string[], onBook: (update: BookUpdate) => void, onDown: (detail: string) => void): () => void;
  close(): Promise<void>;
}

/** Where venues are reached. `origins` redirects every REST and WebSocket host, for the paper venues only. */
export interface VenueEndpoints {
  readonly origins: Readonly<Partial<Record<VenueId, { readonly http: string; readonly ws: string }>>>;
}

export interface ExecutorFactory {
  account(venue: VenueId, mode: "PAPER" | "LIVE", credential: OpenedCredential): Promise<VenueAccountExecutor>;
  public(venue: VenueId, mode: "PAPER" | "LIVE"): Promise<VenuePublicClient>;
}
