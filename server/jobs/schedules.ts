import { Cron } from "croner";
import type { Database } from "#server/data/database.ts";
import { type Statements, statement } from "#server/data/tx.ts";
import { assert } from "#server/domain/assert.ts";
import { enqueue } from "./enqueue.ts";

export interface ScheduleDefinition {
  readonly name: string;
  /** Five or six fields (with seconds), in UTC. */
  readonly cron: string;
  readonly jobKind: string;
  readonly payload?: Readonly<Record<string, unknown>>;
}

interface DueSchedule {
  readonly name: string;
  readonly cron: string;
  readonly jobKind: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly nextRunAt: Date;
  readonly now: Date;
}

const DEFINE = statement(
  "schedules_define",
  `insert into schedules as s (name, cron, job_kind, payload, next_run_at) values ($1, $2, $3, $4, $5)
   on conflict (name) do update set job_kind = excluded.job_kind, payload = excluded.payload, cron = excluded.cron,
     next_run_at = case when s.cron = excluded.cron then s.next_run_at else excluded.next_run_at end`,
);
const NOW = statement("schedules_now", "select now() as now");
const DUE = statement(
  "schedules_due",
  `select name, cron, job_kind as "jobKind", payload, next_run_at as "nextRunAt", now() as now from schedules
   where next_run_at <= now() order by next_run_at limit 20 for update skip locked`,
);
const MOVE = statement("schedules_move", "update schedules set next_run_at = $2 where name = $1");

/** Makes or changes schedules. An unchanged expression keeps its next instant, so restarts neither skip nor repeat one. */
export async function defineSchedules(tx: Statements, definitions: readonly ScheduleDefinition[]): Promise<void> {
  const [row] = await tx.query<{ now: Date }>(NOW);
  assert(row !== undefined, "the database has no clock");
  for (const { name, cron, jobKind, payload } of definitions) {
    await tx.query(DEFINE, [name, cron, jobKind, payload ?? {}, nextAfter(cron, row.now)]);
  }
}

/**
 * Enqueues one job per due schedule and moves it on, in one transaction: any number of workers may call this, each instant fires once.
 * Instants missed while nobody ran fire once together. The payload gets `scheduledFor`. Answers the names that fired.
 */
export async function fireDueSchedules(database: Database): Promise<string[]> {
  return database.platform(async (tx) => {
    const due = await tx.query<DueSchedule>(DUE);
    for (const schedule of due) {
      const payload = { ...schedule.payload, scheduledFor: schedule.nextRunAt.toISOString() };
      enqueue(tx, { kind: schedule.jobKind, workspaceId: null, priority: 5, payload });
      await tx.query(MOVE, [schedule.name, nextAfter(schedule.cron, schedule.now)]);
    }
    return due.map((schedule) => schedule.name);
  });
}

/** The database's clock decides, not this machine's. */
function nextAfter(cron: string, after: Date): Date {
  const next = new Cron(cron, { timezone: "UTC", paused: true }).nextRun(after);
  assert(next !== null, `cron expression ${cron} never comes`);
  return next;
}
