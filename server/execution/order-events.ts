import type { OrderRow } from "#server/data/orders/order-row.ts";
import type { EventPayloads } from "#server/domain/events.ts";

/** The part every order event carries. */
export function orderEventBase(
  order: OrderRow,
  at: Date,
): Pick<EventPayloads["OrderCanceled"], "orderId" | "intentId" | "state" | "version" | "at"> {
  return { orderId: order.id, intentId: order.intentId, state: order.state, version: order.version, at: at.toISOString() };
}

type OrderEventType = {
  [Type in keyof EventPayloads]: EventPayloads[Type] extends { orderId: unknown } ? Type : never;
}[keyof EventPayloads];
type Extra<Type extends OrderEventType> = Omit<EventPayloads[Type], keyof ReturnType<typeof orderEventBase>>;

export interface NewEvent {
  readonly type: keyof EventPayloads;
  readonly data: Readonly<Record<string, unknown>>;
}

/** An event about `order` as it is after the change. */
export function orderEvent<Type extends OrderEventType>(type: Type, order: OrderRow, at: Date, extra: Extra<Type>): NewEvent {
  return { type, data: { ...orderEventBase(order, at), ...extra } };
}
