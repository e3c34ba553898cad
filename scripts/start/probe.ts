import pg from "pg";

const PROBE_TIMEOUT_MS = 2_000;

/** True when the address answers with a status below 400. */
export async function answersHttp(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS), redirect: "manual" });
    await response.body?.cancel();
    return response.status < 400;
  } catch {
    return false;
  }
}

/** True when a worker of this machine has reported itself since `since` and not said goodbye. */
export async function hasLiveWorker(databaseUrl: string, since: Date): Promise<boolean> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: PROBE_TIMEOUT_MS });
  client.on("error", () => undefined);
  try {
    await client.connect();
    const { rowCount } = await client.query("select from workers where last_seen_at >= $1 and stopped_at is null limit 1", [
      since,
    ]);
    return (rowCount ?? 0) > 0;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}
