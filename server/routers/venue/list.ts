import { workspaceInput } from "#lib/contracts/account.ts";
import { listVenues } from "#server/services/list-venues.ts";
import { memberProcedure } from "#server/trpc.ts";

export const list = memberProcedure("VIEWER")
  .input(workspaceInput)
  .query(({ ctx }) => listVenues(ctx.deps, ctx.actor));
