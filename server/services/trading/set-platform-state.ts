import { v7 as uuidv7 } from "uuid";
import type { KillSwitchInput, StateChangeInput, TradingStateResult } from "#lib/contracts/trading.ts";
import type { SignedIn } from "#server/auth/read-session.ts";
import type { RequestFacts } from "#server/context.ts";
import {
  lockTradingState,
  readTradingChange,
  spreadTradingChange,
  type TradingChange,
  writeTradingChange,
} from "#server/data/trading/trading-states.ts";
import type { Tx } from "#server/data/tx.ts";
import { auditPlatformAct } from "#server/services/audit-act.ts";
import type { ServiceDeps } from "#server/services/service-deps.ts";
import { changeFacts, planChange, planKill, scopeOf } from "./change-state.ts";

interface Venue {
  /** Null: the whole platform. */
  readonly venue: string | null;
}

function record(tx: Tx, signedIn: SignedIn, facts: RequestFacts, change: TradingChange): TradingStateResult {
  writeTradingChange(tx, change);
  const action = change.killSwitch ? "kill-switch.pull" : "trading-state.set";
  auditPlatformAct(tx, facts, signedIn.userId, { action, target: change.scope, result: "OK", details: changeFacts(change) });
  // What it means inside of the workspaces is a worker's: the web sees one of them at a time.
  spreadTradingChange(tx, uuidv7(), change.id);
  return { state: change.to, changed: true, ordersWithdrawn: null };
}

/**
 * Sets what everybody may do, on the platform or at one venue; for staff. In force for every order that is not sent when this commits; the
 * workspaces are told by a worker. Throws `REASON_REQUIRED` and `TRADING_STATE_CHANGED` for allowing again.
 */
export function setPlatformState(
  deps: ServiceDeps,
  signedIn: SignedIn,
  facts: RequestFacts,
  input: StateChangeInput & Venue,
): Promise<TradingStateResult> {
  return deps.database.platform(async (tx) => {
    const current = await lockTradingState(tx, scopeOf(input.venue));
    const change = planChange(current, input, { workspaceId: null, changedBy: signedIn.userId });
    if (change === null) return { state: input.state, changed: false, ordersWithdrawn: null };
    return record(tx, signedIn, facts, change);
  });
}

/** Halts the platform or a venue for everybody; a worker withdraws every open order of that scope and closes positions when asked. */
export function killPlatform(
  deps: ServiceDeps,
  signedIn: SignedIn,
  facts: RequestFacts,
  input: KillSwitchInput & Venue,
): Promise<TradingStateResult> {
  return deps.database.platform(async (tx) => {
    const current = await lockTradingState(tx, scopeOf(input.venue));
    const before = current.change_id === null ? null : await readTradingChange(tx, current.change_id);
    return record(tx, signedIn, facts, planKill(current, before, input, { workspaceId: null, changedBy: signedIn.userId }));
  });
}
