import type { TriggerDto } from "#lib/contracts/triggers.ts";
import type { ListedTrigger } from "#server/data/triggers/load-trigger.ts";
import type { TriggerRow } from "#server/data/triggers/trigger-row.ts";

type Resting = ListedTrigger["resting"];

/** The venue holds it only once it has confirmed the order, and no longer once that is asked to go. */
function heldBy(row: TriggerRow, resting: Resting): Pick<TriggerDto, "heldBy" | "heldBecause" | "restingOrderId"> {
  const restingOrderId = resting?.orderId ?? null;
  if (resting === null) return { heldBy: "NIJA", heldBecause: row.heldBecause, restingOrderId };
  if (resting.leaving) return { heldBy: "NIJA", heldBecause: "BEING_MOVED", restingOrderId };
  if (!resting.confirmed) return { heldBy: "NIJA", heldBecause: "BEING_PLACED", restingOrderId };
  return { heldBy: "VENUE", heldBecause: null, restingOrderId };
}

/** Without what rests at the venue where nothing can rest yet. */
export function toTriggerDto(row: TriggerRow, resting: Resting = null): TriggerDto {
  return {
    id: row.id,
    groupId: row.groupId,
    venueAccountId: row.venueAccountId,
    venue: row.venue,
    symbol: row.symbol,
    kind: row.kind,
    state: row.state,
    ...heldBy(row, resting),
    quantity: row.quantity.toFixed(),
    // A trailing stop that has seen no price yet stands nowhere.
    stopPrice: row.stopPrice.isZero() ? null : row.stopPrice.toFixed(),
    trailBps: row.trailBps,
    entryOrderId: row.entryOrderId,
    firedAt: row.firedAt?.toISOString() ?? null,
    reason: row.reason,
    createdAt: row.createdAt.toISOString(),
  };
}
