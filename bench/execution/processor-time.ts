import { readdirSync, readFileSync } from "node:fs";
import type { OwnerQuery } from "#tests/support/fixtures.ts";

/** Processor time used so far, in ms, by name of the part. */
export type ProcessorTimes = Readonly<Record<string, number>>;

export interface WatchedProcesses {
  readonly query: OwnerQuery;
  readonly postgresPid: number;
  readonly workerPid: number;
  readonly simulatorPid: number;
}

/** The kernel counts in hundredths of a second for `/proc`, whatever its own tick is. */
const MS_PER_TICK = 10;

/**
 * What each process has used: PostgreSQL with all of its backends, split by who they served. The generator, which plays the web, is this
 * process. Empty where the system has no `/proc`.
 */
export async function readProcessorTimes(watched: WatchedProcesses): Promise<ProcessorTimes> {
  const own = process.cpuUsage();
  const statOf = readStats();
  if (statOf === null) return {};
  const served = await readBackends(watched.query);
  const times: Record<string, number> = {
    generator: (own.user + own.system) / 1_000,
    worker: statOf(watched.workerPid)?.ownMs ?? 0,
    simulator: statOf(watched.simulatorPid)?.ownMs ?? 0,
  };
  const server = statOf(watched.postgresPid);
  let postgres = (server?.ownMs ?? 0) + (server?.endedChildrenMs ?? 0);
  const add = (name: string, ms: number): void => void (times[name] = (times[name] ?? 0) + ms);
  add("postgresOther", postgres);
  for (const pid of statOf.childrenOf(watched.postgresPid)) {
    const backend = statOf(pid);
    if (backend === null) continue;
    const ms = backend.ownMs + backend.endedChildrenMs;
    postgres += ms;
    add(served.get(pid) ?? "postgresOther", ms);
  }
  return { postgres, ...times };
}

/** What was used between two readings. */
export function usedBetween(before: ProcessorTimes, after: ProcessorTimes): ProcessorTimes {
  return Object.fromEntries(Object.entries(after).map(([name, ms]) => [name, ms - (before[name] ?? 0)]));
}

async function readBackends(query: OwnerQuery): Promise<ReadonlyMap<number, string>> {
  const rows = await query("select pid, application_name as name from pg_stat_activity where backend_type = 'client backend'");
  const names: Readonly<Record<string, string>> = { "bench-web": "postgresForWeb", "bench-worker": "postgresForWorker" };
  return new Map(rows.map((row) => [Number(row["pid"]), names[String(row["name"])] ?? "postgresOther"]));
}

interface ProcessStat {
  readonly parent: number;
  readonly ownMs: number;
  /** Of children that ended and were waited for. */
  readonly endedChildrenMs: number;
}

/** One look at all processes; null where there is no `/proc`. */
function readStats(): (((pid: number) => ProcessStat | null) & { childrenOf(pid: number): number[] }) | null {
  const stats = new Map<number, ProcessStat>();
  try {
    for (const name of readdirSync("/proc")) {
      if (!/^\d+$/.test(name)) continue;
      const stat = readStat(Number(name));
      if (stat !== null) stats.set(Number(name), stat);
    }
  } catch {
    return null;
  }
  return Object.assign((pid: number) => stats.get(pid) ?? null, {
    childrenOf: (parent: number) => [...stats].filter(([, stat]) => stat.parent === parent).map(([pid]) => pid),
  });
}

/** Null for a process that has ended since it was listed. */
function readStat(pid: number): ProcessStat | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The program's name may hold anything, so the fields are counted from its closing bracket: see proc(5).
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    const ticks = (at: number): number => Number(fields[at]);
    return {
      parent: ticks(1),
      ownMs: (ticks(11) + ticks(12)) * MS_PER_TICK,
      endedChildrenMs: (ticks(13) + ticks(14)) * MS_PER_TICK,
    };
  } catch {
    return null;
  }
}
