import { connectVenueInput } from "#lib/contracts/account.ts";
import { connectVenue } from "#server/services/connect-venue.ts";
import { memberProcedure } from "#server/trpc.ts";

export const connect = memberProcedure("OWNER")
  .input(connectVenueInput)
  .mutation(({ ctx, input }) => connectVenue(ctx.deps, ctx.actor, input));
