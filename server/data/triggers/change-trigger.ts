import type { Decimal } from "#server/domain/decimal.ts";
import type { TriggerEnd } from "#server/domain/trigger/trigger.ts";
import { statement, type Tx } from "#server/data/tx.ts";
import { TRIGGERS_CHANNEL } from "./insert-trigger.ts";

const FIRE = statement(
  "triggers.fire",
  `with fired as (
     update triggers set state = 'FIRED', fired_at = now(), fired_bid = $3::numeric, held_because = null, updated_at = now()
     where workspace_id = $1::uuid and id = $2::uuid and state = 'ARMED' returning id
   )
   select nija_require(count(*) = 1, 'the trigger is not armed any more') from fired`,
);
// INVARIANT: one of a group cancels the others, in the transaction in which it fires.
const CANCEL_GROUP = statement(
  "triggers.cancel-group",
  `update triggers set state = 'CANCELED', reason = $4, rest_check_at = case when venue is not null then now() end,
     updated_at = now()
   where workspace_id = $1::uuid and group_id = $2::uuid and id <> $3::uuid and state in ('PENDING', 'ARMED')`,
);
const END = statement(
  "triggers.end",
  `update triggers set state = case when $3 = 'SOLD' then 'DONE' else 'CANCELED' end, reason = $3,
     rest_check_at = case when venue is not null then now() end, updated_at = now()
   where workspace_id = $1::uuid and id = $2::uuid and state in ('PENDING', 'ARMED', 'FIRED')`,
);
// One that has fired goes on selling: its order at the venue is canceled like every order.
const END_ARMED = statement(
  "triggers.end-armed",
  `update triggers set state = 'CANCELED', reason = $3, rest_check_at = now(), updated_at = now()
   where workspace_id = $1::uuid and id = $2::uuid and state = 'ARMED'`,
);
const ATTEMPT = statement(
  "triggers.attempt",
  "update triggers set attempt = $3::int, updated_at = now() where workspace_id = $1::uuid and id = $2::uuid and state = 'FIRED'",
);
// A position that is gone needs no protection: an armed trigger over it would sell what is bought later. One whose order at the venue sold
// it has done its work.
const CANCEL_OF_POSITION = statement(
  "triggers.cancel-of-position",
  `with gone as (
     select t.id, t.group_id, exists (select from orders o
       where o.workspace_id = $1::uuid and o.trigger_id = t.id and o.filled_quantity > 0) as sold
     from triggers t where t.workspace_id = $1::uuid and t.venue_account_id = $2::uuid and t.symbol = $3 and t.state = 'ARMED'
   ), ends as (
     select id, case when sold then 'SOLD' when bool_or(sold) over (partition by group_id) then 'OTHER_FIRED' else 'POSITION_GONE' end as why
     from gone
   )
   update triggers t set state = case when why = 'SOLD' then 'DONE' else 'CANCELED' end, reason = why, rest_check_at = now(),
     fired_at = case when why = 'SOLD' then now() end, updated_at = now()
   from ends where t.workspace_id = $1::uuid and t.id = ends.id and t.state = 'ARMED'`,
);
// What the entry has filled so far is what its stops and targets protect.
const ARM = statement(
  "triggers.arm",
  `with armed as (
     update triggers t set state = 'ARMED', venue_account_id = $3::uuid, venue = a.venue, mode = a.mode, quantity = $4::numeric,
       rest_check_at = now(), updated_at = now()
     from venue_accounts a
     where t.workspace_id = $1::uuid and t.entry_order_id = $2::uuid and t.state in ('PENDING', 'ARMED')
       and a.workspace_id = $1::uuid and a.id = $3::uuid
     returning t.id
   )
   select pg_notify('${TRIGGERS_CHANNEL}', '') from armed limit 1`,
);
const DROP_PENDING = statement(
  "triggers.drop-pending",
  `update triggers set state = 'CANCELED', reason = 'ENTRY_NOT_FILLED', updated_at = now()
   where workspace_id = $1::uuid and entry_order_id = $2::uuid and state = 'PENDING'`,
);

/** Fires an armed trigger; the transaction fails when it is not armed any more. The others of its group are canceled. */
export function fireTrigger(
  tx: Tx,
  trigger: { readonly workspaceId: string; readonly id: string; readonly groupId: string },
  bestBid: Decimal,
): void {
  tx.send(FIRE, [trigger.workspaceId, trigger.id, bestBid.toFixed()]);
  const why: TriggerEnd = "OTHER_FIRED";
  tx.send(CANCEL_GROUP, [trigger.workspaceId, trigger.groupId, trigger.id, why]);
}

export function endTrigger(tx: Tx, workspaceId: string, triggerId: string, why: TriggerEnd): void {
  tx.send(END, [workspaceId, triggerId, why]);
}

/** The same, unless it has fired. */
export function endArmedTrigger(tx: Tx, workspaceId: string, triggerId: string, why: TriggerEnd): void {
  tx.send(END_ARMED, [workspaceId, triggerId, why]);
}

/** Counts the exit that a fired trigger places now. */
export function countAttempt(tx: Tx, workspaceId: string, triggerId: string, attempt: number): void {
  tx.send(ATTEMPT, [workspaceId, triggerId, attempt]);
}

export function cancelTriggersOf(tx: Tx, workspaceId: string, venueAccountId: string, symbol: string): void {
  tx.send(CANCEL_OF_POSITION, [workspaceId, venueAccountId, symbol]);
}

export function armTriggersOf(tx: Tx, workspaceId: string, entryOrderId: string, venueAccountId: string, filled: Decimal): void {
  tx.send(ARM, [workspaceId, entryOrderId, venueAccountId, filled.toFixed()]);
}

/** The entry ended without a fill. */
export function dropPendingTriggers(tx: Tx, workspaceId: string, entryOrderId: string): void {
  tx.send(DROP_PENDING, [workspaceId, entryOrderId]);
}
