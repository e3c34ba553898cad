import { type Statements, statement } from "#server/data/tx.ts";

const PRUNE = statement("venue-calls.prune", "delete from venue_calls where at < now() - interval '7 days'");

/** Forgets calls to venues older than a week. */
export async function pruneCalls(tx: Statements): Promise<void> {
  await tx.query(PRUNE);
}
