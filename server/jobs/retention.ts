import { type Statements, statement } from "#server/data/tx.ts";

const DELETE = statement(
  "jobs_delete_done",
  `delete from jobs where id in (
     select id from jobs where state = 'DONE' and finished_at < now() - $1 * interval '1 ms' order by finished_at limit $2
   ) returning id`,
);

/** Deletes finished jobs older than `olderThanMs`, at most `rowsMax` at a time, and answers how many went. Parked jobs stay. */
export async function deleteDoneJobs(tx: Statements, olderThanMs: number, rowsMax = 5_000): Promise<number> {
  return (await tx.query(DELETE, [olderThanMs, rowsMax])).length;
}
