import { Decimal } from "#server/domain/decimal.ts";
import { statement, type Tx } from "#server/data/tx.ts";

const FIND = statement(
  "adoptions.find",
  `select id, venue_account_id, symbol, kind, quantity, unit_cost, cost_basis, priced_by, at from position_adoptions
   where workspace_id = $1::uuid and id = $2::uuid`,
);
const INSERT = statement(
  "adoptions.insert",
  `insert into position_adoptions (workspace_id, id, venue_account_id, symbol, kind, quantity, unit_cost, cost_basis, priced_by,
     actor_user_id, at)
   values ($1::uuid, $2::uuid, $3::uuid, $4, $5, $6::numeric, $7::numeric, $8::numeric, $9, $10::uuid, $11::timestamptz)`,
);

export interface Adoption {
  readonly id: string;
  readonly venueAccountId: string;
  readonly symbol: string;
  readonly kind: "ADOPTED" | "RELEASED";
  /** Base. */
  readonly quantity: Decimal;
  /** Quote per unit. */
  readonly unitCost: Decimal;
  /** Quote that went with the quantity. */
  readonly costBasis: Decimal;
  readonly pricedBy: "OWNER" | "MARKET" | "AVERAGE";
  readonly at: Date;
}

interface Raw {
  readonly id: string;
  readonly venue_account_id: string;
  readonly symbol: string;
  readonly kind: Adoption["kind"];
  readonly quantity: string;
  readonly unit_cost: string;
  readonly cost_basis: string;
  readonly priced_by: Adoption["pricedBy"];
  readonly at: Date;
}

/** Null when this workspace has none of that id. */
export async function findAdoption(tx: Tx, workspaceId: string, id: string): Promise<Adoption | null> {
  const [raw] = await tx.query<Raw>(FIND, [workspaceId, id]);
  if (raw === undefined) return null;
  return {
    id: raw.id,
    venueAccountId: raw.venue_account_id,
    symbol: raw.symbol,
    kind: raw.kind,
    quantity: new Decimal(raw.quantity),
    unitCost: new Decimal(raw.unit_cost),
    costBasis: new Decimal(raw.cost_basis),
    pricedBy: raw.priced_by,
    at: raw.at,
  };
}

/** Writes it down; the database carries it into the position in the same statement, whether there was one or not. */
export function insertAdoption(tx: Tx, workspaceId: string, actorUserId: string, adoption: Adoption): void {
  const { id, venueAccountId, symbol, kind, quantity, unitCost, costBasis, pricedBy, at } = adoption;
  const amounts = [quantity.toFixed(), unitCost.toFixed(), costBasis.toFixed()];
  tx.send(INSERT, [workspaceId, id, venueAccountId, symbol, kind, ...amounts, pricedBy, actorUserId, at]);
}
