import { lockRisk } from "#server/data/accounts/lock-risk.ts";
import { listWorkspacesWithAccounts } from "#server/data/accounts/list-workspaces.ts";
import { appendAudit } from "#server/data/append-audit.ts";
import { listSwitches } from "#server/data/trading/closing-orders.ts";
import { readTradingChange, type TradingChange } from "#server/data/trading/trading-states.ts";
import { asWorkspaceId } from "#server/domain/ids.ts";
import { appendEvents } from "#server/events/append.ts";
import type { ServiceDeps } from "#server/services/service-deps.ts";
import { changedEvent, changeFacts, scopeParts } from "./change-state.ts";
import { pullKillSwitch } from "./pull-kill-switch.ts";

/** Workspaces at a time; a few connections stay for everything else. */
const AT_ONCE = 4;

/** Carries the change into one workspace that it concerns, if it is still in force there. */
async function spreadInto(deps: ServiceDeps, workspace: string, change: TradingChange): Promise<void> {
  const workspaceId = asWorkspaceId(workspace);
  const { scope, venue } = scopeParts(change.scope);
  await deps.database.workspace(workspaceId, async (tx) => {
    const [, switches] = await Promise.all([lockRisk(tx, workspaceId), listSwitches(tx, workspaceId, venue)]);
    // No account there, or somebody has changed it again: that change carries itself.
    const isInForce = [...switches.values()].some((set) => scope !== "workspace" && set[scope].changeId === change.id);
    if (!isInForce) return;
    const now = deps.clock.now();
    const action = change.killSwitch ? "kill-switch.pull" : "trading-state.set";
    const act = { action, target: change.scope, result: "OK", details: changeFacts(change) } as const;
    appendAudit(tx, { ...act, workspaceId, actorKind: "USER", actorId: change.changedBy });
    if (change.killSwitch) await pullKillSwitch(tx, workspaceId, change, now);
    else appendEvents(tx, workspaceId, [changedEvent(change, now)]);
  });
}

/**
 * Carries what was changed for the platform or a venue into every workspace, one transaction each: its members are told, and a kill switch is
 * pulled there. What fails in one workspace holds up no other; it throws at the end, and the job begins again: orders are withdrawn
 * once, a member may be told twice.
 */
export async function spreadChange(deps: ServiceDeps, changeId: string): Promise<void> {
  const change = await deps.database.platform((tx) => readTradingChange(tx, changeId));
  if (change === null) return;
  const failures: unknown[] = [];
  for (let after: string | null = null; ; ) {
    const page: string[] = await deps.database.platform((tx) => listWorkspacesWithAccounts(tx, after));
    for (let first = 0; first < page.length; first += AT_ONCE) {
      const done = await Promise.allSettled(page.slice(first, first + AT_ONCE).map((id) => spreadInto(deps, id, change)));
      for (const one of done) if (one.status === "rejected") failures.push(one.reason);
    }
    after = page.at(-1) ?? null;
    if (after === null) break;
  }
  if (failures.length > 0) throw new AggregateError(failures, `the change did not get into ${failures.length} workspaces`);
}
