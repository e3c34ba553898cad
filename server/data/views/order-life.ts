import { statement, type Tx } from "#server/data/tx.ts";

export interface OrderEventRow {
  readonly version: number;
  readonly event: string;
  readonly from_state: string;
  readonly to_state: string;
  readonly details: unknown;
  readonly at: Date;
}

export interface RouteDecisionViewRow {
  readonly venue_account_id: string | null;
  readonly weights_version: number;
  readonly candidates: unknown;
  readonly decided_at: Date;
}

const EVENTS = statement(
  "order-life.events",
  `select version, event, from_state, to_state, details, at from order_events
   where workspace_id = $1::uuid and order_id = $2::uuid order by version limit 1000`,
);
const DECISION = statement(
  "order-life.decision",
  `select venue_account_id, weights_version, candidates, decided_at from route_decisions
   where workspace_id = $1::uuid and order_id = $2::uuid order by decided_at desc limit 1`,
);

/** Oldest first. */
export function listOrderHistory(tx: Tx, workspaceId: string, orderId: string): Promise<OrderEventRow[]> {
  return tx.query<OrderEventRow>(EVENTS, [workspaceId, orderId]);
}

/** The latest decision, or null before the order was routed. */
export async function findRouteDecision(tx: Tx, workspaceId: string, orderId: string): Promise<RouteDecisionViewRow | null> {
  const [row] = await tx.query<RouteDecisionViewRow>(DECISION, [workspaceId, orderId]);
  return row ?? null;
}
