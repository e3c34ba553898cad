import { Decimal } from "#server/domain/decimal.ts";
import type { FoundMovement, MovementKind, UnnamedMovement } from "#server/domain/movement/movement.ts";
import { statement, type Tx } from "#server/data/tx.ts";

interface AccountKey {
  readonly workspaceId: string;
  readonly venueAccountId: string;
}

const KNOWN = statement(
  "movements.known",
  `select kind, asset, reference from movements
   where workspace_id = $1::uuid and venue_account_id = $2::uuid and reference = any($3::text[])`,
);
const UNNAMED = statement(
  "movements.unnamed",
  `select id, asset, amount, found_at as "foundAt" from movements
   where workspace_id = $1::uuid and venue_account_id = $2::uuid and kind = 'UNKNOWN' and found_at > now() - interval '30 days'
   order by found_at limit 500`,
);
const INSERT = statement(
  "movements.insert",
  `insert into movements (id, workspace_id, venue_account_id, kind, asset, amount, reference, detail, at, entry_id)
   values ($1::uuid, $2::uuid, $3::uuid, $4, $5, $6::numeric, $7, $8, $9::timestamptz, $10::uuid)`,
);
const NAME = statement(
  "movements.name",
  `update movements set kind = $4, reference = $5, detail = $6, at = $7::timestamptz, named_at = now(), entry_id = $8::uuid
   where workspace_id = $1::uuid and venue_account_id = $2::uuid and id = $3::uuid and kind = 'UNKNOWN'`,
);

export interface NewMovement {
  readonly id: string;
  readonly kind: MovementKind;
  readonly asset: string;
  readonly amount: Decimal;
  /** Null exactly for what is unknown. */
  readonly reference: string | null;
  readonly detail: string;
  readonly at: Date;
  readonly entryId: string;
}

const keyOf = ({ kind, asset, reference }: Pick<FoundMovement, "kind" | "asset" | "reference">): string =>
  `${kind} ${asset} ${reference}`;

/** Those of `found` that have no row yet. */
export async function withoutBooked(tx: Tx, account: AccountKey, found: readonly FoundMovement[]): Promise<FoundMovement[]> {
  if (found.length === 0) return [];
  const references = [...new Set(found.map(({ reference }) => reference))];
  const rows = await tx.query<Pick<FoundMovement, "kind" | "asset" | "reference">>(KNOWN, [
    account.workspaceId,
    account.venueAccountId,
    references,
  ]);
  const booked = new Set(rows.map(keyOf));
  const unique = new Map(found.map((movement) => [keyOf(movement), movement]));
  return [...unique].filter(([key]) => !booked.has(key)).map(([, movement]) => movement);
}

/** Rows of the last month that nobody could name, oldest first. */
export async function listUnnamed(tx: Tx, account: AccountKey): Promise<UnnamedMovement[]> {
  const rows = await tx.query<{ id: string; asset: string; amount: string; foundAt: Date }>(UNNAMED, [
    account.workspaceId,
    account.venueAccountId,
  ]);
  return rows.map((row) => ({ ...row, amount: new Decimal(row.amount) }));
}

/** INVARIANT: a second row with the same reference fails its transaction, and with it the ledger entry. */
export function insertMovement(tx: Tx, account: AccountKey, movement: NewMovement): void {
  const { id, kind, asset, amount, reference, detail, at, entryId } = movement;
  const { workspaceId, venueAccountId } = account;
  tx.send(INSERT, [id, workspaceId, venueAccountId, kind, asset, amount.toFixed(), reference, detail, at, entryId]);
}

/** Gives an unknown row its name. `entryId` is the ledger entry that says so. */
export function nameMovement(tx: Tx, account: AccountKey, id: string, movement: FoundMovement, entryId: string): void {
  const { kind, reference, detail, at } = movement;
  tx.send(NAME, [account.workspaceId, account.venueAccountId, id, kind, reference, detail, at, entryId]);
}
