import { statement, type Tx } from "#server/data/tx.ts";

export interface PlatformCountsRow {
  readonly queued: number;
  readonly running: number;
  readonly parked: number;
  readonly oldest_wait_ms: string | null;
  readonly unknown_orders: number;
}

export interface WorkerRow {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly started_at: Date;
  readonly last_seen_at: Date;
  readonly alive: boolean;
}

const COUNTS = statement(
  "platform-overview.counts",
  "select queued, running, parked, oldest_wait_ms, unknown_orders from nija_platform_overview()",
);
const WORKERS = statement(
  "platform-overview.workers",
  `select id, host, pid, started_at, last_seen_at, stopped_at is null and last_seen_at > now() - interval '30 seconds' as alive
   from workers order by last_seen_at desc, id limit 100`,
);

export async function readPlatformCounts(tx: Tx): Promise<PlatformCountsRow> {
  const [row] = await tx.query<PlatformCountsRow>(COUNTS);
  if (row === undefined) throw new Error("nija_platform_overview answered no row");
  return row;
}

/** Seen last first. */
export function listWorkers(tx: Tx): Promise<WorkerRow[]> {
  return tx.query<WorkerRow>(WORKERS);
}
