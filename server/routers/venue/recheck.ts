import { venueAccountRefInput } from "#lib/contracts/account.ts";
import { recheckVenue } from "#server/services/recheck-venue.ts";
import { memberProcedure } from "#server/trpc.ts";

export const recheck = memberProcedure("OWNER")
  .input(venueAccountRefInput)
  .mutation(({ ctx, input }) => recheckVenue(ctx.deps, ctx.actor, { venueAccountId: input.venueAccountId }));
