import { workspaceInput } from "#lib/contracts/account.ts";
import { listMarkets } from "#server/services/list-markets.ts";
import { memberProcedure } from "#server/trpc.ts";

export const markets = memberProcedure("VIEWER")
  .input(workspaceInput)
  .query(({ ctx }) => listMarkets(ctx.deps, ctx.actor));
