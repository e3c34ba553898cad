import { listActivityInput } from "#lib/contracts/read.ts";
import { listActivity } from "#server/services/list-activity.ts";
import { memberProcedure } from "#server/trpc.ts";

export const activity = memberProcedure("VIEWER")
  .input(listActivityInput)
  .query(({ ctx, input }) => listActivity(ctx.deps, ctx.actor, input));
