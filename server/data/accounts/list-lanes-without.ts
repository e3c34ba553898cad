import { statement, type Tx } from "#server/data/tx.ts";

const LIST = statement(
  "lanes.without-job",
  `select l.workspace_id as "workspaceId", l.venue_account_id as "venueAccountId" from lane_leases l
   where not exists (select 1 from jobs j where j.lane = l.venue_account_id and j.kind = $1 and j.state in ('QUEUED', 'RUNNING'))
   order by l.venue_account_id limit 1000`,
);

/** Venue accounts of every workspace for which no job of this kind waits or runs. Worker's role only. */
export function listLanesWithout(
  tx: Tx,
  kind: string,
): Promise<{ readonly workspaceId: string; readonly venueAccountId: string }[]> {
  return tx.query(LIST, [kind]);
}
