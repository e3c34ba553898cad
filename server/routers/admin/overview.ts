import { getOverview } from "#server/services/get-overview.ts";
import { adminProcedure } from "#server/trpc.ts";

export const overview = adminProcedure.query(({ ctx }) => getOverview(ctx.deps, ctx.signedIn, ctx.request));
