import { Decimal } from "#server/domain/decimal.ts";
import { statement, type Tx } from "#server/data/tx.ts";

const READ = statement(
  "risk.realised-today",
  `select split_part(symbol, '/', 2) as quote, sum(realised_pnl) as pnl from fills
   where workspace_id = $1::uuid and executed_at >= date_trunc('day', $2::timestamptz at time zone 'UTC') at time zone 'UTC'
   group by 1`,
);

/** Realised P&L net of fees since 00:00 UTC of `now`, per quote asset. */
export async function realisedPnlToday(tx: Tx, workspaceId: string, now: Date): Promise<ReadonlyMap<string, Decimal>> {
  const rows = await tx.query<{ quote: string; pnl: string }>(READ, [workspaceId, now]);
  return new Map(rows.map((row) => [row.quote, new Decimal(row.pnl)]));
}
