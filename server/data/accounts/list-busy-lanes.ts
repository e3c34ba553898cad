import { type Statements, statement } from "#server/data/tx.ts";

// A waiting or running account.sync is what an account with resting orders always has.
const LIST = statement(
  "lanes.busy",
  `select l.workspace_id as "workspaceId", l.venue_account_id as "venueAccountId" from lane_leases l
   where l.holder = $1::uuid and l.lease_until > now()
     and exists (select 1 from jobs j where j.lane = l.venue_account_id and j.kind = 'account.sync' and j.state in ('QUEUED', 'RUNNING'))
   order by l.venue_account_id limit 500`,
);

/** The accounts with resting orders that this worker speaks for. Worker's role only. */
export function listBusyLanes(
  tx: Statements,
  workerId: string,
): Promise<{ readonly workspaceId: string; readonly venueAccountId: string }[]> {
  return tx.query(LIST, [workerId]);
}
