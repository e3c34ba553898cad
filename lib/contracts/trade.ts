import { z } from "zod";
import type { CandidateView } from "#server/domain/routing/describe-candidates.ts";
import type { RestingKind } from "#server/domain/trigger/resting.ts";
import {
  type mode,
  type orderState,
  orderType,
  positiveDecimalText,
  side,
  symbolText,
  timeInForce,
  uuid,
  venueId,
} from "./scalars.ts";
import type { ReplacementDto } from "./replace.ts";
import { bracketInput } from "./triggers.ts";
import { type OverTimeInput, overTimeInput } from "./twap.ts";

/** What the ticket sends. `intentId` is minted by the ticket and kept, so that a repeat has no second effect. */
export const placeIntentInput = z
  .strictObject({
    workspaceId: uuid,
    intentId: uuid,
    symbol: symbolText,
    side,
    type: orderType,
    timeInForce,
    postOnly: z.boolean(),
    quantity: positiveDecimalText, // base
    limitPrice: positiveDecimalText.nullable(),
    /** Null lets the router choose; exits name the account that holds the position. */
    venueAccountId: uuid.nullable(),
    isExit: z.boolean(),
    /** Stops and targets that the fills of a buy arm. */
    bracket: bracketInput.optional(),
    /**
     * In slices over a time, or null for at once. Left out, a market entry worth more than the workspace's limit (10,000 USD unless it has
     * set another) and without stops and targets is worked off over time, and everything else goes at once. Exits always go at once.
     * With a schedule, `limitPrice` is the price beyond which no slice trades.
     */
    overTime: overTimeInput.nullable().optional(),
  })
  .refine(({ overTime, isExit, bracket }) => !overTime || (!isExit && bracket === undefined), {
    path: ["overTime"],
    message: "Only an entry without stops and targets can be worked off over time",
  })
  .refine(({ overTime, timeInForce, postOnly }) => !overTime || (timeInForce === "IOC" && !postOnly), {
    path: ["overTime"],
    message: "Each part is immediate-or-cancel",
  })
  .refine((input) => input.bracket === undefined || (input.side === "BUY" && !input.isExit), {
    path: ["bracket"],
    message: "Only a buy that opens a position can have stops and targets",
  })
  .refine((input) => (input.type === "LIMIT") === (input.limitPrice !== null), {
    path: ["limitPrice"],
    message: "A limit order needs a price and a market order has none",
  })
  .refine((input) => input.type === "LIMIT" || (!input.postOnly && input.timeInForce === "IOC"), {
    path: ["timeInForce"],
    message: "A market order is immediate-or-cancel and never post-only",
  })
  .refine((input) => !input.postOnly || input.timeInForce === "GTC", {
    path: ["postOnly"],
    message: "A post-only order rests, so it is good till canceled",
  });
export type PlaceIntentInput = z.infer<typeof placeIntentInput>;

export interface PlaceIntentResult {
  readonly intentId: string;
  readonly orderId: string | null; // null when denied, and for an order over time
  /** Set when it is worked off over time. */
  readonly twapId: string | null;
  readonly state: "ACCEPTED" | "DENIED";
  readonly denialCode: string | null;
  readonly denialDetails: Readonly<Record<string, string>> | null;
  /** True when this intent id was seen before: nothing new happened. */
  readonly repeated: boolean;
}

export const previewRouteInput = z.strictObject({
  workspaceId: uuid,
  symbol: symbolText,
  side,
  type: orderType,
  quantity: positiveDecimalText,
  limitPrice: positiveDecimalText.nullable(),
  venueAccountId: uuid.nullable(),
  isExit: z.boolean(),
  /** As in `trade.place`. */
  overTime: overTimeInput.nullable().optional(),
});
export type PreviewRouteInput = z.infer<typeof previewRouteInput>;

/** One venue account that competed for an order, with why or why not. */
export type RouteCandidateDto = CandidateView;

export interface RoutePreviewDto {
  readonly chosenVenueAccountId: string | null;
  readonly candidates: readonly RouteCandidateDto[];
  /** Set when the order would be split: what goes where, and what that saves in bps of the best single venue (null: none could take it all). */
  readonly split: {
    readonly legs: readonly { readonly venue: string; readonly quantity: string }[];
    readonly savingBps: string | null;
  } | null;
  /** Set when it would be worked off over time: then the candidates, the choice and the split are those of one slice. */
  readonly overTime:
    | (OverTimeInput & {
        readonly decidedBy: "USER" | "RULE";
        /** Base, of an even slice. */
        readonly sliceQuantity: string;
      })
    | null;
  /** What the rule would do with it if nobody chose, and the worth in USD above which it does; null: send it at once. */
  readonly rule: (OverTimeInput & { readonly aboveUsd: string }) | null;
  /** The order as checked now; null means it would be accepted. */
  readonly denial: { readonly code: string; readonly details: Readonly<Record<string, string>> } | null;
  readonly at: string;
}

