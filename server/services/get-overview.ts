import type { PlatformOverviewDto } from "#lib/contracts/read.ts";
import type { SignedIn } from "#server/auth/read-session.ts";
import type { RequestFacts } from "#server/context.ts";
import { listWorkers, readPlatformCounts } from "#server/data/views/platform-overview.ts";
import { auditPlatformAct } from "#server/services/audit-act.ts";
import type { ServiceDeps } from "#server/services/service-deps.ts";

/** Workers and counts over all workspaces, for platform staff. The look is audited. */
export function getOverview(deps: ServiceDeps, signedIn: SignedIn, facts: RequestFacts): Promise<PlatformOverviewDto> {
  return deps.database.platform(async (tx) => {
    auditPlatformAct(tx, facts, signedIn.userId, { action: "admin.overview", target: "platform", result: "OK" });
    const counts = await readPlatformCounts(tx);
    const workers = await listWorkers(tx);
    return {
      workers: workers.map((row) => ({
        id: row.id,
        host: row.host,
        pid: row.pid,
        startedAt: row.started_at.toISOString(),
        lastSeenAt: row.last_seen_at.toISOString(),
        alive: row.alive,
      })),
      queue: {
        queued: counts.queued,
        running: counts.running,
        parked: counts.parked,
        oldestWaitMs: counts.oldest_wait_ms === null ? null : Number(counts.oldest_wait_ms),
      },
      unknownOrders: counts.unknown_orders,
      at: deps.clock.now().toISOString(),
    };
  });
}
