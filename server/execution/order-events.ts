import type { OrderRow } from "#server/data/orders/order-row.ts";
import type { EventPayloads } from "#server/domain/events.ts";
import type { NewEvent } from "#server/events/append.ts";

type Base = Pick<EventPayloads["OrderCanceled"], "orderId" | "intentId" | "state" | "version" | "at">;
type OrderEventType = { [Type in keyof EventPayloads]: EventPayloads[Type] extends Base ? Type : never }[keyof EventPayloads];

/** An event about `order` as it is after the change. */
export function orderEvent<Type extends OrderEventType>(
  type: Type,
  order: OrderRow,
  at: Date,
  extra: Omit<EventPayloads[Type], keyof Base>,
): NewEvent {
  const base: Base = {
    orderId: order.id,
    intentId: order.intentId,
    state: order.state,
    version: order.version,
    at: at.toISOString(),
  };
  // The compiler cannot see that base and extra make up the payload of a type that is still a parameter here.
  return { type, data: { ...base, ...extra } } as unknown as NewEvent;
}
