import { Decimal } from "#server/domain/decimal.ts";
import type { BothTerms, LimitTerms, ReplacementState, ReplaceWay } from "#server/domain/order/replacement.ts";
import { statement, type Tx } from "#server/data/tx.ts";

/** Somebody's wish to change an open order, under the id that they gave it, and what became of it. */
export interface Replacement extends BothTerms {
  readonly workspaceId: string;
  readonly id: string;
  readonly orderId: string;
  /** The smallest order that the venue takes at the new price, base. */
  readonly restMin: Decimal;
  readonly state: ReplacementState;
  readonly way: ReplaceWay | null;
  /** Why it did not happen. */
  readonly code: string | null;
  readonly details: Readonly<Record<string, string>> | null;
  /** The order that took over. */
  readonly newOrderId: string | null;
  readonly createdAt: Date;
  readonly sentAt: Date | null;
}

interface Raw {
  workspace_id: string;
  id: string;
  order_id: string;
  quantity: string;
  limit_price: string;
  old_quantity: string;
  old_limit_price: string;
  old_filled: string;
  old_reserve: string;
  reserve: string;
  rest_min: string;
  state: ReplacementState;
  way: ReplaceWay | null;
  code: string | null;
  details: Record<string, string> | null;
  new_order_id: string | null;
  created_at: Date;
  sent_at: Date | null;
}

const COLUMNS = `workspace_id, id, order_id, quantity, limit_price, old_quantity, old_limit_price, old_filled, old_reserve, reserve, rest_min,
  state, way, code, details, new_order_id, created_at, sent_at`;
const INSERT = statement(
  "replacements.insert",
  `insert into order_replacements (workspace_id, id, order_id, quantity, limit_price, old_quantity, old_limit_price, old_filled,
     old_reserve, reserve, rest_min, state, code, details, actor_user_id, ended_at)
   values ($1::uuid, $2::uuid, $3::uuid, $4::numeric, $5::numeric, $6::numeric, $7::numeric, $8::numeric, $9::numeric, $10::numeric,
     $11::numeric, $12, $13, $14::jsonb, $15::uuid, case when $12 = 'DENIED' then now() end)`,
);
const FIND = statement(
  "replacements.find",
  `select ${COLUMNS} from order_replacements where workspace_id = $1::uuid and id = $2::uuid`,
);
const LOCK = statement(
  "replacements.lock",
  `select ${COLUMNS} from order_replacements where workspace_id = $1::uuid and id = $2::uuid for update`,
);
const OF_ORDER = statement(
  "replacements.of-order",
  `select ${COLUMNS} from order_replacements where workspace_id = $1::uuid and order_id = $2::uuid order by created_at, id limit 200`,
);
const REPLACED_BY = statement(
  "replacements.replaced-by",
  "select order_id from order_replacements where workspace_id = $1::uuid and new_order_id = $2::uuid",
);
// INVARIANT: it is written down as sent before the venue can know of it.
const SEND = statement(
  "replacements.send",
  `with sent as (
     update order_replacements set state = 'SENT', way = $3, sent_at = $4::timestamptz
     where workspace_id = $1::uuid and id = $2::uuid and state = 'ASKED' returning id
   )
   select nija_require(count(*) = 1, 'the replacement does not wait any more') from sent`,
);
const UNSEND = statement(
  "replacements.unsend",
  `with unsent as (
     update order_replacements set state = 'ASKED', sent_at = null
     where workspace_id = $1::uuid and id = $2::uuid and state = 'SENT' returning id
   )
   select nija_require(count(*) = 1, 'the replacement is not on its way any more') from unsent`,
);
const END = statement(
  "replacements.end",
  `with ended as (
     update order_replacements set state = $3, code = $4, details = $5::jsonb, new_order_id = $6::uuid, ended_at = now()
     where workspace_id = $1::uuid and id = $2::uuid and state in ('ASKED', 'SENT') returning id
   )
   select nija_require(count(*) = 1, 'the replacement has ended already') from ended`,
);

