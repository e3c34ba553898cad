import { replaceOrderInput } from "#lib/contracts/replace.ts";
import { replaceOrder as replaceOrderService } from "#server/services/replace/replace-order.ts";
import { memberProcedure } from "#server/trpc.ts";

export const replaceOrder = memberProcedure("TRADER")
  .input(replaceOrderInput)
  .mutation(({ ctx, input }) => replaceOrderService(ctx.deps, ctx.actor, input));
