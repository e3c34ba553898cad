import { workspaceInput } from "#lib/contracts/account.ts";
import { protectPositionInput, triggerRefInput } from "#lib/contracts/triggers.ts";
import { cancelTrigger as cancelTriggerService, listWorkspaceTriggers } from "#server/services/triggers/cancel-trigger.ts";
import { protectPosition } from "#server/services/triggers/protect-position.ts";
import { memberProcedure } from "#server/trpc.ts";

export const protect = memberProcedure("TRADER")
  .input(protectPositionInput)
  .mutation(({ ctx, input }) => protectPosition(ctx.deps, ctx.actor, input));

export const cancelTrigger = memberProcedure("TRADER")
  .input(triggerRefInput)
  .mutation(({ ctx, input }) => cancelTriggerService(ctx.deps, ctx.actor, { triggerId: input.triggerId }));

export const triggers = memberProcedure("VIEWER")
  .input(workspaceInput)
  .query(({ ctx }) => listWorkspaceTriggers(ctx.deps, ctx.actor));
