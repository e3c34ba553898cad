import { Decimal } from "#server/domain/decimal.ts";
import { statement, type Tx } from "#server/data/tx.ts";

const READ = statement(
  "triggers.exits",
  `select coalesce(sum(filled_quantity), 0) as sold,
     coalesce(bool_or(state not in ('FILLED', 'CANCELED', 'REJECTED', 'EXPIRED', 'DENIED')), false) as "isOpen"
   from orders where workspace_id = $1::uuid and intent_id = any ($2::uuid[])`,
);

/** What the exits of these intents have sold in base, and whether one of them is still on its way. */
export async function readExits(
  tx: Tx,
  workspaceId: string,
  intentIds: readonly string[],
): Promise<{ readonly sold: Decimal; readonly isOpen: boolean }> {
  const [row] = await tx.query<{ sold: string; isOpen: boolean }>(READ, [workspaceId, intentIds]);
  return { sold: new Decimal(row?.sold ?? 0), isOpen: row?.isOpen ?? false };
}
