import type { OwnerQuery } from "#tests/support/fixtures.ts";

/** Settings that the server needs for `startCounting`. */
export const COUNTING_SETTINGS = {
  shared_preload_libraries: "pg_stat_statements",
  "pg_stat_statements.max": "1000",
  "pg_stat_statements.track_utility": "on",
} as const;

export interface StatementCount {
  readonly calls: number;
  readonly meanMs: number;
  readonly rows: number;
  readonly role: string;
  readonly text: string;
}

/** What the server did since `startCounting`, of this database. */
export interface ServerCount {
  readonly statements: readonly StatementCount[];
  readonly commits: number;
  readonly walBytes: number;
}

/** Forgets what was counted before. The first call also makes the extension. */
export async function startCounting(query: OwnerQuery): Promise<() => Promise<ServerCount>> {
  await query("create extension if not exists pg_stat_statements");
  const before = await readTotals(query);
  await query("select pg_stat_statements_reset()");
  return async () => {
    const after = await readTotals(query);
    return {
      statements: await readStatements(query),
      commits: after.commits - before.commits,
      walBytes: after.walBytes - before.walBytes,
    };
  };
}

async function readTotals(query: OwnerQuery): Promise<{ commits: number; walBytes: number }> {
  const [row] = await query(
    `select (select xact_commit from pg_stat_database where datname = current_database())::float8 as commits,
       pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8 as wal`,
  );
  return { commits: Number(row?.["commits"]), walBytes: Number(row?.["wal"]) };
}

async function readStatements(query: OwnerQuery): Promise<StatementCount[]> {
  const rows = await query(
    `select s.calls::float8 as calls, s.mean_exec_time as mean, s.rows::float8 as rows, r.rolname as role, s.query as text
     from pg_stat_statements s join pg_roles r on r.oid = s.userid
     where s.dbid = (select oid from pg_database where datname = current_database()) and r.rolname like 'nija_%'
     order by s.total_exec_time desc`,
  );
  return rows.map((row) => ({
    calls: Number(row["calls"]),
    meanMs: Number(row["mean"]),
    rows: Number(row["rows"]),
    role: String(row["role"]).replace("nija_", ""),
    text: String(row["text"]).replaceAll(/\s+/g, " ").trim(),
  }));
}

const TEXT_LENGTH = 110;

/** The costliest statements per order, and the sum by role. `orders` is how many orders the counted time carried. */
export function formatStatements({ statements, commits, walBytes }: ServerCount, orders: number): string {
  const lines = statements
    .map((one) => ({ ...one, msPerOrder: (one.calls * one.meanMs) / orders }))
    .filter(({ msPerOrder }) => msPerOrder >= 0.002)
    .map(({ calls, meanMs, rows, role, text, msPerOrder }) =>
      [
        (calls / orders).toFixed(3).padStart(9),
        meanMs.toFixed(3).padStart(8),
        msPerOrder.toFixed(3).padStart(9),
        (rows / calls).toFixed(1).padStart(6),
        role.padEnd(6),
        text.slice(0, TEXT_LENGTH),
      ].join("  "),
    );
  const sums = ["web", "worker"].map((role) => {
    const ofRole = statements.filter((one) => one.role === role);
    const calls = ofRole.reduce((sum, one) => sum + one.calls, 0);
    const ms = ofRole.reduce((sum, one) => sum + one.calls * one.meanMs, 0);
    return `${role}: ${(calls / orders).toFixed(1)} statements, ${(ms / orders).toFixed(3)} ms`;
  });
  return [
    "calls/ord   mean ms   ms/order   rows  role    statement",
    ...lines,
    `per order: ${sums.join("; ")}; ${(commits / orders).toFixed(2)} commits; ${(walBytes / orders / 1_024).toFixed(1)} KiB of WAL`,
  ].join("\n");
}
