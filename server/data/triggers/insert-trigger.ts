import { statement, type Tx } from "#server/data/tx.ts";
import type { TriggerRow } from "./trigger-row.ts";

/** The worker's watch listens here. */
export const TRIGGERS_CHANNEL = "nija_triggers";

const INSERT = statement(
  "triggers.insert",
  `with made as (
     insert into triggers (id, workspace_id, venue_account_id, venue, mode, symbol, kind, quantity, stop_price, trail_bps, group_id,
       entry_order_id, state, created_by, rest_check_at)
     values ($1::uuid, $2::uuid, $3::uuid, $4, $5, $6, $7, $8::numeric, $9::numeric, $10::int, $11::uuid, $12::uuid, $13, $14::uuid,
       case when $13 = 'ARMED' then now() end)
     returning id
   )
   select pg_notify('${TRIGGERS_CHANNEL}', '') from made`,
);

export type NewTrigger = Omit<TriggerRow, "attempt" | "firedAt" | "firedBid" | "reason" | "createdAt" | "heldBecause">;

export function insertTrigger(tx: Tx, trigger: NewTrigger): void {
  tx.send(INSERT, [
    trigger.id,
    trigger.workspaceId,
    trigger.venueAccountId,
    trigger.venue,
    trigger.mode,
    trigger.symbol,
    trigger.kind,
    trigger.quantity.toFixed(),
    trigger.stopPrice.toFixed(),
    trigger.trailBps,
    trigger.groupId,
    trigger.entryOrderId,
    trigger.state,
    trigger.createdBy,
  ]);
}
