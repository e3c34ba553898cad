import { v7 as uuidv7 } from "uuid";
import { lockRisk } from "#server/data/accounts/lock-risk.ts";
import { insertEntries } from "#server/data/ledger/insert-entries.ts";
import { assignRoute } from "#server/data/orders/assign-route.ts";
import { insertRouteDecision } from "#server/data/orders/insert-route-decision.ts";
import { lockOrder } from "#server/data/orders/load-order.ts";
import type { OrderRow } from "#server/data/orders/order-row.ts";
import { readCandidates } from "#server/data/routing/read-candidates.ts";
import type { Tx } from "#server/data/tx.ts";
import { assert } from "#server/domain/assert.ts";
import { asRouteDecisionId, type RouteDecisionId } from "#server/domain/ids.ts";
import { moveReserve, postRelease, postReserve } from "#server/domain/ledger/post.ts";
import { reserveFor } from "#server/domain/ledger/reserve.ts";
import { type Money, money } from "#server/domain/money/money.ts";
import { chooseRoute } from "#server/domain/routing/choose-route.ts";
import { describeCandidates } from "#server/domain/routing/describe-candidates.ts";
import type { RouteCandidate, RouteDecision, RouteLeg, RouteRequest } from "#server/domain/routing/types.ts";
import { appendEvents } from "#server/events/append.ts";
import { reserveOwner } from "./advance-order.ts";
import type { LaneEntry } from "#server/jobs/enter-lane.ts";
import type { JobContext } from "#server/jobs/run-job.ts";
import type { ExecutionContext } from "./context.ts";
import { crashPoint } from "./crash-points.ts";
import { denyOrder } from "./deny-order.ts";
import { orderEvent } from "./order-events.ts";

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
  const { symbol, side, type, quantity, limitPrice, postOnly, isExit } = order;
  const pinnedTo = isExit ? (candidate?.venueAccountId ?? null) : null;
  return { symbol, side, type, quantity, limitPrice, postOnly, slippageCapBps, bookAgeMsMax, pinnedTo };
}

/** The reserve moves to the routed account, at that account's own price cap and fee. */
function reserveAtAccount(tx: Tx, order: OrderRow, leg: RouteLeg, reserve: Money): void {
  assert(order.reserveAsset !== null, `order ${order.id} has no reserve asset`);
  const held = money(order.reserveLeft, order.reserveAsset);
  const owner = reserveOwner(order);
  const drafts =
    owner === null
      ? [moveReserve(leg.venueAccountId, held, reserve)]
      : [postRelease(owner, held), postReserve(leg.venueAccountId, reserve)];
  insertEntries(
    tx,
    order.workspaceId,
    drafts.map((draft) => ({ id: uuidv7(), draft, orderId: order.id, fillId: null, memo: "routed" })),
  );
}

function takeRoute(
  tx: Tx,
  order: OrderRow,
  decision: Extract<RouteDecision, { ok: true }>,
  decisionId: RouteDecisionId,
  candidates: readonly RouteCandidate[],
  now: Date,
  run: JobContext,
): Promise<LaneEntry> {
  const leg = decision.legs[0];
  const chosen = candidates.find((candidate) => candidate.venueAccountId === decision.chosen);
  assert(leg !== undefined && chosen !== undefined && chosen.rules !== null, "a decision names a candidate it was given");
  const { side, quantity } = order;
  const { base, quote } = chosen.rules;
  const reserve = reserveFor(
    { side, base, quote, quantity },
    order.limitPrice ?? leg.worstPrice ?? quantity,
    chosen.takerFeeRate,
  );
  const routed = assignRoute(tx, order, { ...leg, priceCap: order.limitPrice ?? leg.worstPrice, reserve });
  reserveAtAccount(tx, order, leg, reserve);
  const entering = run.enterLane(tx, { kind: "order.submit", lane: leg.venueAccountId, priority: order.priority });
  const verdict = decision.candidates.find((candidate) => candidate.venueAccountId === decision.chosen);
  appendEvents(tx, order.workspaceId, [
    orderEvent("OrderRouted", routed, now, {
      venueAccountId: leg.venueAccountId,
      venue: leg.venue,
      routeDecisionId: decisionId,
      score: verdict?.score ?? 0,
      costBps: verdict?.costBps ?? 0,
      worstPrice: leg.worstPrice?.toFixed() ?? null,
    }),
  ]);
  return entering;
}

function noRouteDetails(decision: RouteDecision): Record<string, string> {
  return Object.fromEntries(decision.candidates.map((candidate) => [candidate.venue, candidate.reason]));
}

/**
 * Decides where a waiting order goes, stores the decision, moves its reserve to the chosen account and goes on in that
 * account's lane; or denies it with every candidate's reason. One transaction under the workspace's risk lock.
 */
export async function routeOrder(
  ctx: ExecutionContext,
  workspaceId: string,
  orderId: string,
  run: JobContext,
): Promise<LaneEntry | undefined> {
  return ctx.database.workspace(workspaceId, async (tx) => {
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
    const { candidates, accounts } = await readCandidates(tx, query, ctx.learning.of(order.symbol), risk, now);
    const decision = chooseRoute(toRequest(order, candidates[0], risk.slippageBpsMax, ctx.settings.bookAgeMsMax), candidates);
    const decisionId = asRouteDecisionId(uuidv7());
    insertRouteDecision(tx, decisionId, order, decision, describeCandidates(decision, order.quantity, accounts));
    const entry = decision.ok ? await takeRoute(tx, order, decision, decisionId, candidates, now, run) : undefined;
    if (!decision.ok) {
      denyOrder(tx, order, { code: decision.code, details: noRouteDetails(decision) }, now);
      run.finish(tx);
    }
    crashPoint("route:before-commit");
    return entry;
  });
}
