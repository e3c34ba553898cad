import { signUpInput } from "#lib/contracts/account.ts";
import { signUp as signUpService } from "#server/services/sign-up.ts";
import { publicProcedure } from "#server/trpc.ts";

export const signUp = publicProcedure
  .input(signUpInput)
  .mutation(({ ctx, input }) => signUpService(ctx.deps, ctx.request, input));
