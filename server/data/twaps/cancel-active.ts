import { statement, type Tx } from "#server/data/tx.ts";
import { type RawTwap, toTwapRow, TWAP_COLUMNS, type TwapRow } from "./twap-rows.ts";

const CANCEL = statement(
  "twaps.cancel-active",
  `update twaps t set state = 'CANCELED', paused_at = null, ended_at = $3::timestamptz, updated_at = now()
   where t.workspace_id = $1::uuid and t.state in ('ACTIVE', 'PAUSED')
     and ($2::text is null or exists (select from venue_accounts a where a.workspace_id = $1::uuid and a.id = t.venue_account_id and a.venue = $2))
   returning ${TWAP_COLUMNS}`,
);

/**
 * Ends what is worked off in slices: all of the workspace, or what is bound to one venue. Answers what it has ended. Call it under the risk
 * lock.
 */
export async function cancelActiveTwaps(tx: Tx, workspaceId: string, venue: string | null, now: Date): Promise<TwapRow[]> {
  return (await tx.query<RawTwap>(CANCEL, [workspaceId, venue, now])).map(toTwapRow);
}
