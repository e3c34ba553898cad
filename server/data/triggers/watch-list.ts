import { Decimal } from "#server/domain/decimal.ts";
import type { TriggerKind } from "#server/domain/trigger/trigger.ts";
import type { AccountMode, VenueId } from "#server/domain/venue.ts";
import { statement, type Statements, type Tx } from "#server/data/tx.ts";

/** An armed trigger, as the watch over one venue's prices needs it. */
export interface WatchedTrigger {
  readonly id: string;
  readonly workspaceId: string;
  readonly venueAccountId: string;
  readonly symbol: string;
  readonly kind: TriggerKind;
  readonly stopPrice: Decimal;
  readonly trailBps: number | null;
}

const ARMED = statement(
  "triggers.armed",
  `select id, workspace_id as "workspaceId", venue_account_id as "venueAccountId", symbol, kind, stop_price as "stopPrice",
     trail_bps as "trailBps"
   from triggers where mode = $1 and venue = $2 and state = 'ARMED'`,
);
/** A position whose stops and targets have to be looked at: whether they rest at the venue as they should. */
export interface PositionToLookAt {
  readonly workspaceId: string;
  readonly venueAccountId: string;
  readonly symbol: string;
}

const TO_LOOK_AT = statement(
  "triggers.to-look-at",
  `select distinct workspace_id as "workspaceId", venue_account_id as "venueAccountId", symbol
   from triggers where mode = $1 and venue = $2 and rest_check_at <= now() limit 500`,
);
// Never lowered, whoever writes last.
const TRAIL = statement(
  "triggers.trail",
  `update triggers set stop_price = $3::numeric, updated_at = now()
   where workspace_id = $1::uuid and id = $2::uuid and state = 'ARMED' and stop_price < $3::numeric`,
);

/** Every armed trigger at one venue, over all workspaces. */
export async function listArmed(tx: Statements, mode: AccountMode, venue: VenueId): Promise<WatchedTrigger[]> {
  const rows = await tx.query<Omit<WatchedTrigger, "stopPrice"> & { stopPrice: string }>(ARMED, [mode, venue]);
  return rows.map((row) => ({ ...row, stopPrice: new Decimal(row.stopPrice) }));
}

/** The positions at one venue, over all workspaces, where something has changed for a stop or a target. */
export function listToLookAt(tx: Statements, mode: AccountMode, venue: VenueId): Promise<PositionToLookAt[]> {
  return tx.query<PositionToLookAt>(TO_LOOK_AT, [mode, venue]);
}

/** Keeps where a trailing stop has got to, so that a restart does not loosen it. */
export function keepTrail(tx: Tx, workspaceId: string, triggerId: string, stopPrice: Decimal): void {
  tx.send(TRAIL, [workspaceId, triggerId, stopPrice.toFixed()]);
}
