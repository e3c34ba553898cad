import type { Decimal } from "#server/domain/decimal.ts";
import type { MarketRules } from "#server/domain/market.ts";
import type {
  OrderChange,
  OrderLookup,
  OrderToSubmit,
  RejectionReason,
  VenueBalance,
  VenueFill,
  VenueOrder,
} from "#server/execution/executors/executor.ts";
import type { MovementQuery, VenueMovement } from "#server/execution/executors/venue-movement.ts";
import type { RestingTrigger } from "#server/domain/trigger/resting.ts";
import type { ReadRefusal } from "#server/execution/executors/ccxt/outcome.ts";
import type { CallWeight, VenueBudgets } from "#server/execution/executors/ccxt/shared-limits.ts";
import type { WireRecord } from "#server/execution/executors/ccxt/wire-value.ts";
import type { VenueMarkets } from "#server/execution/executors/ccxt/venue-markets.ts";
import type { Exchange, Market } from "ccxt";

/** A market and every name the venue uses for it. */
export interface ListedMarket {
  readonly rules: MarketRules;
  readonly venueSymbol: string;
  readonly otherNames: readonly string[];
}

export interface MarketListing {
  readonly listed: readonly ListedMarket[];
  /** The same markets in the client library's form, for its streams. */
  readonly library: readonly Market[];
}

export interface Levels {
  readonly bids: readonly (readonly [price: string, quantity: string])[]; // best first
  readonly asks: readonly (readonly [price: string, quantity: string])[];
}

/** A venue's public calls. They throw the client library's errors or `MalformedAnswer`. */
export interface PublicWire {
  readClockMs(): Promise<number>;
  listMarkets(): Promise<MarketListing>;
  book(market: ListedMarket, depth: number): Promise<Levels>;
  /** The books of all these markets in one request, by unified symbol; one that is missing has no book. Only where `streamsNeedKey`. */
  books?(markets: readonly ListedMarket[], depth: number): Promise<ReadonlyMap<string, Levels>>;
}

export interface SubmitAnswer {
  readonly venueOrderId: string;
  readonly order: VenueOrder | null;
  readonly fills: readonly VenueFill[] | null;
}

/** `send` makes exactly one request; `request` is what it sends, and is there where the bulk wire takes lists of it. An order this venue cannot express is refused here, before anything is sent. */
export type PreparedSubmit =
  | { readonly ok: true; readonly send: () => Promise<SubmitAnswer>; readonly request?: WireRecord }
  | { readonly ok: false; readonly detail: string };

export type CancelAnswer =
  | { readonly kind: "accepted" }
  | { readonly kind: "gone"; readonly detail: string }
  | { readonly kind: "rejected"; readonly reason: RejectionReason; readonly detail: string }
  | { readonly kind: "venue-id-needed" };

export type ReplaceAnswer =
  | { readonly kind: "accepted"; readonly venueOrderId: string }
  | Exclude<CancelAnswer, { readonly kind: "accepted" }>;

type SearchPlace = "client-id" | "venue-id" | "open" | "closed" | "fills";

/** One place to look for an order. Null means that it is not there. */
export interface SearchStep {
  readonly place: SearchPlace;
  readonly look: () => Promise<VenueOrder | null>;
}

export interface KeyPermissions {
  readonly canRead: boolean;
  readonly canTrade: boolean;
  readonly canWithdraw: boolean | null;
}

export interface FeeRates {
  readonly maker: Decimal; // fraction
  readonly taker: Decimal; // fraction
}

/** A venue's private calls for one key. They throw like the public ones. */
export interface PrivateWire {
  prepareSubmit(order: OrderToSubmit, market: ListedMarket): PreparedSubmit;
  cancel(order: OrderLookup, market: ListedMarket): Promise<CancelAnswer>;
  /** One request. Only where `traits.replacesInPlace`, and then always: the order keeps its identity at the venue. */
  replace?(order: OrderLookup, market: ListedMarket, change: OrderChange): Promise<ReplaceAnswer>;
  searchSteps(order: OrderLookup, market: ListedMarket): readonly SearchStep[];
  fillsOfOrder(order: VenueOrder, market: ListedMarket, since: Date): Promise<readonly VenueFill[]>;
  /** Empty `markets` means all of them. */
  openOrders(markets: readonly ListedMarket[]): Promise<readonly VenueOrder[]>;
  /** Those of one moment in the order they happened; possibly with neighbours outside the question. The caller filters and sorts. */
  fills(markets: readonly ListedMarket[], since: Date): Promise<readonly VenueFill[]>;
  balances(): Promise<readonly VenueBalance[]>;
  permissions(): Promise<KeyPermissions>;
  feeRates(market: ListedMarket | null): Promise<FeeRates>;
}

