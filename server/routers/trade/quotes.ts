import { listQuotesInput } from "#lib/contracts/read.ts";
import { listQuotes } from "#server/services/list-markets.ts";
import { memberProcedure } from "#server/trpc.ts";

export const quotes = memberProcedure("VIEWER")
  .input(listQuotesInput)
  .query(({ ctx, input }) => listQuotes(ctx.deps, ctx.actor, { symbol: input.symbol }));
