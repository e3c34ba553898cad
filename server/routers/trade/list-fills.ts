import { listFillsInput } from "#lib/contracts/read.ts";
import { listFills as listFillsService } from "#server/services/list-fills.ts";
import { memberProcedure } from "#server/trpc.ts";

export const listFills = memberProcedure("VIEWER")
  .input(listFillsInput)
  .query(({ ctx, input }) => listFillsService(ctx.deps, ctx.actor, input));
