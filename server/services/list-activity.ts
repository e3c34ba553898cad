import type { ActivityDto, Page } from "#lib/contracts/trade.ts";
import { listActivityRows } from "#server/data/views/activity-view.ts";
import type { Actor } from "#server/domain/actor.ts";
import { toActivityDto } from "#server/services/get-dashboard.ts";
import { toPage } from "#server/services/order-dto.ts";
import type { ServiceDeps } from "#server/services/service-deps.ts";

/** What happened in the workspace, newest first. */
export async function listActivity(
  deps: ServiceDeps,
  actor: Actor,
  input: { readonly cursor: string | null; readonly limit: number },
): Promise<Page<ActivityDto>> {
  const rows = await deps.database.workspace(actor.workspaceId, (tx) =>
    listActivityRows(tx, actor.workspaceId, input.cursor, input.limit + 1),
  );
  return toPage(rows, input.limit, toActivityDto, (row) => row.seq);
}
