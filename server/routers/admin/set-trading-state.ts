import { setPlatformTradingStateInput } from "#lib/contracts/trading.ts";
import { setPlatformState } from "#server/services/trading/set-platform-state.ts";
import { adminProcedure } from "#server/trpc.ts";

export const setTradingState = adminProcedure
  .input(setPlatformTradingStateInput)
  .mutation(({ ctx, input }) => setPlatformState(ctx.deps, ctx.signedIn, ctx.request, input));
