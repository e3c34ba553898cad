import { placeIntentInput } from "#lib/contracts/trade.ts";
import { placeIntent } from "#server/services/place-intent.ts";
import { memberProcedure } from "#server/trpc.ts";

export const place = memberProcedure("TRADER")
  .input(placeIntentInput)
  .mutation(({ ctx, input }) => placeIntent(ctx.deps, ctx.actor, input));
