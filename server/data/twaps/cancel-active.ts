import { statement, type Tx } from "#server/data/tx.ts";

const CANCEL = statement(
  "twaps.cancel-active",
  `update twaps t set state = 'CANCELED', updated_at = now()
   where t.workspace_id = $1::uuid and t.state = 'ACTIVE'
     and ($2::text is null or exists (select from venue_accounts a where a.workspace_id = $1::uuid and a.id = t.venue_account_id and a.venue = $2))`,
);

/** Ends what is worked off in slices: all of the workspace, or what is bound to one venue. Call it under the risk lock. */
export function cancelActiveTwaps(tx: Tx, workspaceId: string, venue: string | null): void {
  tx.send(CANCEL, [workspaceId, venue]);
}
