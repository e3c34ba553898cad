import { killPlatformInput } from "#lib/contracts/trading.ts";
import { killPlatform } from "#server/services/trading/set-platform-state.ts";
import { adminProcedure } from "#server/trpc.ts";

export const killSwitch = adminProcedure
  .input(killPlatformInput)
  .mutation(({ ctx, input }) => killPlatform(ctx.deps, ctx.signedIn, ctx.request, input));
