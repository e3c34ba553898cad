import { type Statements, statement } from "#server/data/tx.ts";

const LIST = statement(
  "lanes.unheld",
  `select l.workspace_id as "workspaceId", l.venue_account_id as "venueAccountId" from lane_leases l
   where not exists (select from workers w where w.id = l.holder and w.stopped_at is null and w.last_seen_at > now() - interval '15 seconds')
   order by l.venue_account_id limit 5000`,
);

/** The accounts that no living worker speaks for. Worker's role only. */
export function listUnheldLanes(tx: Statements): Promise<{ readonly workspaceId: string; readonly venueAccountId: string }[]> {
  return tx.query(LIST);
}
