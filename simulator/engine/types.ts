import type { Decimal } from "#server/domain/decimal.ts";
import type { VenueId } from "#server/domain/venue.ts";

/** The paper venues. Names are ccxt's ids. */
export type SimVenueId = VenueId;

export type SimSide = "buy" | "sell";
export type SimTimeInForce = "GTC" | "IOC" | "FOK";
export type SimOrderType = "market" | "limit";
export type SimOrderStatus = "open" | "filled" | "canceled" | "expired";

/** A spot market as the venue lists it. Amounts in base, prices in quote per base. */
export interface SimMarket {
  readonly symbol: string; // unified: "BTC/USDT"
  readonly base: string;
  readonly quote: string;
  readonly priceTick: Decimal;
  readonly amountStep: Decimal;
  readonly amountMin: Decimal; // base; 0 = none
  readonly costMin: Decimal; // quote; 0 = none
  readonly makerFee: Decimal; // fraction: 0.001 = 10 bps
  readonly takerFee: Decimal;
}

/** [price, amount], best first. `sequence` rises by one at every change of the book. */
export type SimLevel = readonly [price: Decimal, amount: Decimal];
export interface SimBook {
  readonly symbol: string;
  readonly at: number; // ms
  readonly sequence: number;
  readonly bids: readonly SimLevel[];
  readonly asks: readonly SimLevel[];
}

export interface SimTicker {
  readonly symbol: string;
  readonly at: number;
  readonly bid: Decimal;
  readonly bidAmount: Decimal;
  readonly ask: Decimal;
  readonly askAmount: Decimal;
  readonly last: Decimal;
  readonly open24h: Decimal;
  readonly high24h: Decimal;
  readonly low24h: Decimal;
  readonly baseVolume24h: Decimal;
  readonly quoteVolume24h: Decimal;
}

export interface SimPublicTrade {
  readonly id: string;
  readonly symbol: string;
  readonly at: number;
  readonly price: Decimal;
  readonly amount: Decimal;
  readonly takerSide: SimSide;
}

export interface SimCandle {
  readonly openAt: number; // ms, bar open
  readonly open: Decimal;
  readonly high: Decimal;
  readonly low: Decimal;
  readonly close: Decimal;
  readonly volume: Decimal; // base
}

/** In which asset a venue takes its fee: what is received, the quote, or a third asset (binance's BNB discount). */
export type SimFeeMode = "received" | "quote" | { readonly asset: string };

export interface SimAccount {
  readonly id: string;
  readonly venue: SimVenueId;
  readonly apiKey: string;
  readonly passphrase?: string; // where the venue asks for a third part (okx, kucoin), as the user would hold it
  readonly secret: string; // as the user would hold it: HMAC secret, EC PEM (private; the face derives the public key), base64
  readonly feeMode: SimFeeMode;
  readonly permissions: { readonly read: boolean; readonly trade: boolean; readonly withdraw: boolean };
}

export interface SimBalance {
  readonly asset: string;
  readonly free: Decimal;
  readonly locked: Decimal; // held by open orders
}

/**
 * An order that waits, out of the book and with its funds locked, until the market price reaches `price`. A stop-loss waits for a
 * worse price for its owner (a sell for a lower one), a take-profit for a better one.
 */
export interface SimTrigger {
  readonly kind: "stop-loss" | "take-profit";
  readonly price: Decimal;
}

export interface SimOrderRequest {
  readonly symbol: string;
  readonly side: SimSide;
  readonly type: SimOrderType;
  readonly amount?: Decimal; // base
  readonly cost?: Decimal; // quote; market buys only, instead of amount
  readonly price?: Decimal; // limit only
  readonly timeInForce: SimTimeInForce;
  readonly postOnly: boolean;
  readonly clientOrderId?: string;
  /** Takes this order's fee in its market's base or quote instead of by the account's fee mode (kraken's fcib and fciq). */
  readonly feeIn?: "base" | "quote";
  /** Waits for this first; then it is matched as its type says. Not with `cost` or `postOnly`. */
  readonly trigger?: SimTrigger;
}

export interface SimOrderChange {
  readonly price?: Decimal;
  readonly amount?: Decimal; // new total, with what is filled
  readonly triggerPrice?: Decimal;
}

export interface SimOrder {
  readonly id: string; // venue's own form
  readonly accountId: string;
  readonly clientOrderId: string | null;
  readonly symbol: string;
  readonly side: SimSide;
  readonly type: SimOrderType;
  readonly timeInForce: SimTimeInForce;
  readonly postOnly: boolean;
  readonly price: Decimal | null;
  readonly amount: Decimal; // base
  readonly filled: Decimal;
  readonly cost: Decimal; // quote filled so far
  readonly status: SimOrderStatus;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Only on an order that was placed with a trigger. It is open and waits while `triggeredAt` (ms) is null. */
  readonly trigger?: SimTrigger & { readonly triggeredAt: number | null };
}