export interface OrderDto {
  readonly id: string;
  readonly intentId: string;
  readonly venueAccountId: string | null;
  readonly venue: string | null;
  readonly symbol: string;
  readonly side: "BUY" | "SELL";
  readonly type: "MARKET" | "LIMIT";
  readonly timeInForce: "GTC" | "IOC" | "FOK";
  readonly postOnly: boolean;
  readonly isExit: boolean;
  readonly quantity: string;
  readonly limitPrice: string | null;
  readonly priceCap: string | null;
  readonly state: z.infer<typeof orderState>;
  readonly filledQuantity: string;
  readonly averagePrice: string | null;
  /** Set on an exit that rests at the venue for a stop or a target: it waits there until the market is at `price`. */
  readonly restsFor: { readonly kind: RestingKind; readonly price: string } | null;
  readonly reasonCode: string | null;
  readonly reasonDetail: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface FillDto {
  readonly id: string;
  readonly orderId: string;
  readonly venueAccountId: string;
  readonly venue: string;
  readonly symbol: string;
  readonly side: "BUY" | "SELL";
  readonly price: string;
  readonly quantity: string;
  readonly fee: string;
  readonly feeAsset: string;
  readonly maker: boolean;
  readonly realisedPnl: string;
  readonly venueTradeId: string;
  readonly executedAt: string;
}

/** The whole life of an order, oldest step first. */
export interface OrderDetailDto {
  readonly order: OrderDto & { readonly clientOrderId: string | null; readonly venueOrderId: string | null };
  /** The order over time that this one is a slice of. */
  readonly twapId: string | null;
  readonly history: readonly {
    readonly version: number;
    readonly event: string;
    readonly fromState: string;
    readonly toState: string;
    readonly details: unknown;
    readonly at: string;
  }[];
  readonly fills: readonly FillDto[];
  /** Oldest first. */
  readonly replacements: readonly ReplacementDto[];
  /** The order from which this one took over what was left. */
  readonly replacesOrderId: string | null;
  readonly decision: {
    readonly chosenVenueAccountId: string | null;
    readonly weightsVersion: number;
    readonly candidates: readonly RouteCandidateDto[];
    readonly decidedAt: string;
  } | null;
}

export const orderRefInput = z.strictObject({ workspaceId: uuid, orderId: uuid });

export const listOrdersInput = z.strictObject({
  workspaceId: uuid,
  filter: z.enum(["ALL", "OPEN", "FILLED", "FAILED"]),
  symbol: symbolText.nullable(),
  venue: venueId.nullable(),
  cursor: z.string().max(100).nullable(),
  limit: z.int().min(1).max(100),
});
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

export interface PositionDto {
  readonly venueAccountId: string;
  readonly venue: string;
  readonly accountLabel: string;
  readonly mode: z.infer<typeof mode>;
  readonly symbol: string;
  readonly quantity: string;
  readonly averagePrice: string;
  readonly realisedPnl: string; // quote, net of fees
  /** Null when no price is known; `priceAt` tells how old the price is. */
  readonly price: string | null;
  readonly priceAt: string | null;
  readonly value: string | null; // quote
  readonly unrealisedPnl: string | null;
  /** Too small for any order at its venue: it cannot be closed and counts as no open position. */
  readonly isDust: boolean;
  readonly openedAt: string | null;
}

export interface DashboardDto {
  /** Totals never mix play money with real money: live once a live account is connected, paper before. */
  readonly mode: z.infer<typeof mode>;
  readonly positions: readonly PositionDto[];
  readonly todayRealisedPnl: string; // USD-like quotes summed, since 00:00 UTC
  readonly allTimeRealisedPnl: string;
  readonly unrealisedPnl: string | null;
  /** Balances in USD, those of `unpriced` left out; null when something is held and nothing of it has a price. */
  readonly equity: string | null;
  /** Assets that no venue has a price of. */
  readonly unpriced: readonly string[];
  readonly fillsToday: number;
  readonly winRateToday: string | null; // share of closing fills with a gain, 0..1
  readonly recent: readonly ActivityDto[];
  readonly notices: readonly { readonly code: string; readonly detail: string; readonly href: string | null }[];
  readonly eventSeq: string; // events up to here are in this answer
  readonly at: string;
}

export interface ActivityDto {
  readonly seq: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly at: string;
}

export const eventsSinceInput = z.strictObject({
  workspaceId: uuid,
  afterSeq: z.string().regex(/^\d{1,18}$/, "Not a sequence number"),
  limit: z.int().min(1).max(500),
});

export interface MarketDto {
  readonly venue: string;
  readonly mode: z.infer<typeof mode>;
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  readonly priceTick: string;
  readonly amountStep: string;
  readonly amountMin: string;
  readonly costMin: string;
  /** The same of a buy: some venues ask more of it. */
  readonly costMinBuy: string;
}

/** Best bid and ask of one market on one venue, with its age. */
export interface QuoteDto {
  readonly venue: string;
  readonly mode: z.infer<typeof mode>;
  readonly symbol: string;
  readonly bid: string | null;
  readonly ask: string | null;
  readonly at: string;
}
