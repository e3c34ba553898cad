import type { OrderId, RouteDecisionId, WorkspaceId } from "#server/domain/ids.ts";
import type { CandidateView } from "#server/domain/routing/describe-candidates.ts";
import { setStatement, type Tx } from "#server/data/tx.ts";

const INSERT = setStatement(
  "route-decisions.insert",
  {
    id: "uuid",
    workspace_id: "uuid",
    order_id: "uuid",
    venue_account_id: "uuid",
    weights_version: "int",
    candidates: "jsonb",
    legs: "jsonb",
  },
  (items) => `insert into route_decisions (id, workspace_id, order_id, venue_account_id, weights_version, candidates, legs)
   select id, workspace_id, order_id, venue_account_id, weights_version, candidates, legs from ${items}`,
);

/** One leg of a split as it is stored. */
export interface StoredLeg {
  readonly orderId: string;
  readonly venueAccountId: string;
  readonly venue: string;
  readonly quantity: string; // base
}

export interface NewRouteDecision {
  readonly id: RouteDecisionId;
  /** Null: nothing passed. */
  readonly venueAccountId: string | null;
  readonly weightsVersion: number;
  readonly candidates: readonly CandidateView[];
  /** Every leg of a split; null for an order that went to one venue. */
  readonly legs: readonly StoredLeg[] | null;
}

/** Stores every candidate with its gates, components and score, so that the screen can show why. */
export function insertRouteDecision(
  tx: Tx,
  order: { readonly workspaceId: WorkspaceId; readonly id: OrderId },
  decision: NewRouteDecision,
): void {
  const { id, venueAccountId, weightsVersion, candidates, legs } = decision;
  // Passed as text: the driver would turn a bare array into a PostgreSQL array instead of JSON.
  const views = JSON.stringify(candidates);
  tx.send(INSERT, [
    id,
    order.workspaceId,
    order.id,
    venueAccountId,
    weightsVersion,
    views,
    legs === null ? null : JSON.stringify(legs),
  ]);
}
