import type { ServerDeps } from "#server/context.ts";
import { statement } from "#server/data/tx.ts";

const PING = statement("health.ping", "select 1 as one");

/** 200 when the process answers and reaches its database, 503 otherwise; for balancers and the supervisor. */
export async function checkHealth(deps: Pick<ServerDeps, "database" | "log">): Promise<Response> {
  const headers = { "cache-control": "no-store" };
  try {
    await deps.database.platform((tx) => tx.query(PING));
    return Response.json({ ok: true }, { headers });
  } catch (error) {
    deps.log.warn({ err: error }, "the health check did not reach the database");
    return Response.json({ ok: false, code: "DATABASE_UNAVAILABLE" }, { status: 503, headers });
  }
}
