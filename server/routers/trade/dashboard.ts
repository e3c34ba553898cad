import { workspaceInput } from "#lib/contracts/account.ts";
import { getDashboard } from "#server/services/get-dashboard.ts";
import { memberProcedure } from "#server/trpc.ts";

export const dashboard = memberProcedure("VIEWER")
  .input(workspaceInput)
  .query(({ ctx }) => getDashboard(ctx.deps, ctx.actor));
