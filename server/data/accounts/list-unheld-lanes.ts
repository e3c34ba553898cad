import { type Statements, statement } from "#server/data/tx.ts";

// Whatever is open of an account's orders has a job in its lane.
const LIST = statement(
  "lanes.unheld",
  `select l.workspace_id as "workspaceId", l.venue_account_id as "venueAccountId" from lane_leases l
   where not exists (select from workers w where w.id = l.holder and w.stopped_at is null and w.last_seen_at > now() - interval '15 seconds')
     and exists (select from jobs j where j.lane = l.venue_account_id and j.state in ('QUEUED', 'RUNNING')
       and (j.kind in ('account.sync', 'account.dead-man') or j.kind like 'order.%'))
   order by l.venue_account_id limit 5000`,
);

/** The accounts with open orders that no living worker speaks for. Worker's role only. */
export function listUnheldLanes(tx: Statements): Promise<{ readonly workspaceId: string; readonly venueAccountId: string }[]> {
  return tx.query(LIST);
}
