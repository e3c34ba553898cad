import type { OrderDetailDto, RouteCandidateDto } from "#lib/contracts/trade.ts";
import { findReplacedBy, listReplacements } from "#server/data/orders/replacements.ts";
import { listFillsOfOrder } from "#server/data/views/fill-view.ts";
import { findRouteDecision, listOrderHistory } from "#server/data/views/order-life.ts";
import { findOrderView } from "#server/data/views/order-view.ts";
import { findTwapOfIntent } from "#server/data/views/twap-view.ts";
import type { Actor } from "#server/domain/actor.ts";
import { AppError } from "#server/errors.ts";
import { toFillDto, toOrderDto, toReplacementDto } from "#server/services/order-dto.ts";
import type { ServiceDeps } from "#server/services/service-deps.ts";

/** The whole life of an order. Throws `NOT_FOUND`. */
export function getOrder(deps: ServiceDeps, actor: Actor, input: { readonly orderId: string }): Promise<OrderDetailDto> {
  const { workspaceId } = actor;
  return deps.database.workspace(workspaceId, async (tx) => {
    const row = await findOrderView(tx, workspaceId, input.orderId);
    if (row === null) throw new AppError("NOT_FOUND");
    const history = await listOrderHistory(tx, workspaceId, row.id);
    const fills = await listFillsOfOrder(tx, workspaceId, row.id);
    const twapId = await findTwapOfIntent(tx, workspaceId, row.intent_id);
    const replacements = await listReplacements(tx, workspaceId, row.id);
    const replacesOrderId = await findReplacedBy(tx, workspaceId, row.id);
    const decision = await findRouteDecision(tx, workspaceId, row.id);
    return {
      order: { ...toOrderDto(row), clientOrderId: row.client_order_id, venueOrderId: row.venue_order_id },
      twapId,
      history: history.map((step) => ({
        version: step.version,
        event: step.event,
        fromState: step.from_state,
        toState: step.to_state,
        details: step.details,
        at: step.at.toISOString(),
      })),
      fills: fills.map(toFillDto),
      replacements: replacements.map(toReplacementDto),
      replacesOrderId,
      decision:
        decision === null
          ? null
          : {
              chosenVenueAccountId: decision.venue_account_id,
              weightsVersion: decision.weights_version,
              // The worker stores the decision's candidates in the shape that screens read.
              candidates: decision.candidates as readonly RouteCandidateDto[],
              decidedAt: decision.decided_at.toISOString(),
            },
    };
  });
}
