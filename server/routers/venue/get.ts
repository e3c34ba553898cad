import { venueAccountRefInput } from "#lib/contracts/account.ts";
import { getVenue } from "#server/services/get-venue.ts";
import { memberProcedure } from "#server/trpc.ts";

export const get = memberProcedure("VIEWER")
  .input(venueAccountRefInput)
  .query(({ ctx, input }) => getVenue(ctx.deps, ctx.actor, { venueAccountId: input.venueAccountId }));
