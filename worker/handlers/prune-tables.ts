import { pruneCalls } from "#server/data/accounts/prune-calls.ts";
import type { Database } from "#server/data/database.ts";
import { deleteDoneJobs } from "#server/jobs/retention.ts";

const JOBS_KEPT_MS = 24 * 60 * 60_000;

/** Deletes what nothing reads any more: finished jobs after a day, venue calls beyond what the router looks at. */
export async function pruneTables(database: Database): Promise<void> {
  await deleteDoneJobs(database.autocommit, JOBS_KEPT_MS);
  await pruneCalls(database.autocommit);
}
