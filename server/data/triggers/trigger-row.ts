import { Decimal } from "#server/domain/decimal.ts";
import type { TriggerKind, TriggerState } from "#server/domain/trigger/trigger.ts";
import type { HeldReason } from "#server/domain/trigger/resting.ts";
import type { AccountMode, VenueId } from "#server/domain/venue.ts";

/** A trigger as the core works with it. Quantity in base, prices quote per base. */
export interface TriggerRow {
  readonly id: string;
  readonly workspaceId: string;
  /** Account, venue and mode are null while its entry is not routed. */
  readonly venueAccountId: string | null;
  readonly venue: VenueId | null;
  readonly mode: AccountMode | null;
  readonly symbol: string;
  readonly kind: TriggerKind;
  /** What it sells at most. */
  readonly quantity: Decimal;
  readonly stopPrice: Decimal;
  readonly trailBps: number | null;
  readonly groupId: string;
  readonly entryOrderId: string | null;
  readonly state: TriggerState;
  /** Exits it has placed. */
  readonly attempt: number;
  readonly firedAt: Date | null;
  readonly firedBid: Decimal | null;
  readonly reason: string | null;
  readonly createdBy: string;
  readonly createdAt: Date;
  /** Why the worker holds it. Null while it rests, and before anybody has looked. */
  readonly heldBecause: HeldReason | null;
}

export interface RawTriggerRow {
  id: string;
  workspace_id: string;
  venue_account_id: string | null;
  venue: VenueId | null;
  mode: AccountMode | null;
  symbol: string;
  kind: TriggerKind;
  quantity: string;
  stop_price: string;
  trail_bps: number | null;
  group_id: string;
  entry_order_id: string | null;
  state: TriggerState;
  attempt: number;
  fired_at: Date | null;
  fired_bid: string | null;
  reason: string | null;
  created_by: string;
  created_at: Date;
  held_because: HeldReason | null;
}

export const TRIGGER_COLUMNS = `id, workspace_id, venue_account_id, venue, mode, symbol, kind, quantity, stop_price, trail_bps, group_id,
  entry_order_id, state, attempt, fired_at, fired_bid, reason, created_by, created_at, held_because`;

/** CHECK constraints hold the words of kind and state. */
export function toTriggerRow(raw: RawTriggerRow): TriggerRow {
  return {
    id: raw.id,
    workspaceId: raw.workspace_id,
    venueAccountId: raw.venue_account_id,
    venue: raw.venue,
    mode: raw.mode,
    symbol: raw.symbol,
    kind: raw.kind,
    quantity: new Decimal(raw.quantity),
    stopPrice: new Decimal(raw.stop_price),
    trailBps: raw.trail_bps,
    groupId: raw.group_id,
    entryOrderId: raw.entry_order_id,
    state: raw.state,
    attempt: raw.attempt,
    firedAt: raw.fired_at,
    firedBid: raw.fired_bid === null ? null : new Decimal(raw.fired_bid),
    reason: raw.reason,
    createdBy: raw.created_by,
    createdAt: raw.created_at,
    heldBecause: raw.held_because,
  };
}
