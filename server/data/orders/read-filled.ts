import { Decimal } from "#server/domain/decimal.ts";
import { statement, type Tx } from "#server/data/tx.ts";

const READ = statement(
  "orders.filled-of-intents",
  `select coalesce(sum(filled_quantity), 0) as filled,
     coalesce(sum(quantity - filled_quantity) filter (where state not in ('FILLED', 'CANCELED', 'REJECTED', 'EXPIRED', 'DENIED')), 0) as open
   from orders where workspace_id = $1::uuid and intent_id = any ($2::uuid[])`,
);

/** What the orders of these intents have filled, and what of them is still on its way; both in base. */
export async function readFilled(
  tx: Tx,
  workspaceId: string,
  intentIds: readonly string[],
): Promise<{ readonly filled: Decimal; readonly open: Decimal }> {
  const [row] = await tx.query<{ filled: string; open: string }>(READ, [workspaceId, intentIds]);
  return { filled: new Decimal(row?.filled ?? 0), open: new Decimal(row?.open ?? 0) };
}
