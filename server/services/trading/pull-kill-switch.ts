import { cancelActiveTwaps } from "#server/data/twaps/cancel-active.ts";
import { lockOpenOrders } from "#server/data/trading/lock-open-orders.ts";
import type { TradingChange } from "#server/data/trading/trading-states.ts";
import type { Tx } from "#server/data/tx.ts";
import type { WorkspaceId } from "#server/domain/ids.ts";
import { appendEvents } from "#server/events/append.ts";
import { enqueue } from "#server/jobs/enqueue.ts";
import { ATTEMPTS_UNLIMITED } from "#server/jobs/job.ts";
import { withdrawForKillSwitch } from "#server/services/cancel-order.ts";
import { endedEvent } from "#server/services/twap/twap-events.ts";
import { changedEvent, scopeParts } from "./change-state.ts";

/** Job that closes a workspace's positions, as long as the switch that asked for it is in force. */
export const CLOSE_JOB = "trading.close";
const PRIORITY_KILL_SWITCH = 1;

/**
 * Does in one workspace what a kill switch means, in the transaction that holds the workspace's risk lock: every open order of its scope is
 * withdrawn before all other work, what is worked off in slices ends, and positions are closed if it says so. Answers how many orders. Ends with the events.
 */
export async function pullKillSwitch(tx: Tx, workspaceId: WorkspaceId, change: TradingChange, now: Date): Promise<number> {
  // All of them first: whoever holds one may be waiting for what the events below hold.
  const { venue } = scopeParts(change.scope);
  const orders = await lockOpenOrders(tx, workspaceId, venue);
  const ended = await cancelActiveTwaps(tx, workspaceId, venue, now);
  const events = withdrawForKillSwitch(tx, orders, now);
  if (change.closePositions) {
    enqueue(tx, {
      kind: CLOSE_JOB,
      workspaceId,
      lane: null,
      priority: PRIORITY_KILL_SWITCH,
      payload: { changeId: change.id },
      attemptsMax: ATTEMPTS_UNLIMITED,
      dedupeKey: `${CLOSE_JOB}:${change.id}`,
    });
  }
  appendEvents(tx, workspaceId, [changedEvent(change, now), ...ended.map((twap) => endedEvent(twap, now)), ...events]);
  return orders.length;
}
