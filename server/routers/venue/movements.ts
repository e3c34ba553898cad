import { listMovementsInput } from "#lib/contracts/reconcile.ts";
import { listMovements } from "#server/services/reconcile/list-movements.ts";
import { memberProcedure } from "#server/trpc.ts";

export const movements = memberProcedure("VIEWER")
  .input(listMovementsInput)
  .query(({ ctx, input }) => listMovements(ctx.deps, ctx.actor, input));