function toReplacement(raw: Raw): Replacement {
  const terms = (quantity: string, limitPrice: string): LimitTerms => ({
    quantity: new Decimal(quantity),
    limitPrice: new Decimal(limitPrice),
  });
  return {
    workspaceId: raw.workspace_id,
    id: raw.id,
    orderId: raw.order_id,
    wanted: terms(raw.quantity, raw.limit_price),
    old: terms(raw.old_quantity, raw.old_limit_price),
    filledThen: new Decimal(raw.old_filled),
    oldReserve: new Decimal(raw.old_reserve),
    wantedReserve: new Decimal(raw.reserve),
    restMin: new Decimal(raw.rest_min),
    state: raw.state,
    way: raw.way,
    code: raw.code,
    details: raw.details,
    newOrderId: raw.new_order_id,
    createdAt: raw.created_at,
    sentAt: raw.sent_at,
  };
}

export type NewReplacement = Omit<Replacement, "way" | "newOrderId" | "createdAt" | "sentAt" | "state"> & {
  readonly state: "ASKED" | "DENIED";
  readonly actorUserId: string;
};

/** The primary key (workspace, id) keeps a second one of the same id out, the index of open ones a second one on its way. */
export function insertReplacement(tx: Tx, replacement: NewReplacement): void {
  const { old, wanted } = replacement;
  tx.send(INSERT, [
    replacement.workspaceId,
    replacement.id,
    replacement.orderId,
    wanted.quantity.toFixed(),
    wanted.limitPrice.toFixed(),
    old.quantity.toFixed(),
    old.limitPrice.toFixed(),
    replacement.filledThen.toFixed(),
    replacement.oldReserve.toFixed(),
    replacement.wantedReserve.toFixed(),
    replacement.restMin.toFixed(),
    replacement.state,
    replacement.code,
    replacement.details,
    replacement.actorUserId,
  ]);
}

export async function findReplacement(tx: Tx, workspaceId: string, id: string): Promise<Replacement | null> {
  const [raw] = await tx.query<Raw>(FIND, [workspaceId, id]);
  return raw === undefined ? null : toReplacement(raw);
}

/** The same, and nobody else changes it until this transaction ends. Lock its order first. */
export async function lockReplacement(tx: Tx, workspaceId: string, id: string): Promise<Replacement | null> {
  const [raw] = await tx.query<Raw>(LOCK, [workspaceId, id]);
  return raw === undefined ? null : toReplacement(raw);
}

/** Oldest first. */
export async function listReplacements(tx: Tx, workspaceId: string, orderId: string): Promise<Replacement[]> {
  return (await tx.query<Raw>(OF_ORDER, [workspaceId, orderId])).map(toReplacement);
}

/** The order that gave its place up to this one, if any. */
export async function findReplacedBy(tx: Tx, workspaceId: string, orderId: string): Promise<string | null> {
  const [row] = await tx.query<{ order_id: string }>(REPLACED_BY, [workspaceId, orderId]);
  return row?.order_id ?? null;
}

export function markSent(tx: Tx, { workspaceId, id }: Replacement, way: ReplaceWay, at: Date): void {
  tx.send(SEND, [workspaceId, id, way, at]);
}

/** It is certain that nothing was sent: it waits again. */
export function markUnsent(tx: Tx, { workspaceId, id }: Replacement): void {
  tx.send(UNSEND, [workspaceId, id]);
}

export interface ReplacementEnd {
  readonly state: "DONE" | "REFUSED" | "DROPPED";
  /** Null for `DONE` only. */
  readonly code: string | null;
  readonly details?: Readonly<Record<string, string>>;
  readonly newOrderId?: string;
}

export function endReplacement(tx: Tx, { workspaceId, id }: Replacement, end: ReplacementEnd): void {
  tx.send(END, [workspaceId, id, end.state, end.code, end.details ?? null, end.newOrderId ?? null]);
}
