import { workspaceInput } from "#lib/contracts/account.ts";
import { listStates } from "#server/services/trading/list-states.ts";
import { memberProcedure } from "#server/trpc.ts";

export const tradingStates = memberProcedure("VIEWER")
  .input(workspaceInput)
  .query(({ ctx }) => listStates(ctx.deps, ctx.actor));
