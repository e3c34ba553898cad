import { mayDeadManCount, readDeadMan } from "#server/data/dead-man/read-switch.ts";
import { writeDeadMan } from "#server/data/dead-man/write-switch.ts";
import type { OrderRow } from "#server/data/orders/order-row.ts";
import { type ExecutionContext, inLane, type Lane } from "../context.ts";

/**
 * Switches the account's dead man's switch off before an exit goes there to rest, since it would cancel that one too. A switch that cannot
 * be reached is no reason to keep an exit back: whoever tends it goes on trying.
 */
export async function standDown(ctx: ExecutionContext, lane: Lane, order: OrderRow): Promise<void> {
  const rests = order.restsFor !== null || (order.type === "LIMIT" && order.timeInForce === "GTC");
  if (!order.isExit || !rests) return;
  if (!(await ctx.database.workspace(lane.workspaceId, (tx) => mayDeadManCount(tx, lane)))) return;
  const executor = await ctx.executors.get(lane);
  const outcome = await executor.disarmDeadMan();
  if (outcome.kind !== "disarmed") {
    ctx.log.warn({ venueAccountId: lane.venueAccountId, outcome: outcome.kind }, "an exit rests under a dead man's switch");
    return;
  }
  await inLane(ctx, lane, async (tx) => {
    const row = await readDeadMan(tx, lane);
    if (row !== null) writeDeadMan(tx, lane, { armedUntil: null, heldBack: row.entries > 0, problem: "" });
  });
}
