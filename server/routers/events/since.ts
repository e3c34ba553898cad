import { eventsSinceInput } from "#lib/contracts/trade.ts";
import { eventsSince } from "#server/services/events-since.ts";
import { memberProcedure } from "#server/trpc.ts";

export const since = memberProcedure("VIEWER")
  .input(eventsSinceInput)
  .query(({ ctx, input }) => eventsSince(ctx.deps, ctx.actor, input));
