import type { OrderId, RouteDecisionId, WorkspaceId } from "#server/domain/ids.ts";
import type { CandidateView } from "#server/domain/routing/describe-candidates.ts";
import { statement, type Tx } from "#server/data/tx.ts";

const INSERT = statement(
  "route-decisions.insert",
  `insert into route_decisions (id, workspace_id, order_id, venue_account_id, weights_version, candidates, legs)
   values ($1::uuid, $2::uuid, $3::uuid, $4::uuid, $5::int, $6::jsonb, $7::jsonb)`,
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
