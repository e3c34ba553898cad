import { venueAccountRefInput } from "#lib/contracts/account.ts";
import { reconciliationRefInput } from "#lib/contracts/reconcile.ts";
import {
  getReconciliation as getReconciliationService,
  listReconciliations as listReconciliationsService,
} from "#server/services/reconcile/list-reconciliations.ts";
import { reconcileNow } from "#server/services/reconcile/reconcile-now.ts";
import { memberProcedure } from "#server/trpc.ts";

export const reconcile = memberProcedure("TRADER")
  .input(venueAccountRefInput)
  .mutation(({ ctx, input }) => reconcileNow(ctx.deps, ctx.actor, { venueAccountId: input.venueAccountId }));

export const listReconciliations = memberProcedure("VIEWER")
  .input(venueAccountRefInput)
  .query(({ ctx, input }) => listReconciliationsService(ctx.deps, ctx.actor, { venueAccountId: input.venueAccountId }));

export const getReconciliation = memberProcedure("VIEWER")
  .input(reconciliationRefInput)
  .query(({ ctx, input }) => getReconciliationService(ctx.deps, ctx.actor, { reconciliationId: input.reconciliationId }));
