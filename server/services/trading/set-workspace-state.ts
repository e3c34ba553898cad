import type { KillSwitchInput, StateChangeInput, TradingStateResult } from "#lib/contracts/trading.ts";
import {
  lockWorkspaceState,
  readTradingChange,
  type TradingStateRow,
  writeTradingChange,
} from "#server/data/trading/trading-states.ts";
import type { Tx } from "#server/data/tx.ts";
import type { Actor } from "#server/domain/actor.ts";
import { AppError } from "#server/errors.ts";
import { appendEvents } from "#server/events/append.ts";
import { auditAct } from "#server/services/audit-act.ts";
import type { ServiceDeps } from "#server/services/service-deps.ts";
import { changedEvent, changeFacts, planChange, planKill } from "./change-state.ts";
import { pullKillSwitch } from "./pull-kill-switch.ts";

async function lockState(tx: Tx, actor: Actor): Promise<TradingStateRow> {
  const current = await lockWorkspaceState(tx, actor.workspaceId);
  if (current === null) throw new AppError("NOT_FOUND", { what: "workspace" });
  return current;
}

/**
 * Sets what a workspace may do. Stopping takes effect for every order that is not sent yet; nothing is withdrawn. Throws `NOT_FOUND`, and for
 * allowing again `REASON_REQUIRED` and `TRADING_STATE_CHANGED`.
 */
export function setWorkspaceState(deps: ServiceDeps, actor: Actor, input: StateChangeInput): Promise<TradingStateResult> {
  const { workspaceId, userId: changedBy } = actor;
  return deps.database.workspace(workspaceId, async (tx) => {
    const change = planChange(await lockState(tx, actor), input, { workspaceId, changedBy });
    if (change === null) return { state: input.state, changed: false, ordersWithdrawn: 0 };
    writeTradingChange(tx, change);
    auditAct(tx, actor, { action: "trading-state.set", target: workspaceId, result: "OK", details: changeFacts(change) });
    appendEvents(tx, workspaceId, [changedEvent(change, deps.clock.now())]);
    return { state: change.to, changed: true, ordersWithdrawn: 0 };
  });
}

/**
 * Halts a workspace, withdraws every open order of it and, when asked, closes its positions, all decided in one transaction. Pulling it
 * again does it again. Throws `NOT_FOUND`.
 */
export function killWorkspace(deps: ServiceDeps, actor: Actor, input: KillSwitchInput): Promise<TradingStateResult> {
  const { workspaceId, userId: changedBy } = actor;
  return deps.database.workspace(workspaceId, async (tx) => {
    const current = await lockState(tx, actor);
    const before = current.change_id === null ? null : await readTradingChange(tx, current.change_id);
    const change = planKill(current, before, input, { workspaceId, changedBy });
    writeTradingChange(tx, change);
    auditAct(tx, actor, { action: "kill-switch.pull", target: workspaceId, result: "OK", details: changeFacts(change) });
    const ordersWithdrawn = await pullKillSwitch(tx, workspaceId, change, deps.clock.now());
    return { state: change.to, changed: true, ordersWithdrawn };
  });
}
