import type { SimOrder, SimOrderRequest, SimTrigger } from "#simulator/engine/types.ts";

interface KrakenOrderType {
  readonly type: SimOrderRequest["type"];
  readonly trigger: SimTrigger["kind"] | null;
}

/** The order types that are offered, by kraken's names. */
export const ORDER_TYPES: Readonly<Record<string, KrakenOrderType>> = {
  market: { type: "market", trigger: null },
  limit: { type: "limit", trigger: null },
  "stop-loss": { type: "market", trigger: "stop-loss" },
  "stop-loss-limit": { type: "limit", trigger: "stop-loss" },
  "take-profit": { type: "market", trigger: "take-profit" },
  "take-profit-limit": { type: "limit", trigger: "take-profit" },
};

/** Kraken's name of an order's type; it keeps it after the trigger. */
export function orderTypeName({ type, trigger }: Pick<SimOrder, "type" | "trigger">): string {
  if (trigger === undefined) return type;
  return type === "market" ? trigger.kind : `${trigger.kind}-limit`;
}

export function isWaiting(order: SimOrder): boolean {
  return order.trigger?.triggeredAt === null;
}
