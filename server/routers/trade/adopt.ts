import { adoptPositionInput, releasePositionInput } from "#lib/contracts/position.ts";
import { adoptPosition as adoptPositionService } from "#server/services/adoption/adopt-position.ts";
import { releasePosition as releasePositionService } from "#server/services/adoption/release-position.ts";
import { memberProcedure } from "#server/trpc.ts";

export const adoptPosition = memberProcedure("TRADER")
  .input(adoptPositionInput)
  .mutation(({ ctx, input }) => adoptPositionService(ctx.deps, ctx.actor, input));

export const releasePosition = memberProcedure("TRADER")
  .input(releasePositionInput)
  .mutation(({ ctx, input }) => releasePositionService(ctx.deps, ctx.actor, input));
