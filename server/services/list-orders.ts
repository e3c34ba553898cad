import type { OrderDto, Page } from "#lib/contracts/trade.ts";
import { findOrderView, listOrderViews } from "#server/data/views/order-view.ts";
import type { Actor } from "#server/domain/actor.ts";
import { isUuid } from "#server/domain/ids.ts";
import type { OrderState } from "#server/domain/order/state.ts";
import { AppError } from "#server/errors.ts";
import { toOrderDto, toPage } from "#server/services/order-dto.ts";
import type { ServiceDeps } from "#server/services/service-deps.ts";

const FILTER_STATES: Readonly<Record<"ALL" | "OPEN" | "FILLED" | "FAILED", readonly OrderState[] | null>> = {
  ALL: null,
  OPEN: ["PENDING_NEW", "SUBMITTING", "NEW", "PARTIALLY_FILLED", "PENDING_REPLACE", "PENDING_CANCEL", "UNKNOWN"],
  FILLED: ["FILLED"],
  FAILED: ["REJECTED", "DENIED", "EXPIRED"],
};

export interface ListOrdersQuery {
  readonly filter: keyof typeof FILTER_STATES;
  readonly symbol: string | null;
  readonly venue: string | null;
  readonly cursor: string | null;
  readonly limit: number;
}

/** Newest first. Throws `INPUT_INVALID` for a malformed cursor and `NOT_FOUND` for one of no order of this workspace. */
export async function listOrders(deps: ServiceDeps, actor: Actor, query: ListOrdersQuery): Promise<Page<OrderDto>> {
  const { cursor, limit } = query;
  if (cursor !== null && !isUuid(cursor)) throw new AppError("INPUT_INVALID", { cursor: "Not a cursor" });
  return deps.database.workspace(actor.workspaceId, async (tx) => {
    if (cursor !== null && (await findOrderView(tx, actor.workspaceId, cursor)) === null) throw new AppError("NOT_FOUND");
    const rows = await listOrderViews(tx, actor.workspaceId, {
      states: FILTER_STATES[query.filter],
      symbol: query.symbol,
      venue: query.venue,
      afterId: cursor,
      limit: limit + 1,
    });
    return toPage(rows, limit, toOrderDto, (row) => row.id);
  });
}
