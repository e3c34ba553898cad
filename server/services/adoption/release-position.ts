import type { AdoptionDto, ReleasePositionInput } from "#lib/contracts/position.ts";
import { lockRisk } from "#server/data/accounts/lock-risk.ts";
import { type Adoption, findAdoption } from "#server/data/ledger/adoptions.ts";
import { lockKnownPosition } from "#server/data/ledger/positions.ts";
import { listOpenOrders } from "#server/data/orders/list-open-orders.ts";
import { listTriggersOf } from "#server/data/triggers/load-trigger.ts";
import type { Actor } from "#server/domain/actor.ts";
import { Decimal } from "#server/domain/decimal.ts";
import { roundToColumn } from "#server/domain/money/rounding.ts";
import { release, unclaimed } from "#server/domain/position/adoption.ts";
import { AppError } from "#server/errors.ts";
import { leaving, restingExits } from "../intent/gather-facts.ts";
import type { ServiceDeps } from "../service-deps.ts";
import { recordAdoption, repeatOf } from "./record-adoption.ts";

/**
 * Takes `quantity` base out of a position: it stays in the account as the owner's own, and Nija no longer sells it. It leaves at average cost,
 * and nothing is won or lost. What open exits, stops and targets will sell stays. The same id again answers what was done. Throws NOT_FOUND
 * (no such position), INTENT_CONFLICT (the id was used on other terms) and ADOPTION_REFUSED with `why` EXCEEDS_POSITION or PROMISED, and
 * with what is `free`.
 */
export function releasePosition(
  deps: ServiceDeps,
  actor: Actor,
  input: Omit<ReleasePositionInput, "workspaceId">,
): Promise<AdoptionDto> {
  const { workspaceId } = actor;
  const { adoptionId: id, venueAccountId, symbol } = input;
  const quantity = new Decimal(input.quantity);
  return deps.database.workspace(workspaceId, async (tx) => {
    // Under the risk lock no new exit or stop is accepted, and under the position's no fill is booked: what is read after them stays true.
    const [, stored, held, orders, triggers] = await Promise.all([
      lockRisk(tx, workspaceId),
      findAdoption(tx, workspaceId, id),
      lockKnownPosition(tx, workspaceId, venueAccountId, symbol),
      listOpenOrders(tx, workspaceId),
      listTriggersOf(tx, workspaceId, venueAccountId, symbol),
    ]);
    if (stored !== null) return repeatOf(stored, { kind: "RELEASED", venueAccountId, symbol, quantity, unitCost: null });
    if (held === null || held.quantity.isZero()) throw new AppError("NOT_FOUND", { what: "position" });
    if (quantity.gt(held.quantity)) {
      throw new AppError("ADOPTION_REFUSED", { why: "EXCEEDS_POSITION", free: held.quantity.toFixed() });
    }
    // An order that rests for a stop sells the stop's own base.
    const resting = restingExits(orders, symbol, venueAccountId);
    const exits = orders.filter((order) => !resting.includes(order));
    const free = unclaimed(held.quantity, [
      { group: "exits", quantity: leaving(exits, symbol, venueAccountId) },
      ...triggers.map((trigger) => ({ group: trigger.groupId, quantity: trigger.quantity })),
    ]);
    if (quantity.gt(free)) throw new AppError("ADOPTION_REFUSED", { why: "PROMISED", free: free.toFixed() });
    const { position, cost: costBasis } = release(held, quantity);
    const unitCost = roundToColumn(costBasis.dividedBy(quantity));
    const at = deps.clock.now();
    const adoption: Adoption = {
      id,
      venueAccountId,
      symbol,
      kind: "RELEASED",
      quantity,
      unitCost,
      costBasis,
      pricedBy: "AVERAGE",
      at,
    };
    return recordAdoption(tx, actor, adoption, position);
  });
}
