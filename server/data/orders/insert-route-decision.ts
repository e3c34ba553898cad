import type { OrderId, RouteDecisionId, WorkspaceId } from "#server/domain/ids.ts";
import type { CandidateView } from "#server/domain/routing/describe-candidates.ts";
import type { RouteDecision } from "#server/domain/routing/types.ts";
import { statement, type Tx } from "#server/data/tx.ts";

const INSERT = statement(
  "route-decisions.insert",
  `insert into route_decisions (id, workspace_id, order_id, venue_account_id, weights_version, candidates)
   values ($1::uuid, $2::uuid, $3::uuid, $4::uuid, $5::int, $6::jsonb)`,
);

/** Stores every candidate with its gates, components and score, so that the screen can show why. */
export function insertRouteDecision(
  tx: Tx,
  id: RouteDecisionId,
  order: { readonly workspaceId: WorkspaceId; readonly id: OrderId },
  decision: RouteDecision,
  views: readonly CandidateView[],
): void {
  const chosen = decision.ok ? decision.chosen : null;
  // Passed as text: the driver would turn a bare array into a PostgreSQL array instead of JSON.
  const candidates = JSON.stringify(views);
  tx.send(INSERT, [id, order.workspaceId, order.id, chosen, decision.weightsVersion, candidates]);
}
