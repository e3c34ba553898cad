import type { RequestFacts } from "#server/context.ts";
import { revokeSession } from "#server/data/identity/sessions.ts";
import { auditPlatformAct } from "#server/services/audit-act.ts";
import type { ServiceDeps } from "#server/services/service-deps.ts";

/** Ends a session for good. One that is over already stays over. */
export async function signOut(deps: ServiceDeps, facts: RequestFacts, sessionId: string): Promise<void> {
  const now = deps.clock.now();
  await deps.database.platform(async (tx) => {
    const userId = await revokeSession(tx, sessionId, now);
    if (userId !== null) auditPlatformAct(tx, facts, userId, { action: "user.sign-out", target: sessionId, result: "OK" });
  });
}
