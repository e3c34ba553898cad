import type { FillId, IntentId, OrderId, RouteDecisionId, VenueAccountId } from "#server/domain/ids.ts";
import type { JournalKind } from "#server/domain/ledger/accounts.ts";
import type { OrderSide, OrderType, TimeInForce } from "#server/domain/order/order.ts";
import type { OrderState } from "#server/domain/order/state.ts";
import type { DenialCode } from "#server/domain/risk/denial-codes.ts";
import type { TradingState } from "#server/domain/risk/trading-state.ts";
import type { HeldReason, RestingKind } from "#server/domain/trigger/resting.ts";
import type { TriggerEnd, TriggerKind, TriggerState } from "#server/domain/trigger/trigger.ts";
import type { TwapState } from "#server/domain/twap/schedule.ts";
import type { AccountMode, VenueId } from "#server/domain/venue.ts";

/**
 * What happened, past tense, exactly as browsers get it: amounts are decimal strings, times are ISO 8601 in UTC. Payloads
 * are stored; add optional fields, never change or remove one.
 */
interface OrderEventBase {
  orderId: OrderId;
  intentId: IntentId;
  state: OrderState;
  /** Optimistic version of the order row after this event: a screen ignores what is older than it shows. */
  version: number;
  at: string;
}

export interface EventPayloads {
  OrderAccepted: OrderEventBase & {
    symbol: string;
    side: OrderSide;
    type: OrderType;
    timeInForce: TimeInForce;
    postOnly: boolean;
    quantity: string;
    limitPrice: string | null;
    isExit: boolean;
    /** Set on one that rests at its venue for a stop or a target, until the market is at `triggerPrice`. */
    triggerKind?: RestingKind;
    triggerPrice?: string;
  };
  OrderRouted: OrderEventBase & {
    venueAccountId: VenueAccountId;
    venue: VenueId;
    routeDecisionId: RouteDecisionId;
    score: number;
    costBps: number;
    worstPrice: string | null;
  };
  OrderSubmitted: OrderEventBase & { venueAccountId: VenueAccountId; clientOrderId: string; attempt: number };
  OrderAcknowledged: OrderEventBase & { venueAccountId: VenueAccountId; venueOrderId: string };
  OrderRejected: OrderEventBase & { venueAccountId: VenueAccountId; code: string; reason: string };
  OrderDenied: OrderEventBase & { code: DenialCode; details: Record<string, string> };
  OrderOutcomeUnknown: OrderEventBase & { venueAccountId: VenueAccountId; reason: string };
  /** An unknown outcome was settled by a look-up; `state` says how. */
  OrderOutcomeResolved: OrderEventBase & { venueAccountId: VenueAccountId; foundBy: string };
  OrderFilled: OrderEventBase & {
    venueAccountId: VenueAccountId;
    fillId: FillId;
    venueTradeId: string;
    symbol: string;
    side: OrderSide;
    quantity: string;
    price: string;
    fees: { asset: string; amount: string }[];
    filledQuantity: string;
    averagePrice: string;
  };
  OrderCancelRequested: OrderEventBase & { reason: string | null };
  OrderCancelRefused: OrderEventBase & { venueAccountId: VenueAccountId; reason: string };
  /** Quantities are the whole order's, with what is filled. */
  OrderReplaceRequested: OrderEventBase & { quantity: string; limitPrice: string };
  /** `newOrderId`: the venue changes no orders in place, and this one has taken over what was left. */
  OrderReplaced: OrderEventBase & { quantity: string; limitPrice: string; newOrderId: OrderId | null };
  OrderReplaceRefused: OrderEventBase & { code: string; details: Record<string, string> };
  /** `reason` is there when nobody here asked for it and it is known who did. */
  OrderCanceled: OrderEventBase & { venueAccountId: VenueAccountId | null; filledQuantity: string; reason?: string };
  OrderExpired: OrderEventBase & { venueAccountId: VenueAccountId; filledQuantity: string };
  PositionChanged: {
    venueAccountId: VenueAccountId;
    symbol: string;
    quantity: string;
    averageCost: string | null;
    costBasis: string;
    realisedPnl: string;
    at: string;
  };
  /** The owner put holdings of their own into the position, or took some out; its `PositionChanged` follows. */
  PositionAdopted: AdoptionEvent;
  PositionReleased: AdoptionEvent;
  BalanceChanged: {
    /** Null for funds reserved before routing. */
    venueAccountId: VenueAccountId | null;
    asset: string;
    available: string;
    reserved: string;
    kind: JournalKind;
    at: string;
  };
  VenueAccountConnected: { venueAccountId: VenueAccountId; venue: VenueId; at: string };
  VenueAccountChecked: {
    venueAccountId: VenueAccountId;
    venue: VenueId;
    ok: boolean;
    canRead: boolean;
    canTrade: boolean;
    canWithdraw: boolean;
    reason: string | null;
    at: string;
  };
  VenueAccountDisabled: { venueAccountId: VenueAccountId; venue: VenueId; reason: string; at: string };
  VenueAccountReconciled: {
    venueAccountId: VenueAccountId;
    ok: boolean;
    differences: number;
    externalOrders: number;
    at: string;
  };
  /** The venue's own switch was not renewed in time: it cancels all that was open at the account. */
  DeadManSwitchLapsed: { venueAccountId: VenueAccountId; at: string };
  TradingStateChanged: {
    scope: "platform" | "venue" | "workspace";
    venue: VenueId | null;
    tradingState: TradingState;
    reason: string;
    at: string;
    /** True when it also cancels what is open. */
    killSwitch?: boolean;
    closePositions?: boolean;
  };
  /** All that a kill switch could close is closed; `positionsLeft` is what it could not. */
  KillSwitchDone: { positionsLeft: number; at: string };
  /** An order that is worked off in slices; `decidedBy` says who wanted that. */
  TwapStarted: TwapEventBase & {
    symbol: string;
    side: OrderSide;
    quantity: string;
    limitPrice: string | null;
    slices: number;
    endsAt: string;
    decidedBy: "USER" | "RULE";
  };
  TwapSlicePlaced: TwapEventBase & { orderId: OrderId; symbol: string; side: OrderSide; quantity: string; attempt: number };
  /** Once for a row of slices that are denied for the same reason. */
  TwapSliceDenied: TwapEventBase & { symbol: string; code: string };
  TwapPaused: TwapEventBase & { symbol: string };
  TwapResumed: TwapEventBase & { symbol: string; endsAt: string };
  /** `state` says how. */
  TwapEnded: TwapEventBase & { symbol: string; side: OrderSide; quantity: string; filledQuantity: string };
  /** A breaker of a venue (for everybody) or of one account. Entries wait until `restUntil`. */
  BreakerOpened: BreakerEvent & { restUntil: string };
  BreakerClosed: BreakerEvent;
  /** A market of a venue fell too far below its day's first price: it is not bought until `restUntil`. */
  MarketFell: {
    venue: VenueId;
    mode: AccountMode;
    symbol: string;
    anchor: string;
    price: string;
    restUntil: string;
    at: string;
  };
  /** A venue refused the same kind of order for the same reason too often in a row; only now and then one is tried. */
  OrdersHeldBack: {
    venueAccountId: VenueAccountId;
    symbol: string;
    side: OrderSide;
    isExit: boolean;
    code: string;
    count: number;
    at: string;
  };
  /** A stop or a target was set, alone or with an entry. */
  TriggerPlaced: TriggerEvent;
  /** It was armed, or its price, what it sells or who holds it has changed. */
  TriggerMoved: TriggerEvent;
  /** The market has reached it: it sells, and the others of its group are over. */
  TriggerFired: TriggerEvent;
  TriggerEnded: TriggerEvent;
}

