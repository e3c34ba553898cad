import { assert } from "#server/domain/assert.ts";
import { Decimal } from "#server/domain/decimal.ts";
import { asIntentId, asOrderId, asVenueAccountId, asWorkspaceId } from "#server/domain/ids.ts";
import type { IntentId, OrderId, VenueAccountId, WorkspaceId } from "#server/domain/ids.ts";
import type { OrderSide, OrderType, TimeInForce } from "#server/domain/order/order.ts";
import type { OrderState } from "#server/domain/order/state.ts";
import type { RestingKind } from "#server/domain/trigger/resting.ts";
import type { VenueId } from "#server/domain/venue.ts";

/** As the job table's: 1 is served first. */
export type OrderPriority = 1 | 2 | 3 | 4 | 5;

/** An order as the execution core works with it. Quantities are base, prices quote per base. */
export interface OrderRow {
  readonly id: OrderId;
  readonly workspaceId: WorkspaceId;
  readonly intentId: IntentId;
  readonly venueAccountId: VenueAccountId | null;
  readonly venue: VenueId | null;
  readonly symbol: string;
  readonly side: OrderSide;
  readonly type: OrderType;
  readonly timeInForce: TimeInForce;
  readonly postOnly: boolean;
  readonly isExit: boolean;
  readonly quantity: Decimal;
  readonly limitPrice: Decimal | null;
  readonly priceCap: Decimal | null;
  readonly state: OrderState;
  readonly version: number;
  readonly attempt: number;
  readonly clientOrderId: string | null;
  readonly venueOrderId: string | null;
  readonly filledQuantity: Decimal;
  readonly filledQuote: Decimal;
  readonly reserveHolderId: string | null;
  readonly reserveAsset: string | null;
  readonly reserveLeft: Decimal;
  readonly priority: OrderPriority;
  readonly cancelRequestedAt: Date | null;
  readonly unknownSince: Date | null;
  readonly createdAt: Date;
  readonly submittedAt: Date | null;
  /** Stops and targets wait for its fills. */
  readonly hasTriggers: boolean;
  /** Set on an exit that rests at the venue for a stop or a target: whose it is, and what it waits for. */
  readonly restsFor: { readonly triggerId: string; readonly kind: RestingKind; readonly price: Decimal } | null;
  /** The replacement that is under way; nobody knows for certain which of its terms the order works under. */
  readonly replacementId: string | null;
}

export interface RawOrderRow {
  id: string;
  workspace_id: string;
  intent_id: string;
  venue_account_id: string | null;
  venue: string | null;
  symbol: string;
  side: string;
  type: string;
  time_in_force: string;
  post_only: boolean;
  is_exit: boolean;
  quantity: string;
  limit_price: string | null;
  price_cap: string | null;
  state: string;
  version: number;
  attempt: number;
  client_order_id: string | null;
  venue_order_id: string | null;
  filled_quantity: string;
  filled_quote: string;
  reserve_holder_id: string | null;
  reserve_asset: string | null;
  reserve_left: string;
  priority: number;
  cancel_requested_at: Date | null;
  unknown_since: Date | null;
  created_at: Date;
  submitted_at: Date | null;
  has_triggers: boolean;
  trigger_id: string | null;
  trigger_kind: string | null;
  trigger_price: string | null;
  replacement_id: string | null;
}

export const ORDER_COLUMNS = `id, workspace_id, intent_id, venue_account_id, venue, symbol, side, type, time_in_force, post_only,
  is_exit, quantity, limit_price, price_cap, state, version, attempt, client_order_id, venue_order_id, filled_quantity,
  filled_quote, reserve_holder_id, reserve_asset, reserve_left, priority, cancel_requested_at, unknown_since, created_at,
  submitted_at, has_triggers, trigger_id, trigger_kind, trigger_price, replacement_id`;

const decimalOrNull = (text: string | null): Decimal | null => (text === null ? null : new Decimal(text));

function restsFor(raw: RawOrderRow): OrderRow["restsFor"] {
  if (raw.trigger_id === null || raw.trigger_price === null) return null;
  return { triggerId: raw.trigger_id, kind: raw.trigger_kind as RestingKind, price: new Decimal(raw.trigger_price) };
}

/** CHECK constraints hold the words of state, side, type and venue, so the casts cannot lie. */
export function toOrderRow(raw: RawOrderRow): OrderRow {
  return {
    id: asOrderId(raw.id),
    workspaceId: asWorkspaceId(raw.workspace_id),
    intentId: asIntentId(raw.intent_id),
    venueAccountId: raw.venue_account_id === null ? null : asVenueAccountId(raw.venue_account_id),
    venue: raw.venue as VenueId | null,
    symbol: raw.symbol,
    side: raw.side as OrderSide,
    type: raw.type as OrderType,
    timeInForce: raw.time_in_force as TimeInForce,
    postOnly: raw.post_only,
    isExit: raw.is_exit,
    quantity: new Decimal(raw.quantity),
    limitPrice: decimalOrNull(raw.limit_price),
    priceCap: decimalOrNull(raw.price_cap),
    state: raw.state as OrderState,
    version: raw.version,
    attempt: raw.attempt,
    clientOrderId: raw.client_order_id,
    venueOrderId: raw.venue_order_id,
    filledQuantity: new Decimal(raw.filled_quantity),
    filledQuote: new Decimal(raw.filled_quote),
    reserveHolderId: raw.reserve_holder_id,
    reserveAsset: raw.reserve_asset,
    reserveLeft: new Decimal(raw.reserve_left),
    priority: raw.priority as OrderPriority,
    cancelRequestedAt: raw.cancel_requested_at,
    unknownSince: raw.unknown_since,
    createdAt: raw.created_at,
    submittedAt: raw.submitted_at,
    hasTriggers: raw.has_triggers,
    restsFor: restsFor(raw),
    replacementId: raw.replacement_id,
  };
}

/** An order that has been given to a venue account. */
export type RoutedOrder = OrderRow & { readonly venueAccountId: VenueAccountId; readonly venue: VenueId };

/** Throws for an order that no account has: only routed orders are sent, canceled or filled. */
export function asRouted(order: OrderRow): RoutedOrder {
  const { venueAccountId, venue } = order;
  assert(venueAccountId !== null && venue !== null, `order ${order.id} is not routed`);
  return { ...order, venueAccountId, venue };
}
