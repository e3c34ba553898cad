import { setWorkspaceTradingStateInput } from "#lib/contracts/trading.ts";
import { setWorkspaceState } from "#server/services/trading/set-workspace-state.ts";
import { memberProcedure } from "#server/trpc.ts";

export const setTradingState = memberProcedure("OWNER")
  .input(setWorkspaceTradingStateInput)
  .mutation(({ ctx, input }) => setWorkspaceState(ctx.deps, ctx.actor, input));
