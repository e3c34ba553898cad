import { orderRefInput } from "#lib/contracts/trade.ts";
import { cancelOrder } from "#server/services/cancel-order.ts";
import { memberProcedure } from "#server/trpc.ts";

export const cancel = memberProcedure("TRADER")
  .input(orderRefInput)
  .mutation(({ ctx, input }) => cancelOrder(ctx.deps, ctx.actor, { orderId: input.orderId }));