/** Written by the database, at the end of the transaction that changed the trigger: prices and quantities are decimal strings. */
interface TriggerEvent {
  triggerId: string;
  groupId: string;
  /** Null while its entry is not routed. */
  venueAccountId: VenueAccountId | null;
  venue: VenueId | null;
  symbol: string;
  kind: TriggerKind;
  state: TriggerState;
  quantity: string;
  stopPrice: string;
  /** Why the worker holds it; null while it rests at the venue, or before anybody has looked. */
  heldBecause: HeldReason | null;
  /** Why it ended. */
  reason: TriggerEnd | null;
  at: string;
}

interface AdoptionEvent {
  adoptionId: string;
  venueAccountId: VenueAccountId;
  symbol: string;
  quantity: string;
  unitCost: string;
  costBasis: string;
  at: string;
}

interface TwapEventBase {
  twapId: string;
  state: TwapState;
  at: string;
}

interface BreakerEvent {
  scope: "venue" | "account";
  venueAccountId: VenueAccountId;
  venue: VenueId;
  at: string;
}

export type DomainEventType = keyof EventPayloads;

/** Every event type; the compiler fails on a missing or a misspelt one. */
const EVENT_TYPE_SET: Record<DomainEventType, true> = {
  OrderAccepted: true,
  OrderRouted: true,
  OrderSubmitted: true,
  OrderAcknowledged: true,
  OrderRejected: true,
  OrderDenied: true,
  OrderOutcomeUnknown: true,
  OrderOutcomeResolved: true,
  OrderFilled: true,
  OrderCancelRequested: true,
  OrderCancelRefused: true,
  OrderReplaceRequested: true,
  OrderReplaced: true,
  OrderReplaceRefused: true,
  OrderCanceled: true,
  OrderExpired: true,
  PositionChanged: true,
  PositionAdopted: true,
  PositionReleased: true,
  BalanceChanged: true,
  VenueAccountConnected: true,
  VenueAccountChecked: true,
  VenueAccountDisabled: true,
  VenueAccountReconciled: true,
  DeadManSwitchLapsed: true,
  TradingStateChanged: true,
  KillSwitchDone: true,
  TwapStarted: true,
  TwapSlicePlaced: true,
  TwapSliceDenied: true,
  TwapPaused: true,
  TwapResumed: true,
  TwapEnded: true,
  BreakerOpened: true,
  BreakerClosed: true,
  MarketFell: true,
  OrdersHeldBack: true,
  TriggerPlaced: true,
  TriggerMoved: true,
  TriggerFired: true,
  TriggerEnded: true,
};

export function isDomainEventType(text: string): text is DomainEventType {
  return Object.hasOwn(EVENT_TYPE_SET, text);
}
