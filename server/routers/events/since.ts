import type { ActivityDto } from "#lib/contracts/trade.ts";
import { eventsSinceInput } from "#lib/contracts/trade.ts";
import { eventsSince } from "#server/events/since.ts";
import { memberProcedure } from "#server/trpc.ts";

export const since = memberProcedure("VIEWER")
  .input(eventsSinceInput)
  .query(async ({ ctx, input }): Promise<ActivityDto[]> => {
    const { workspaceId } = ctx.actor;
    return ctx.deps.database.workspace(workspaceId, (tx) => eventsSince(tx, workspaceId, input.afterSeq, input.limit));
  });