/** A venue's private calls that are about many orders at once. They throw like the others; one that is absent does not exist there. */
export interface BulkWire {
  /** Cancels all that is open after so many seconds, 0 for never; answers when, by the venue's clock. Only with `traits.deadManSeconds`. */
  cancelAllAfter?(seconds: number): Promise<Date | null>;
  readonly submitMany?: BatchCall<BatchOrder, SubmitAnswer> & {
    /** A list is for one market. Absent: it may be for many. */
    readonly perMarket?: true;
    /** Orders that lists do not take go by themselves. Absent: all of them do. */
    takes?(order: OrderToSubmit): boolean;
  };
  readonly cancelMany?: BatchCall<BatchCancel, Exclude<CancelAnswer, { readonly kind: "venue-id-needed" }>> & {
    /** Only the venue's own ids are understood. */
    readonly byVenueId?: true;
  };
}

export interface BatchOrder {
  readonly order: OrderToSubmit;
  readonly market: ListedMarket;
  readonly request: WireRecord;
}

export interface BatchCancel {
  readonly order: OrderLookup;
  readonly market: ListedMarket;
}

/**
 * One request about a list. `send` answers for each item, in its order: the answer, or the error that the venue gave for it alone. What the
 * venue's answer does not name is a `MalformedAnswer`. It throws when the whole request failed.
 */
export interface BatchCall<Item, Answer> {
  readonly max: number;
  send(items: readonly Item[]): Promise<readonly (Answer | Error)[]>;
}

/** An instance of the client library that has not been used yet, with our view of it. */
export interface FreshConnection {
  readonly exchange: Exchange;
  readonly publicWire: PublicWire;
  readonly privateWire: (markets: VenueMarkets) => PrivateWire;
  /** Absent: this venue has none of it. */
  readonly bulkWire?: BulkWire;
  /** Throws like the private wire. */
  readonly movements: (query: MovementQuery) => Promise<readonly VenueMovement[]>;
  /** What else must be subscribed to for the order stream to stay open. Cheap to repeat. */
  readonly keepStreamOpen: () => void;
}

/** One venue: what is known of it, and how to talk to it. */
export interface VenueDriver {
  readonly traits: VenueTraits;
  readonly connect: (settings: Record<string, unknown>) => FreshConnection;
}

/** What is known of a venue without talking to it. */
export interface VenueTraits {
  readonly budgets: VenueBudgets;
  /** Private calls must arrive in the order of their nonces, so they go one after the other. */
  readonly serialPrivateCalls: boolean;
  /** The venue's limit for private calls is the address's and not the key's. */
  readonly countsPerAddress: boolean;
  /** How long to be silent after a rate limit for which the venue named no time. */
  readonly pauseMs: number;
  /** Settings of the client library that keep it from making calls nobody asked for. */
  readonly libraryOptions: Readonly<Record<string, unknown>>;
  isPrivate(api: unknown, path: string): boolean;
  weigh(path: string, method: string, params: Readonly<Record<string, unknown>>): CallWeight;
  readonly readRefusal: ReadRefusal;
  /** Levels to ask a streamed book for, where the venue wants to be told. */
  readonly bookStreamDepth: number | undefined;
  /** A wrong clock looks like a wrong key here: measure before believing that the key is bad. */
  readonly clockLooksLikeBadKey: boolean;
  /** Which orders with a trigger `prepareSubmit` can express. Absent: none, and none ever reaches it. */
  readonly restingTriggers?: readonly RestingTrigger[];
  /** The wire has `replace`. Absent: no. */
  readonly replacesInPlace?: boolean;
  /** The bulk wire has `cancelAllAfter`, for a whole number of seconds in these bounds. Absent: no. */
  readonly deadManSeconds?: { readonly min: number; readonly max: number };
  /** The full list of markets and the clock are told only to a key: accounts lend their connections for that. Absent: no. */
  readonly publicNeedsKey?: true;
  /** Even public data is streamed only to a key: books are polled, all in one request (`PublicWire.books`). Absent: no. */
  readonly streamsNeedKey?: true;
}
