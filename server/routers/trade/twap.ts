import { workspaceInput } from "#lib/contracts/account.ts";
import { twapRefInput } from "#lib/contracts/twap.ts";
import {
  cancelTwap as cancelTwapService,
  pauseTwap as pauseTwapService,
  resumeTwap as resumeTwapService,
} from "#server/services/twap/change-twap.ts";
import { getTwap as getTwapService, listTwaps } from "#server/services/twap/read-twaps.ts";
import { memberProcedure } from "#server/trpc.ts";

export const cancelTwap = memberProcedure("TRADER")
  .input(twapRefInput)
  .mutation(({ ctx, input }) => cancelTwapService(ctx.deps, ctx.actor, input));

export const pauseTwap = memberProcedure("TRADER")
  .input(twapRefInput)
  .mutation(({ ctx, input }) => pauseTwapService(ctx.deps, ctx.actor, input));

export const resumeTwap = memberProcedure("TRADER")
  .input(twapRefInput)
  .mutation(({ ctx, input }) => resumeTwapService(ctx.deps, ctx.actor, input));

export const twaps = memberProcedure("VIEWER")
  .input(workspaceInput)
  .query(({ ctx }) => listTwaps(ctx.deps, ctx.actor));

export const getTwap = memberProcedure("VIEWER")
  .input(twapRefInput)
  .query(({ ctx, input }) => getTwapService(ctx.deps, ctx.actor, input));