export interface SimFill {
  readonly id: string; // venue's trade id
  readonly orderId: string;
  readonly clientOrderId: string | null;
  readonly accountId: string;
  readonly symbol: string;
  readonly side: SimSide;
  readonly price: Decimal;
  readonly amount: Decimal;
  readonly fee: Decimal; // may be negative: rebate
  readonly feeAsset: string;
  readonly maker: boolean;
  readonly at: number;
}

/** Funds that came from outside or left. */
export interface SimMovement {
  readonly id: string; // venue's own form
  readonly accountId: string;
  readonly kind: "deposit" | "withdrawal" | "reward";
  readonly asset: string;
  readonly amount: Decimal; // positive, without the fee
  readonly fee: Decimal; // of a withdrawal, on top of the amount
  readonly at: number;
}

/** Why the venue says no. Each protocol face maps these to its venue's documented error body. */
export type SimRejectReason =
  | "unknown-symbol"
  | "insufficient-funds"
  | "price-tick"
  | "amount-step"
  | "amount-min"
  | "cost-min"
  | "would-take" // post-only order that would match
  | "duplicate-client-id"
  | "unknown-order"
  | "bad-request"
  | "not-permitted";

export type SimResult<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: SimRejectReason };

/** What a face pushes to sockets. `order` carries the state after the change, `fill` comes after the order's own event. */
export type SimEvent =
  | { readonly kind: "book"; readonly book: SimBook }
  | { readonly kind: "ticker"; readonly ticker: SimTicker }
  | { readonly kind: "trade"; readonly trade: SimPublicTrade }
  | { readonly kind: "order"; readonly order: SimOrder }
  | { readonly kind: "fill"; readonly fill: SimFill; readonly order: SimOrder }
  | { readonly kind: "balance"; readonly accountId: string; readonly balances: readonly SimBalance[] };

/**
 * One paper venue. Synchronous and single-threaded: a call either changes everything it should or nothing.
 * Reads of an account's own orders and fills already respect the faults set by the control API (forgotten orders,
 * late or duplicated fills); the control API's own record (`/control/books`) never does.
 */
export interface VenueEngine {
  readonly venue: SimVenueId;
  /** The venue's clock in ms; the clock-skew fault moves it. */
  now(): number;
  markets(): readonly SimMarket[];
  market(symbol: string): SimMarket | undefined;
  book(symbol: string, depth?: number): SimBook | undefined;
  ticker(symbol: string): SimTicker | undefined;
  publicTrades(symbol: string, limit: number): readonly SimPublicTrade[];
  candles(symbol: string, timeframeMs: number, since: number | undefined, limit: number): readonly SimCandle[];

  accountByKey(apiKey: string): SimAccount | undefined;
  balances(accountId: string): readonly SimBalance[];
  place(accountId: string, request: SimOrderRequest): SimResult<{ readonly order: SimOrder; readonly fills: readonly SimFill[] }>;
  cancel(accountId: string, orderId: string): SimResult<SimOrder>;
  /**
   * Sets the account's dead man's switch: the venue itself cancels all of its open orders once its clock is at `at` (ms); null
   * switches it off. `canceling` hears of each order just before.
   */
  cancelAllAt(accountId: string, at: number | null, canceling?: (order: SimOrder) => void): void;
  /** Price and/or amount of an open limit order, and of what still waits also the trigger's price; keeps its id. */
  replace(accountId: string, orderId: string, change: SimOrderChange): SimResult<SimOrder>;
  /**
   * Whether an order with this trigger would not have to wait at all now. Venues that refuse such an order say so before they place it;
   * `place` lets it go to work at once.
   */
  wouldTrigger(symbol: string, side: SimSide, trigger: SimTrigger): boolean;
  order(accountId: string, orderId: string): SimOrder | undefined;
  orderByClientId(accountId: string, clientOrderId: string): SimOrder | undefined;
  openOrders(accountId: string, symbol?: string): readonly SimOrder[];
  /** Newest last. */
  orders(
    accountId: string,
    query: { symbol?: string; since?: number; until?: number; limit?: number; open?: boolean },
  ): readonly SimOrder[];
  /** Oldest first. */
  fills(
    accountId: string,
    query: { symbol?: string; orderId?: string; since?: number; until?: number; limit?: number },
  ): readonly SimFill[];

  /** Deposits, withdrawals and rewards that the venue's lists tell of, oldest first. */
  movements(
    accountId: string,
    query: { kinds?: readonly SimMovement["kind"][]; since?: number | undefined; until?: number | undefined },
  ): readonly SimMovement[];

  /** Returns the unsubscribe function. */
  subscribe(listener: (event: SimEvent) => void): () => void;
}
