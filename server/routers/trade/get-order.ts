import { orderRefInput } from "#lib/contracts/trade.ts";
import { getOrder as getOrderService } from "#server/services/get-order.ts";
import { memberProcedure } from "#server/trpc.ts";

export const getOrder = memberProcedure("VIEWER")
  .input(orderRefInput)
  .query(({ ctx, input }) => getOrderService(ctx.deps, ctx.actor, { orderId: input.orderId }));
