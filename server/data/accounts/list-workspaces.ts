import { statement, type Tx } from "#server/data/tx.ts";

const LIST = statement(
  "workspaces.with-accounts",
  "select distinct workspace_id as id from lane_leases where workspace_id > $1::uuid order by 1 limit 500",
);
const NONE_BEFORE = "00000000-0000-0000-0000-000000000000";

/** Workspaces with a venue account, 500 at a time and in order; `after` null begins. Worker's role only. */
export async function listWorkspacesWithAccounts(tx: Tx, after: string | null): Promise<string[]> {
  return (await tx.query<{ id: string }>(LIST, [after ?? NONE_BEFORE])).map(({ id }) => id);
}
