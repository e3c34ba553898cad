import { getSession } from "#server/services/get-session.ts";
import { userProcedure } from "#server/trpc.ts";

export const session = userProcedure.query(({ ctx }) => getSession(ctx.deps, ctx.signedIn));
