import { positionRefInput } from "#lib/contracts/position.ts";
import { getPosition } from "#server/services/get-position.ts";
import { memberProcedure } from "#server/trpc.ts";

export const position = memberProcedure("VIEWER")
  .input(positionRefInput)
  .query(({ ctx, input }) => getPosition(ctx.deps, ctx.actor, input));
