import { previewRouteInput } from "#lib/contracts/trade.ts";
import { previewRoute as previewRouteService } from "#server/services/preview-route.ts";
import { memberProcedure } from "#server/trpc.ts";

export const previewRoute = memberProcedure("VIEWER")
  .input(previewRouteInput)
  .query(({ ctx, input }) => previewRouteService(ctx.deps, ctx.actor, input));
