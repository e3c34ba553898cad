import { statement, type Tx } from "#server/data/tx.ts";

const PAUSE = statement(
  "lanes.pause",
  `update lane_leases set paused_until = greatest(coalesce(paused_until, $3::timestamptz), $3::timestamptz)
   where workspace_id = $1::uuid and venue_account_id = $2::uuid`,
);

/** Remembers that this account's venue wants no calls before `until`. Only this account waits. */
export async function pauseLane(
  tx: Tx,
  lane: { readonly workspaceId: string; readonly venueAccountId: string },
  until: Date,
): Promise<void> {
  await tx.query(PAUSE, [lane.workspaceId, lane.venueAccountId, until]);
}
