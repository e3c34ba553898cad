import { Decimal } from "#server/domain/decimal.ts";
import type { OrderSide } from "#server/domain/order/order.ts";
import type { TwapState } from "#server/domain/twap/schedule.ts";
import { statement, type Tx } from "#server/data/tx.ts";

/** An order worked off in slices. Quantities in base, the limit quote per base. */
export interface TwapRow {
  readonly id: string;
  readonly workspaceId: string;
  readonly symbol: string;
  readonly side: OrderSide;
  readonly quantity: Decimal;
  /** No slice trades beyond it; null for the market's price within the slippage cap. */
  readonly limitPrice: Decimal | null;
  /** Null lets the router choose for every slice. */
  readonly venueAccountId: string | null;
  readonly slices: number;
  readonly state: TwapState;
  /** Slices that it has placed or tried to. */
  readonly attempt: number;
  readonly filled: Decimal;
  readonly lastDenial: string | null;
  readonly decidedBy: "USER" | "RULE";
  /** Of the rule that decided; null when somebody did. */
  readonly ruleVersion: number | null;
  /** Counts the resumptions: only the job of the last one places slices. */
  readonly run: number;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly pausedAt: Date | null;
  readonly endedAt: Date | null;
}

export const TWAP_COLUMNS = `t.id, t.workspace_id as "workspaceId", t.symbol, t.side, t.quantity, t.limit_price as "limitPrice",
  t.venue_account_id as "venueAccountId", t.slices, t.state, t.attempt, t.filled, t.last_denial as "lastDenial", t.decided_by as "decidedBy",
  t.rule_version as "ruleVersion", t.run, t.created_by as "createdBy", t.created_at as "createdAt", t.starts_at as "startsAt",
  t.ends_at as "endsAt", t.paused_at as "pausedAt", t.ended_at as "endedAt"`;
const INSERT = statement(
  "twaps.insert",
  `insert into twaps (id, workspace_id, symbol, side, quantity, limit_price, venue_account_id, slices, state, decided_by, rule_version,
     created_by, created_at, starts_at, ends_at)
   values ($1::uuid, $2::uuid, $3, $4, $5::numeric, $6::numeric, $7::uuid, $8::int, 'ACTIVE', $9, $10::int, $11::uuid, $12::timestamptz,
     $12::timestamptz, $13::timestamptz)`,
);
const LOCK = statement(
  "twaps.lock",
  `select ${TWAP_COLUMNS} from twaps t where t.workspace_id = $1::uuid and t.id = $2::uuid for update`,
);
const WRITE = statement(
  "twaps.write",
  `update twaps set state = $3, attempt = $4::int, filled = $5::numeric, last_denial = $6, ended_at = $7::timestamptz, updated_at = now()
   where workspace_id = $1::uuid and id = $2::uuid`,
);
const MOVE = statement(
  "twaps.move",
  `update twaps set state = $3, run = $4::int, starts_at = $5::timestamptz, ends_at = $6::timestamptz, paused_at = $7::timestamptz,
     ended_at = $8::timestamptz, updated_at = now()
   where workspace_id = $1::uuid and id = $2::uuid`,
);

export type RawTwap = Omit<TwapRow, "quantity" | "limitPrice" | "filled"> & {
  quantity: string;
  limitPrice: string | null;
  filled: string;
};

export function toTwapRow(raw: RawTwap): TwapRow {
  const limitPrice = raw.limitPrice === null ? null : new Decimal(raw.limitPrice);
  return { ...raw, quantity: new Decimal(raw.quantity), limitPrice, filled: new Decimal(raw.filled) };
}

export type NewTwap = Pick<
  TwapRow,
  | "id"
  | "workspaceId"
  | "symbol"
  | "side"
  | "quantity"
  | "limitPrice"
  | "venueAccountId"
  | "slices"
  | "decidedBy"
  | "ruleVersion"
  | "createdBy"
  | "startsAt"
  | "endsAt"
>;

export function insertTwap(tx: Tx, twap: NewTwap): void {
  tx.send(INSERT, [
    twap.id,
    twap.workspaceId,
    twap.symbol,
    twap.side,
    twap.quantity.toFixed(),
    twap.limitPrice?.toFixed() ?? null,
    twap.venueAccountId,
    twap.slices,
    twap.decidedBy,
    twap.ruleVersion,
    twap.createdBy,
    twap.startsAt,
    twap.endsAt,
  ]);
}

/** Null when this workspace has none of that id. */
export async function lockTwap(tx: Tx, workspaceId: string, twapId: string): Promise<TwapRow | null> {
  const [raw] = await tx.query<RawTwap>(LOCK, [workspaceId, twapId]);
  return raw === undefined ? null : toTwapRow(raw);
}

/** Writes how far a locked one has come. */
export function writeTwap(
  tx: Tx,
  { workspaceId, id }: Pick<TwapRow, "workspaceId" | "id">,
  now: Pick<TwapRow, "state" | "attempt" | "filled" | "lastDenial" | "endedAt">,
): void {
  tx.send(WRITE, [workspaceId, id, now.state, now.attempt, now.filled.toFixed(), now.lastDenial, now.endedAt]);
}

/** Writes that a locked one was paused, resumed or ended. */
export function moveTwap(
  tx: Tx,
  { workspaceId, id }: Pick<TwapRow, "workspaceId" | "id">,
  to: Pick<TwapRow, "state" | "run" | "startsAt" | "endsAt" | "pausedAt" | "endedAt">,
): void {
  tx.send(MOVE, [workspaceId, id, to.state, to.run, to.startsAt, to.endsAt, to.pausedAt, to.endedAt]);
}
