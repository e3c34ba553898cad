import type { Decimal } from "#server/domain/decimal.ts";
import { statement, type Tx } from "#server/data/tx.ts";

/** One try of an order over time. Its orders are those of the intent. */
export interface TwapSlice {
  readonly workspaceId: string;
  readonly twapId: string;
  readonly attempt: number;
  readonly intentId: string;
  readonly quantity: Decimal;
  readonly denial: string | null;
  readonly at: Date;
}

const INSERT = statement(
  "twap-slices.insert",
  `insert into twap_slices (workspace_id, twap_id, attempt, intent_id, quantity, denial, at)
   values ($1::uuid, $2::uuid, $3::int, $4::uuid, $5::numeric, $6, $7::timestamptz)`,
);

export function insertSlice(tx: Tx, { workspaceId, twapId, attempt, intentId, quantity, denial, at }: TwapSlice): void {
  tx.send(INSERT, [workspaceId, twapId, attempt, intentId, quantity.toFixed(), denial, at]);
}
