import { Decimal } from "#server/domain/decimal.ts";
import type { TriggerKind } from "#server/domain/trigger/trigger.ts";
import { statement, type Tx } from "#server/data/tx.ts";

const READ = statement(
  "triggers.levels-of-entry",
  `select kind, stop_price from triggers
   where workspace_id = $1::uuid and entry_order_id = $2::uuid and state in ('PENDING', 'ARMED') and kind <> 'TRAILING_STOP'`,
);

/** The standing levels that wait for the fills of an entry, or protect what it has filled. */
export async function readLevelsOfEntry(
  tx: Tx,
  workspaceId: string,
  orderId: string,
): Promise<{ readonly kind: TriggerKind; readonly stopPrice: Decimal }[]> {
  const rows = await tx.query<{ kind: TriggerKind; stop_price: string }>(READ, [workspaceId, orderId]);
  return rows.map(({ kind, stop_price }) => ({ kind, stopPrice: new Decimal(stop_price) }));
}
