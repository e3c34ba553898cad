import { type Statements, statement } from "#server/data/tx.ts";

const REGISTER = statement("workers_register", "insert into workers (id, host, pid) values ($1, $2, $3)");

/** Makes the worker visible to operators. Its id is new with every start. */
export async function registerWorker(tx: Statements, workerId: string, host: string, pid: number): Promise<void> {
  await tx.query(REGISTER, [workerId, host, pid]);
}
