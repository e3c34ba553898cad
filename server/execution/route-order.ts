import { v7 as uuidv7 } from "uuid";
import { lockRisk } from "#server/data/accounts/lock-risk.ts";
import { insertRouteDecision } from "#server/data/orders/insert-route-decision.ts";
import { lockOrder } from "#server/data/orders/load-order.ts";
import type { OrderRow, RoutedOrder } from "#server/data/orders/order-row.ts";
import { readCandidates } from "#server/data/routing/read-candidates.ts";
import type { Tx } from "#server/data/tx.ts";
import { assert } from "#server/domain/assert.ts";
import { asRouteDecisionId } from "#server/domain/ids.ts";
import { type CandidateView, describeCandidates } from "#server/domain/routing/describe-candidates.ts";
import { planRoute } from "#server/domain/routing/plan-route.ts";
import { type NoPlan, SPLIT_RULES, type SplitRules } from "#server/domain/routing/route-plan.ts";
import { ROUTE_WEIGHTS } from "#server/domain/routing/score.ts";
import type { RouteCandidate, RouteDecision, RouteRequest } from "#server/domain/routing/types.ts";
import { appendEvents, type NewEvent } from "#server/events/append.ts";
import { assertLane } from "#server/jobs/assert-lane.ts";
import type { LaneEntry } from "#server/jobs/enter-lane.ts";
import { FINISHED, type JobContext, type JobOutcome } from "#server/jobs/run-job.ts";
import type { ExecutionContext } from "./context.ts";
import { crashPoint } from "./crash-points.ts";
import { denyOrder } from "./deny-order.ts";
import { startSending } from "./start-sending.ts";
import { sendClaimed } from "./submit-order.ts";
import { takeLegs } from "./take-legs.ts";

/** The account that the asker named, which is also the one that holds the reserve. */
function pinnedAccount(order: OrderRow): string | null {
  return order.reserveHolderId === order.workspaceId ? null : order.reserveHolderId;
}

function toRequest(
  order: OrderRow,
  candidate: RouteCandidate | undefined,
  slippageCapBps: number,
  bookAgeMsMax: number,
): RouteRequest {
  const { symbol, side, type, timeInForce, quantity, limitPrice, postOnly, isExit } = order;
  const pinnedTo = isExit ? (candidate?.venueAccountId ?? null) : null;
  return { symbol, side, type, timeInForce, quantity, limitPrice, postOnly, slippageCapBps, bookAgeMsMax, pinnedTo };
}

function noRouteDetails(decision: RouteDecision): Record<string, string> {
  return Object.fromEntries(decision.candidates.map((candidate) => [candidate.venue, candidate.reason]));
}

function deny(tx: Tx, order: OrderRow, plan: NoPlan, views: readonly CandidateView[], now: Date): void {
  const { decision, code } = plan;
  insertRouteDecision(tx, order, {
    id: asRouteDecisionId(uuidv7()),
    venueAccountId: null,
    weightsVersion: decision.weightsVersion,
    candidates: views,
    legs: null,
  });
  denyOrder(tx, order, { code, details: noRouteDetails(decision) }, now);
}

/** Stops and targets watch one account's position, so an entry that has some goes to one account. */
function splitRulesFor(order: OrderRow): SplitRules {
  return order.hasTriggers ? { ...SPLIT_RULES, legsMax: 1 } : SPLIT_RULES;
}

/**
 * An order whose account's lane is ours and whose executor is open is claimed for sending in the same transaction, and its job goes on with
 * the request. Any other is claimed in a transaction of its own, by its job in the lane. Appends the events.
 */
async function goOn(
  ctx: ExecutionContext,
  tx: Tx,
  order: RoutedOrder,
  entry: LaneEntry,
  events: readonly NewEvent[],
): Promise<JobOutcome> {
  const { workspaceId, venueAccountId } = order;
  const executor = entry.token === null ? null : ctx.executors.ready(venueAccountId);
  if (entry.token === null || executor === null) {
    appendEvents(tx, workspaceId, events);
    return entry;
  }
  const lane = { workspaceId, venueAccountId, token: entry.token };
  // The lane stays ours until the commit, as in every transaction that decides what is sent.
  const held = assertLane(tx, { venueAccountId, workerId: ctx.workerId, token: entry.token });
  const [sending] = await Promise.all([startSending(ctx, tx, lane, order, events), held]);
  if (sending === null) return { ...entry, proceed: async () => undefined };
  return { ...entry, proceed: (run) => sendClaimed(ctx, lane, executor, sending, run) };
}

/**
 * Decides where a waiting order goes, stores the decision, moves its reserve to the chosen accounts and goes on in the
 * first one's lane; or denies it with every candidate's reason. Accounts in `without` have refused it before and do not compete. One transaction under the workspace's risk lock.
 */
export async function routeOrder(
  ctx: ExecutionContext,
  workspaceId: string,
  { orderId, without }: { readonly orderId: string; readonly without: readonly string[] },
  run: JobContext,
): Promise<JobOutcome> {
  return ctx.database.together("route", workspaceId, async (tx) => {
    const [risk, order] = await Promise.all([lockRisk(tx, workspaceId), lockOrder(tx, workspaceId, orderId)]);
    assert(risk !== null && order !== null, `order ${orderId} does not exist`);
    if (order.state !== "PENDING_NEW" || order.venueAccountId !== null) return undefined;
    const now = ctx.clock.now();
    const pinned = pinnedAccount(order);
    const query = {
      workspaceId,
      symbol: order.symbol,
      side: order.side,
      mode: risk.liveEnabled ? ("LIVE" as const) : ("PAPER" as const),
      venueAccountId: pinned,
      ownReserve: pinned === null ? null : { holderId: pinned, amount: order.reserveLeft },
    };
    const read = await readCandidates(tx, query, ctx.markets.of(order.symbol), risk, now);
    const candidates = read.candidates.filter(({ venueAccountId }) => !without.includes(venueAccountId));
    const request = toRequest(order, candidates[0], risk.slippageBpsMax, ctx.settings.bookAgeMsMax);
    const plan = planRoute(request, candidates, ROUTE_WEIGHTS, splitRulesFor(order));
    const views = describeCandidates(plan.decision, order.quantity, read.accounts);
    if (plan.kind === "NONE") {
      deny(tx, order, plan, views, now);
      run.finish(tx);
      crashPoint("route:before-commit");
      return FINISHED;
    }
    const { first, entering, events } = takeLegs(tx, order, plan, { candidates, views, now }, run);
    const entry = await entering;
    const goesOn = await goOn(ctx, tx, first, entry, events);
    crashPoint("route:before-commit");
    return goesOn;
  });
}
