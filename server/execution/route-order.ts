import { v7 as uuidv7 } from "uuid";
import { lockRisk } from "#server/data/accounts/lock-risk.ts";
import { insertRouteDecision } from "#server/data/orders/insert-route-decision.ts";
import { lockOrder } from "#server/data/orders/load-order.ts";
import type { OrderRow } from "#server/data/orders/order-row.ts";
import { type MarketFacts, readMarketFacts, toCandidates } from "#server/data/routing/read-candidates.ts";
import type { Tx } from "#server/data/tx.ts";
import { assert } from "#server/domain/assert.ts";
import { asRouteDecisionId } from "#server/domain/ids.ts";
import type { OrderSide } from "#server/domain/order/order.ts";
import { type CandidateView, describeCandidates } from "#server/domain/routing/describe-candidates.ts";
import { planRoute } from "#server/domain/routing/plan-route.ts";
import { type NoPlan, SPLIT_RULES, type SplitRules } from "#server/domain/routing/route-plan.ts";
import { ROUTE_WEIGHTS } from "#server/domain/routing/score.ts";
import type { RouteCandidate, RouteDecision, RouteRequest } from "#server/domain/routing/types.ts";
import { appendEvents } from "#server/events/append.ts";
import { FINISHED, type JobContext, type JobOutcome } from "#server/jobs/run-job.ts";
import type { ExecutionContext } from "./context.ts";
import { crashPoint } from "./crash-points.ts";
import { denyOrder } from "./deny-order.ts";
import { readSendChecks, startSending } from "./start-sending.ts";
import { sendClaimed } from "./submit-order.ts";
import { type TakenLegs, takeLegs } from "./take-legs.ts";

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

interface Market {
  readonly symbol: string;
  readonly side: OrderSide;
}

export interface OrderToRoute {
  readonly orderId: string;
  /** The order's, if the asker said so: everything is read at once then. */
  readonly market: Market | null;
  /** Accounts that have refused it before do not compete. */
  readonly without: readonly string[];
}

/** Stops and targets watch one account's position, so an entry that has some goes to one account. */
function splitRulesFor(order: OrderRow): SplitRules {
  return order.hasTriggers ? { ...SPLIT_RULES, legsMax: 1 } : SPLIT_RULES;
}

/**
 * An order whose account's lane is ours and whose executor is open is claimed for sending in the same transaction, and its job goes on with
 * the request. Any other is claimed in a transaction of its own, by its job in the lane. Appends the events.
 */
async function goOn(ctx: ExecutionContext, tx: Tx, { first: order, entering, events }: TakenLegs): Promise<JobOutcome> {
  const { workspaceId, venueAccountId } = order;
  const executor = ctx.executors.ready(venueAccountId);
  // Asked for before it is known whether the lane is ours: it costs less than to wait for that.
  const checks = executor === null ? null : readSendChecks(tx, { workspaceId, venueAccountId }, order.id);
  const [entry] = await Promise.all([entering, checks]);
  if (entry.token === null || executor === null || checks === null) {
    appendEvents(tx, workspaceId, events);
    return entry;
  }
  const lane = { workspaceId, venueAccountId, token: entry.token };
  const sending = await startSending(ctx, tx, lane, order, { checks, lead: events });
  if (sending === null) return { ...entry, proceed: async () => undefined };
  return { ...entry, proceed: (run) => sendClaimed(ctx, lane, executor, sending, run) };
}

/**
 * Decides where a waiting order goes, stores the decision, moves its reserve to the chosen accounts and goes on in the
 * first one's lane; or denies it with every candidate's reason. One transaction under the workspace's risk lock.
 */
export async function routeOrder(
  ctx: ExecutionContext,
  workspaceId: string,
  { orderId, market, without }: OrderToRoute,
  run: JobContext,
): Promise<JobOutcome> {
  return ctx.database.together("route", workspaceId, async (tx) => {
    const read = (of: Market): Promise<MarketFacts> => readMarketFacts(tx, { workspaceId, ...of }, ctx.markets.of(of.symbol));
    const [risk, order, early] = await Promise.all([
      lockRisk(tx, workspaceId),
      lockOrder(tx, workspaceId, orderId),
      // Behind the locks at the server, so that it sees what they waited for.
      market === null ? null : read(market),
    ]);
    assert(risk !== null && order !== null, `order ${orderId} does not exist`);
    assert(
      market === null || (market.symbol === order.symbol && market.side === order.side),
      `order ${orderId} is of another market`,
    );
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
    const { candidates: all, accounts } = toCandidates(early ?? (await read(order)), query, risk, now);
    const candidates = all.filter(({ venueAccountId }) => !without.includes(venueAccountId));
    const request = toRequest(order, candidates[0], risk.slippageBpsMax, ctx.settings.bookAgeMsMax);
    const plan = planRoute(request, candidates, ROUTE_WEIGHTS, splitRulesFor(order));
    const views = describeCandidates(plan.decision, order.quantity, accounts);
    if (plan.kind === "NONE") {
      deny(tx, order, plan, views, now);
      run.finish(tx);
      crashPoint("route:before-commit");
      return FINISHED;
    }
    const goesOn = await goOn(ctx, tx, takeLegs(tx, order, plan, { candidates, views, now }, run));
    crashPoint("route:before-commit");
    return goesOn;
  });
}
