import type { FillDto, Page } from "#lib/contracts/trade.ts";
import { listFillViews } from "#server/data/views/fill-view.ts";
import type { Actor } from "#server/domain/actor.ts";
import { toFillDto, toPage } from "#server/services/order-dto.ts";
import type { ServiceDeps } from "#server/services/service-deps.ts";

export interface ListFillsQuery {
  readonly symbol: string | null;
  readonly venue: string | null;
  readonly cursor: string | null;
  readonly limit: number;
}

/** Newest first. A cursor of no fill of this workspace gives an empty page. */
export async function listFills(deps: ServiceDeps, actor: Actor, query: ListFillsQuery): Promise<Page<FillDto>> {
  const { symbol, venue, cursor, limit } = query;
  const rows = await deps.database.workspace(actor.workspaceId, (tx) =>
    listFillViews(tx, actor.workspaceId, { symbol, venue, afterId: cursor, limit: limit + 1 }),
  );
  return toPage(rows, limit, toFillDto, (row) => row.id);
}
