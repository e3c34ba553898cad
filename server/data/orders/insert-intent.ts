import type { Decimal } from "#server/domain/decimal.ts";
import type { IntentId, UserId, VenueAccountId, WorkspaceId } from "#server/domain/ids.ts";
import type { OrderTerms } from "#server/domain/order/order.ts";
import { statement, type Tx } from "#server/data/tx.ts";

export interface NewIntent extends OrderTerms {
  readonly workspaceId: WorkspaceId;
  readonly id: IntentId;
  readonly actorUserId: UserId;
  readonly source: "MANUAL" | "BOT" | "SIGNAL" | "TRIGGER";
  readonly requestHash: string;
  readonly isExit: boolean;
  readonly venueAccountId: VenueAccountId | null;
  readonly denial: { readonly code: string; readonly details: Readonly<Record<string, string>> } | null;
}

export interface StoredIntent {
  readonly requestHash: string;
  readonly state: "ACCEPTED" | "DENIED";
  readonly denialCode: string | null;
  readonly denialDetails: Readonly<Record<string, string>> | null;
  readonly orderId: string | null;
  /** The order over time that it became. */
  readonly twapId: string | null;
}

const INSERT = statement(
  "intents.insert",
  `insert into intents (workspace_id, id, actor_user_id, source, request_hash, state, denial_code, denial_details, symbol, side, type,
     time_in_force, post_only, is_exit, quantity, limit_price, venue_account_id)
   values ($1::uuid, $2::uuid, $3::uuid, $4, $5, $6, $7, $8::jsonb, $9, $10, $11, $12, $13::boolean, $14::boolean, $15::numeric,
     $16::numeric, $17::uuid)`,
);
/** The row of `toStoredIntent`, for the workspace in $1 and the intent in the parameter named. */
export const storedIntentSql = (intent: string): string =>
  `select i.request_hash, i.state, i.denial_code, i.denial_details, o.id as order_id,
     (select t.id from twaps t where t.workspace_id = i.workspace_id and t.id = i.id) as twap_id
   from intents i left join orders o on o.workspace_id = i.workspace_id and o.intent_id = i.id
   where i.workspace_id = $1::uuid and i.id = ${intent}::uuid order by o.created_at limit 1`;

const text = (value: Decimal | null): string | null => value?.toFixed() ?? null;

export function intentValues(intent: NewIntent): readonly unknown[] {
  return [
    intent.workspaceId,
    intent.id,
    intent.actorUserId,
    intent.source,
    intent.requestHash,
    intent.denial === null ? "ACCEPTED" : "DENIED",
    intent.denial?.code ?? null,
    intent.denial?.details ?? null,
    intent.symbol,
    intent.side,
    intent.type,
    intent.timeInForce,
    intent.postOnly,
    intent.isExit,
    intent.quantity.toFixed(),
    text(intent.limitPrice),
    intent.venueAccountId,
  ];
}

/** The primary key (workspace, intent) is the second ring: a repeat that slipped past the look for it fails here. */
export function insertIntent(tx: Tx, intent: NewIntent): void {
  tx.send(INSERT, intentValues(intent));
}

export interface RawStoredIntent {
  request_hash: string;
  state: "ACCEPTED" | "DENIED";
  denial_code: string | null;
  denial_details: Record<string, string> | null;
  order_id: string | null;
  twap_id: string | null;
}

/** What an intent id was used for before, with its first order. */
export function toStoredIntent(row: RawStoredIntent): StoredIntent {
  return {
    requestHash: row.request_hash,
    state: row.state,
    denialCode: row.denial_code,
    denialDetails: row.denial_details,
    orderId: row.order_id,
    twapId: row.twap_id,
  };
}
