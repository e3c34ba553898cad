import type { TriggerDto } from "#lib/contracts/triggers.ts";
import { endTrigger } from "#server/data/triggers/change-trigger.ts";
import { listTriggers, loadTrigger, lockTrigger } from "#server/data/triggers/load-trigger.ts";
import { lockRestingOrders } from "#server/data/triggers/resting-orders.ts";
import type { Actor } from "#server/domain/actor.ts";
import { isTerminal } from "#server/domain/order/state.ts";
import type { TriggerState } from "#server/domain/trigger/trigger.ts";
import { AppError } from "#server/errors.ts";
import { appendEvents } from "#server/events/append.ts";
import { auditAct } from "../audit-act.ts";
import { withdrawForStop } from "../cancel-order.ts";
import type { ServiceDeps } from "../service-deps.ts";
import { toTriggerDto } from "./trigger-dto.ts";

/**
 * Takes a stop or a target away, with what rests for it at the venue, unless it has fired. Repeating it changes nothing. Throws NOT_FOUND and TRIGGER_REFUSED with `why`
 * ALREADY_FIRED: its exit is an order by then, and canceled as one.
 */
export function cancelTrigger(
  deps: ServiceDeps,
  actor: Actor,
  input: { readonly triggerId: string },
): Promise<{ readonly state: TriggerState }> {
  return deps.database.workspace(actor.workspaceId, async (tx) => {
    const { workspaceId } = actor;
    const known = await loadTrigger(tx, workspaceId, input.triggerId);
    if (known === null) throw new AppError("NOT_FOUND", { what: "trigger" });
    const { venueAccountId, symbol } = known;
    const [rested, trigger] = await Promise.all([
      venueAccountId === null ? [] : lockRestingOrders(tx, workspaceId, venueAccountId, symbol),
      lockTrigger(tx, workspaceId, input.triggerId),
    ]);
    if (trigger === null) throw new AppError("NOT_FOUND", { what: "trigger" });
    if (trigger.state === "FIRED" || trigger.state === "DONE") throw new AppError("TRIGGER_REFUSED", { why: "ALREADY_FIRED" });
    if (trigger.state === "CANCELED") return { state: trigger.state };
    auditAct(tx, actor, { action: "trigger.cancel", target: trigger.id, result: "OK", details: {} });
    endTrigger(tx, workspaceId, trigger.id, "BY_USER");
    const own = rested
      .map(({ order }) => order)
      .filter((order) => !isTerminal(order.state) && order.restsFor?.triggerId === trigger.id);
    appendEvents(tx, workspaceId, withdrawForStop(tx, own, deps.clock.now()));
    return { state: "CANCELED" };
  });
}

/** Open triggers and those that ended within a day, newest first. */
export async function listWorkspaceTriggers(deps: ServiceDeps, actor: Actor): Promise<readonly TriggerDto[]> {
  const rows = await deps.database.workspace(actor.workspaceId, (tx) => listTriggers(tx, actor.workspaceId));
  return rows.map((row) => toTriggerDto(row, row.resting));
}
