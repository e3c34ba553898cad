import type { TriggerDto } from "#lib/contracts/triggers.ts";
import type { TriggerRow } from "#server/data/triggers/trigger-row.ts";

export function toTriggerDto(row: TriggerRow): TriggerDto {
  return {
    id: row.id,
    groupId: row.groupId,
    venueAccountId: row.venueAccountId,
    venue: row.venue,
    symbol: row.symbol,
    kind: row.kind,
    state: row.state,
    heldBy: "NIJA",
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
