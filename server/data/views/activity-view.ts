import { statement, type Tx } from "#server/data/tx.ts";

export interface ActivityRow {
  readonly seq: string;
  readonly type: string;
  readonly data: Record<string, unknown>;
  readonly at: Date;
}

// A stop that trails moves every second and would bury all else.
const LIST = statement(
  "activity-view.list",
  `select seq, type, data, at from events
   where workspace_id = $1::uuid and ($2::bigint is null or seq < $2::bigint) and type <> 'TriggerMoved'
   order by seq desc limit $3`,
);
const LAST_SEQ = statement("activity-view.last-seq", "select event_seq from workspace_sequences where workspace_id = $1::uuid");

/** Newest first, before `beforeSeq`. */
export function listActivityRows(tx: Tx, workspaceId: string, beforeSeq: string | null, limit: number): Promise<ActivityRow[]> {
  return tx.query<ActivityRow>(LIST, [workspaceId, beforeSeq, limit]);
}

/** The number of the workspace's last event; "0" before the first. */
export async function readEventSeq(tx: Tx, workspaceId: string): Promise<string> {
  const [row] = await tx.query<{ event_seq: string }>(LAST_SEQ, [workspaceId]);
  return row?.event_seq ?? "0";
}
