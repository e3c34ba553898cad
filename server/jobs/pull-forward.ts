import { statement, type Tx } from "#server/data/tx.ts";
import { JOBS_CHANNEL } from "./job.ts";

const PULL = statement(
  "jobs_pull-forward",
  `with pulled as (
     update jobs set run_at = coalesce($3::timestamptz, now())
     where workspace_id = $1 and dedupe_key = $2 and state = 'QUEUED' and run_at > coalesce($3::timestamptz, now()) returning kind, run_at
   )
   select case when run_at <= now() then pg_notify('${JOBS_CHANNEL}', kind) end from pulled`,
);

/** Makes the waiting job of this key due at `runAt` (null: now) if it was due later. Nothing happens when none waits. */
export async function pullForward(tx: Tx, workspaceId: string, dedupeKey: string, runAt: Date | null): Promise<void> {
  await tx.query(PULL, [workspaceId, dedupeKey, runAt]);
}
