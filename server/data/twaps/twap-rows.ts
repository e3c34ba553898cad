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
  readonly createdBy: string;
  readonly startsAt: Date;
  readonly endsAt: Date;
}

const COLUMNS = `id, workspace_id as "workspaceId", symbol, side, quantity, limit_price as "limitPrice", venue_account_id as "venueAccountId",
  slices, state, attempt, filled, last_denial as "lastDenial", created_by as "createdBy", starts_at as "startsAt", ends_at as "endsAt"`;
const INSERT = statement(
  "twaps.insert",
  `insert into twaps (id, workspace_id, symbol, side, quantity, limit_price, venue_account_id, slices, state, created_by, starts_at, ends_at)
   values ($1::uuid, $2::uuid, $3, $4, $5::numeric, $6::numeric, $7::uuid, $8::int, 'ACTIVE', $9::uuid, $10::timestamptz, $11::timestamptz)`,
);
const LOCK = statement("twaps.lock", `select ${COLUMNS} from twaps where workspace_id = $1::uuid and id = $2::uuid for update`);
// Ended ones stay on the screen for a day.
const LIST = statement(
  "twaps.list",
  `select ${COLUMNS} from twaps where workspace_id = $1::uuid and (state = 'ACTIVE' or updated_at > now() - interval '1 day')
   order by starts_at desc limit 200`,
);
const WRITE = statement(
  "twaps.write",
  `update twaps set state = $3, attempt = $4::int, filled = $5::numeric, last_denial = $6, updated_at = now()
   where workspace_id = $1::uuid and id = $2::uuid`,
);

type RawTwap = Omit<TwapRow, "quantity" | "limitPrice" | "filled"> & {
  quantity: string;
  limitPrice: string | null;
  filled: string;
};

function toTwap(raw: RawTwap): TwapRow {
  const limitPrice = raw.limitPrice === null ? null : new Decimal(raw.limitPrice);
  return { ...raw, quantity: new Decimal(raw.quantity), limitPrice, filled: new Decimal(raw.filled) };
}

export type NewTwap = Omit<TwapRow, "state" | "attempt" | "filled" | "lastDenial">;

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
    twap.createdBy,
    twap.startsAt,
    twap.endsAt,
  ]);
}

/** Null when this workspace has none of that id. */
export async function lockTwap(tx: Tx, workspaceId: string, twapId: string): Promise<TwapRow | null> {
  const [raw] = await tx.query<RawTwap>(LOCK, [workspaceId, twapId]);
  return raw === undefined ? null : toTwap(raw);
}

/** Active ones and those that ended within a day, newest first. */
export async function listTwaps(tx: Tx, workspaceId: string): Promise<TwapRow[]> {
  return (await tx.query<RawTwap>(LIST, [workspaceId])).map(toTwap);
}

/** Writes how far a locked one has come. */
export function writeTwap(
  tx: Tx,
  { workspaceId, id }: Pick<TwapRow, "workspaceId" | "id">,
  now: Pick<TwapRow, "state" | "attempt" | "filled" | "lastDenial">,
): void {
  tx.send(WRITE, [workspaceId, id, now.state, now.attempt, now.filled.toFixed(), now.lastDenial]);
}
