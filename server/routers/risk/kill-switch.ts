import { killWorkspaceInput } from "#lib/contracts/trading.ts";
import { killWorkspace } from "#server/services/trading/set-workspace-state.ts";
import { memberProcedure } from "#server/trpc.ts";

export const killSwitch = memberProcedure("OWNER")
  .input(killWorkspaceInput)
  .mutation(({ ctx, input }) => killWorkspace(ctx.deps, ctx.actor, input));
