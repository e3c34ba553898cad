import { assert } from "#server/domain/assert.ts";
import { cancelManyAtVenue } from "#server/execution/cancel-many.ts";
import { cancelAtVenue } from "#server/execution/cancel-order.ts";
import { checkAccount } from "#server/execution/check-account.ts";
import type { ExecutionContext } from "#server/execution/context.ts";
import { tendDeadMan } from "#server/execution/dead-man/tend-switch.ts";
import { reconcileAccount } from "#server/execution/reconcile/reconcile-account.ts";
import { replaceOrder } from "#server/execution/replace/replace-order.ts";
import { resolveOrder } from "#server/execution/resolve-order.ts";
import { routeOrder } from "#server/execution/route-order.ts";
import { submitOrder } from "#server/execution/submit-order.ts";
import { syncAccount } from "#server/execution/sync-account.ts";
import type { JobHandler } from "#server/jobs/run-job.ts";
import {
  changeIdOf,
  laneOf,
  marketOf,
  marketOfOrder,
  orderIdOf,
  reasonOf,
  replacementOf,
  positionOf,
  triggerOf,
  withoutOf,
  twapOf,
} from "./job-lane.ts";
import { closePositions } from "#server/services/trading/close-positions.ts";
import { tellMarketFall } from "#server/services/trading/tell-market-fall.ts";
import { spreadChange } from "#server/services/trading/spread-change.ts";
import { restTriggers } from "#server/services/triggers/rest-triggers.ts";
import { runTrigger } from "#server/services/triggers/run-trigger.ts";
import { runTwap } from "#server/services/twap/run-twap.ts";
import { pruneTables } from "./prune-tables.ts";
import { sweepAccounts } from "./sweep-accounts.ts";

/** What this worker can do, by kind of job. Every handler may run again after a crash and then changes nothing twice. */
export function createHandlers(ctx: ExecutionContext): Readonly<Record<string, JobHandler>> {
  return {
    "order.execute": (job, run) => {
      assert(job.workspaceId !== null, "an order belongs to a workspace");
      return routeOrder(
        ctx,
        job.workspaceId,
        { orderId: orderIdOf(job), market: marketOfOrder(job), without: withoutOf(job) },
        run,
      );
    },
    "order.submit": (job, run) => submitOrder(ctx, laneOf(job), orderIdOf(job), run),
    "order.resolve": (job) => resolveOrder(ctx, laneOf(job), orderIdOf(job)),
    "order.cancel": (job) => cancelAtVenue(ctx, laneOf(job), orderIdOf(job)),
    "order.replace": (job) => replaceOrder(ctx, laneOf(job), replacementOf(job)),
    "account.cancel": (job) => cancelManyAtVenue(ctx, laneOf(job)),
    "account.sync": (job) => syncAccount(ctx, laneOf(job)),
    "account.reconcile": (job) => reconcileAccount(ctx, laneOf(job), reasonOf(job)),
    "account.dead-man": (job) => tendDeadMan(ctx, laneOf(job)),
    "venue.check": (job) => checkAccount(ctx, laneOf(job)),
    "venue.forget": (job) => ctx.executors.drop(laneOf(job).venueAccountId),
    "trigger.run": (job) => {
      assert(job.workspaceId !== null, "a trigger belongs to a workspace");
      return runTrigger(ctx, { workspaceId: job.workspaceId, ...triggerOf(job) });
    },
    "trigger.rest": (job) => restTriggers(ctx, positionOf(job), ctx.settings.restingTriggers),
    "twap.slice": (job) => {
      assert(job.workspaceId !== null, "an order over time belongs to a workspace");
      return runTwap(ctx, { workspaceId: job.workspaceId, ...twapOf(job) });
    },
    "trading.spread": (job) => spreadChange(ctx, changeIdOf(job)),
    "trading.close": (job) => {
      assert(job.workspaceId !== null, "a kill switch closes the positions of a workspace");
      return closePositions(ctx, job.workspaceId, changeIdOf(job));
    },
    "market.tell-fall": (job) => tellMarketFall(ctx, marketOf(job)),
    "platform.sweep": () => sweepAccounts(ctx.database),
    "platform.prune": () => pruneTables(ctx.database),
  };
}
