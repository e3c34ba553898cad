import { deadManInput } from "#lib/contracts/account.ts";
import { chooseDeadMan } from "#server/services/choose-dead-man.ts";
import { memberProcedure } from "#server/trpc.ts";

export const deadMan = memberProcedure("OWNER")
  .input(deadManInput)
  .mutation(({ ctx, input: { venueAccountId, seconds } }) => chooseDeadMan(ctx.deps, ctx.actor, { venueAccountId, seconds }));
