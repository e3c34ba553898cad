import { workspaceInput } from "#lib/contracts/account.ts";
import { listOpenPositions } from "#server/services/list-positions.ts";
import { memberProcedure } from "#server/trpc.ts";

export const positions = memberProcedure("VIEWER")
  .input(workspaceInput)
  .query(({ ctx }) => listOpenPositions(ctx.deps, ctx.actor));
