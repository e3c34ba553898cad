import { workspaceInput } from "#lib/contracts/account.ts";
import { startTwapInput, twapRefInput } from "#lib/contracts/twap.ts";
import {
  cancelTwap as cancelTwapService,
  listWorkspaceTwaps,
  startTwap as startTwapService,
} from "#server/services/twap/start-twap.ts";
import { memberProcedure } from "#server/trpc.ts";

export const startTwap = memberProcedure("TRADER")
  .input(startTwapInput)
  .mutation(({ ctx, input }) => startTwapService(ctx.deps, ctx.actor, input));

export const cancelTwap = memberProcedure("TRADER")
  .input(twapRefInput)
  .mutation(({ ctx, input }) => cancelTwapService(ctx.deps, ctx.actor, { twapId: input.twapId }));

export const twaps = memberProcedure("VIEWER")
  .input(workspaceInput)
  .query(({ ctx }) => listWorkspaceTwaps(ctx.deps, ctx.actor));
