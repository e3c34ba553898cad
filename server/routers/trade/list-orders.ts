import { listOrdersInput } from "#lib/contracts/trade.ts";
import { listOrders as listOrdersService } from "#server/services/list-orders.ts";
import { memberProcedure } from "#server/trpc.ts";

export const listOrders = memberProcedure("VIEWER")
  .input(listOrdersInput)
  .query(({ ctx, input }) => listOrdersService(ctx.deps, ctx.actor, input));
