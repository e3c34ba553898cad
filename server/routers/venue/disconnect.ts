import { venueAccountRefInput } from "#lib/contracts/account.ts";
import { disconnectVenue } from "#server/services/disconnect-venue.ts";
import { memberProcedure } from "#server/trpc.ts";

export const disconnect = memberProcedure("OWNER")
  .input(venueAccountRefInput)
  .mutation(({ ctx, input }) => disconnectVenue(ctx.deps, ctx.actor, { venueAccountId: input.venueAccountId }));
