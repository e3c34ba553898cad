import { listPlatformStates } from "#server/services/trading/list-states.ts";
import { adminProcedure } from "#server/trpc.ts";

export const tradingStates = adminProcedure.query(({ ctx }) => listPlatformStates(ctx.deps, ctx.signedIn, ctx.request));
