import type { TradingStateDto } from "#lib/contracts/trading.ts";
import type { SignedIn } from "#server/auth/read-session.ts";
import type { RequestFacts } from "#server/context.ts";
import { listTradingStates, readWorkspaceState, type TradingStateRow } from "#server/data/trading/trading-states.ts";
import type { Actor } from "#server/domain/actor.ts";
import { AppError } from "#server/errors.ts";
import { auditPlatformAct } from "#server/services/audit-act.ts";
import type { ServiceDeps } from "#server/services/service-deps.ts";
import { scopeParts } from "./change-state.ts";

function toDto(row: TradingStateRow, showWho: boolean): TradingStateDto {
  const { state, reason, changed_by, changed_at } = row;
  return {
    ...scopeParts(row.scope),
    state,
    reason,
    changedBy: showWho ? changed_by : null,
    changedAt: row.change_id === null ? null : (changed_at?.toISOString() ?? null),
  };
}

/** Everything that stands above the workspace's orders: its own state first, then the platform's and the venues' that were changed. */
export function listStates(deps: ServiceDeps, actor: Actor): Promise<readonly TradingStateDto[]> {
  return deps.database.workspace(actor.workspaceId, async (tx) => {
    const [own, others] = await Promise.all([readWorkspaceState(tx, actor.workspaceId), listTradingStates(tx)]);
    if (own === null) throw new AppError("NOT_FOUND", { what: "workspace" });
    return [toDto(own, true), ...others.map((row) => toDto(row, false))];
  });
}

/** The platform's and the venues' states with who changed them, for staff. The look is audited. */
export function listPlatformStates(
  deps: ServiceDeps,
  signedIn: SignedIn,
  facts: RequestFacts,
): Promise<readonly TradingStateDto[]> {
  return deps.database.platform(async (tx) => {
    auditPlatformAct(tx, facts, signedIn.userId, { action: "admin.trading-states", target: "platform", result: "OK" });
    return (await listTradingStates(tx)).map((row) => toDto(row, true));
  });
}
