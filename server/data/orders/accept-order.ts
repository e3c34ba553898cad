import { type AuditRecord, auditValues } from "#server/data/append-audit.ts";
import { intentValues, type NewIntent } from "#server/data/orders/insert-intent.ts";
import type { NewOrder } from "#server/data/orders/insert-order.ts";
import { statement, type Tx } from "#server/data/tx.ts";
import type { JournalEntryDraft } from "#server/domain/ledger/accounts.ts";

export interface AcceptedOrder {
  readonly audit: AuditRecord;
  readonly intent: NewIntent;
  /** Of the same workspace, intent and terms. */
  readonly order: NewOrder;
  /** Sets the order's funds aside. */
  readonly reserve: { readonly entryId: string; readonly draft: JournalEntryDraft; readonly memo: string };
}

// One statement for what always comes together. The workspace and the terms are the intent's; nothing in it waits for a lock before the balances,
// which every transaction takes after the risk row and before the sequence of events.
const ACCEPT = statement(
  "orders.accept",
  `with asked as (
     insert into intents (workspace_id, id, actor_user_id, source, request_hash, state, denial_code, denial_details, symbol, side, type,
       time_in_force, post_only, is_exit, quantity, limit_price, venue_account_id)
     values ($1::uuid, $2::uuid, $3::uuid, $4, $5, $6, $7, $8::jsonb, $9, $10, $11, $12, $13::boolean, $14::boolean, $15::numeric,
       $16::numeric, $17::uuid)
   ), placed as (
     insert into orders (id, workspace_id, intent_id, symbol, side, type, time_in_force, post_only, is_exit, quantity, limit_price,
       price_cap, state, reserve_holder_id, reserve_asset, reserve_left, priority, has_triggers)
     values ($18::uuid, $1::uuid, $2::uuid, $9, $10, $11, $12, $13::boolean, $14::boolean, $15::numeric, $16::numeric, $19::numeric,
       'PENDING_NEW', $20::uuid, $21, $22::numeric, $23::smallint, $24::boolean)
   ), audited as (
     insert into audit_entries (workspace_id, actor_kind, actor_id, action, target, result, details, address, user_agent, request_id)
     values ($25::uuid, $26, $27::uuid, $28, $29, $30, $31::jsonb, $32, $33, $34)
   ), entered as (
     insert into journal_entries (id, workspace_id, kind, order_id, memo) values ($35::uuid, $1::uuid, $36, $18::uuid, $37)
   )
   insert into journal_lines (workspace_id, entry_id, holder_id, account, asset, amount)
   select $1::uuid, $35::uuid, l.holder_id, l.account, l.asset, l.amount
   from unnest($38::uuid[], $39::text[], $40::text[], $41::numeric[]) as l (holder_id, account, asset, amount)`,
);

/** Writes an accepted intent with its order, its reserve and its audit row: all of them or none. */
export function acceptOrder(tx: Tx, { audit, intent, order, reserve }: AcceptedOrder): void {
  const { lines, kind } = reserve.draft;
  tx.send(ACCEPT, [
    ...intentValues(intent),
    order.id,
    order.priceCap?.toFixed() ?? null,
    order.reserveHolderId,
    order.reserve.asset,
    order.reserve.amount.toFixed(),
    order.priority,
    order.hasTriggers,
    ...auditValues(audit),
    reserve.entryId,
    kind,
    reserve.memo,
    lines.map((line) => line.venueAccountId ?? intent.workspaceId),
    lines.map((line) => line.account),
    lines.map((line) => line.asset),
    lines.map((line) => line.amount.toFixed()),
  ]);
}
