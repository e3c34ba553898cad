import { randomInt } from "node:crypto";
import { setStatement, type Statement, type Statements, statement, type Tx } from "#server/data/tx.ts";
import { type ClaimedJob, LeaseLost } from "./job.ts";

/** What names one attempt of one worker. */
export type HeldJob = Pick<ClaimedJob, "id" | "attempt" | "attemptsMax"> & { readonly workerId: string };

const BACK_OFF_MS_MIN = 500;
const BACK_OFF_MS_MAX = 5 * 60_000;
const ERROR_LENGTH_MAX = 1_000;

// INVARIANT: only the holder of the current attempt changes a running job, so a worker that was given up for dead changes nothing.
const MINE = "id = $1 and holder = $2 and attempt = $3 and state = 'RUNNING'";

const DONE = setStatement(
  "jobs_done",
  { id: "uuid", holder: "uuid", attempt: "int" },
  (items) => `update jobs j set state = 'DONE', holder = null, lease_until = null, finished_at = now(), last_error = null
   from ${items} where j.id = item.id and j.holder = item.holder and j.attempt = item.attempt and j.state = 'RUNNING'
   returning item.n::int as n`,
);
const RETRY = statement(
  "jobs_retry",
  `update jobs set state = 'QUEUED', holder = null, lease_until = null, run_at = now() + $4 * interval '1 ms', last_error = $5
   where ${MINE} returning id`,
);
const AGAIN = statement(
  "jobs_again",
  `update jobs set state = 'QUEUED', holder = null, lease_until = null, run_at = now() + $4 * interval '1 ms', last_error = null,
     attempts_max = least(attempts_max::bigint + 1, 2147483647)::int
   where ${MINE} returning id`,
);
const PARK = statement(
  "jobs_park",
  `update jobs set state = 'PARKED', holder = null, lease_until = null, finished_at = now(), last_error = $4 where ${MINE} returning id`,
);

async function change(tx: Statements, verb: Statement, job: HeldJob, more: readonly unknown[] = []): Promise<void> {
  const rows = await tx.query(verb, [job.id, job.workerId, job.attempt, ...more]);
  if (rows.length !== 1) throw new LeaseLost(job.id);
}

/**
 * Ends the job in the transaction that does its last work. Whoever has the job by now, if it is not us any more, finds that work done, so
 * this is no reason to undo it.
 */
export function finishWith(tx: Tx, job: HeldJob): void {
  tx.send(DONE, [job.id, job.workerId, job.attempt]);
}

/** Ends the job. Throws `LeaseLost`. */
export async function finishJob(tx: Statements, job: HeldJob): Promise<void> {
  await change(tx, DONE, job);
}

/** Runs the job again after a delay, without that counting as a failure. Throws `LeaseLost`. */
export async function repeatJob(tx: Statements, job: HeldJob, delayMs: number): Promise<void> {
  await change(tx, AGAIN, job, [delayMs]);
}

/** After a failure: back in the queue with back-off, or parked when the attempts are used up. Throws `LeaseLost`. */
export async function retryJob(tx: Statements, job: HeldJob, reason: string): Promise<"retried" | "parked"> {
  if (job.attempt >= job.attemptsMax) {
    await parkJob(tx, job, reason);
    return "parked";
  }
  await change(tx, RETRY, job, [backOffMs(job.attempt), reason.slice(0, ERROR_LENGTH_MAX)]);
  return "retried";
}

/** Sets the job aside for a person: retrying cannot help. Throws `LeaseLost`. */
export async function parkJob(tx: Statements, job: HeldJob, reason: string): Promise<void> {
  await change(tx, PARK, job, [reason.slice(0, ERROR_LENGTH_MAX)]);
}

/** Doubles with every attempt up to five minutes; a random point of the upper half, so that jobs that failed together part. */
export function backOffMs(attempt: number): number {
  const ceiling = Math.min(BACK_OFF_MS_MIN * 2 ** Math.min(attempt - 1, 20), BACK_OFF_MS_MAX);
  return Math.round(ceiling / 2) + randomInt(Math.round(ceiling / 2) + 1);
}
