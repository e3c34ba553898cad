import { v7 as uuidv7 } from "uuid";
import { insertEntries } from "#server/data/ledger/insert-entries.ts";
import { assignRoute } from "#server/data/orders/assign-route.ts";
import { insertOrder } from "#server/data/orders/insert-order.ts";
import { insertRouteDecision, type StoredLeg } from "#server/data/orders/insert-route-decision.ts";
import { asRouted, type OrderRow, type RoutedOrder } from "#server/data/orders/order-row.ts";
import type { Tx } from "#server/data/tx.ts";
import { assert } from "#server/domain/assert.ts";
import { asOrderId, asRouteDecisionId, type RouteDecisionId } from "#server/domain/ids.ts";
import type { JournalEntryDraft } from "#server/domain/ledger/accounts.ts";
import { moveReserve, postRelease, postReserve } from "#server/domain/ledger/post.ts";
import { reserveFor } from "#server/domain/ledger/reserve.ts";
import { type Money, money } from "#server/domain/money/money.ts";
import type { CandidateView } from "#server/domain/routing/describe-candidates.ts";
import type { PlannedLeg, SinglePlan, SplitPlan } from "#server/domain/routing/route-plan.ts";
import type { RouteCandidate } from "#server/domain/routing/types.ts";
import type { NewEvent } from "#server/events/append.ts";
import type { LaneEntry } from "#server/jobs/enter-lane.ts";
import type { JobContext } from "#server/jobs/run-job.ts";
import { reserveOwner } from "./advance-order.ts";
import { orderEvent } from "./order-events.ts";
import { requestSubmit } from "./request-work.ts";

/** What the decision was made on. */
export interface RouteFacts {
  readonly candidates: readonly RouteCandidate[];
  readonly views: readonly CandidateView[];
  readonly now: Date;
}

/** One leg of the plan with the order that carries it. */
interface LegOrder {
  readonly leg: PlannedLeg;
  readonly order: OrderRow;
  readonly reserve: Money;
  readonly decisionId: RouteDecisionId;
}

/** At the leg's own price cap and its account's fee. */
function reserveOf(order: OrderRow, leg: PlannedLeg, candidates: readonly RouteCandidate[]): Money {
  const candidate = candidates.find(({ venueAccountId }) => venueAccountId === leg.venueAccountId);
  assert(candidate !== undefined && candidate.rules !== null, "a leg names a candidate that was given");
  const { base, quote } = candidate.rules;
  const { quantity } = leg;
  const price = order.limitPrice ?? leg.worstPrice ?? quantity;
  return reserveFor({ side: order.side, base, quote, quantity }, price, candidate.takerFeeRate);
}

/** The first leg is the order itself; each of the others becomes an order of the same intent. */
function orderOf(tx: Tx, order: OrderRow, { leg, reserve }: Pick<LegOrder, "leg" | "reserve">, index: number): OrderRow {
  if (index === 0) return order;
  const { quantity, venueAccountId, worstPrice } = leg;
  const own = { ...order, id: asOrderId(uuidv7()), quantity, hasTriggers: false, version: 0 };
  insertOrder(tx, { ...own, priceCap: order.limitPrice ?? worstPrice, reserve, reserveHolderId: venueAccountId });
  return own;
}

/** What is set aside now: the whole order's reserve goes to the first leg's account, what the others need comes from theirs. */
function reserveEntries(order: OrderRow, { leg, reserve }: LegOrder, index: number): readonly JournalEntryDraft[] {
  if (index > 0) return [postReserve(leg.venueAccountId, reserve)];
  assert(order.reserveAsset !== null, `order ${order.id} has no reserve asset`);
  const held = money(order.reserveLeft, order.reserveAsset);
  const owner = reserveOwner(order);
  return owner === null
    ? [moveReserve(leg.venueAccountId, held, reserve)]
    : [postRelease(owner, held), postReserve(leg.venueAccountId, reserve)];
}

function legEvents(legOrder: LegOrder, routed: OrderRow, plan: SinglePlan | SplitPlan, now: Date, index: number): NewEvent[] {
  const { leg, decisionId } = legOrder;
  const { symbol, side, type, timeInForce, postOnly, isExit, limitPrice, quantity } = routed;
  const verdict = plan.decision.candidates.find(({ venueAccountId }) => venueAccountId === leg.venueAccountId);
  const accepted = orderEvent("OrderAccepted", { ...routed, version: 0 }, now, {
    symbol,
    side,
    type,
    timeInForce,
    postOnly,
    isExit,
    quantity: quantity.toFixed(),
    limitPrice: limitPrice?.toFixed() ?? null,
  });
  const taken = orderEvent("OrderRouted", routed, now, {
    venueAccountId: leg.venueAccountId,
    venue: leg.venue,
    routeDecisionId: decisionId,
    score: verdict?.score ?? 0,
    costBps: verdict?.costBps ?? 0,
    worstPrice: leg.worstPrice?.toFixed() ?? null,
  });
  return index === 0 ? [taken] : [accepted, taken];
}

/** The order that was asked for, with the first leg, on its way into that account's lane; and what is to be told of all legs. */
export interface TakenLegs {
  readonly first: RoutedOrder;
  readonly entering: Promise<LaneEntry>;
  readonly events: readonly NewEvent[];
}

/**
 * Gives each leg of a plan to its account, in the caller's transaction: its own order with its own reserve and its own job, all of one
 * intent. The order that was asked for carries the first leg and goes on in that account's lane at once. The caller appends the events last.
 */
export function takeLegs(
  tx: Tx,
  order: OrderRow,
  plan: SinglePlan | SplitPlan,
  { candidates, views, now }: RouteFacts,
  run: JobContext,
): TakenLegs {
  const legs = plan.legs.map((leg, index): LegOrder => {
    const reserve = reserveOf(order, leg, candidates);
    return { leg, reserve, decisionId: asRouteDecisionId(uuidv7()), order: orderOf(tx, order, { leg, reserve }, index) };
  });
  const stored = legs.map(({ leg, order: own }): StoredLeg => {
    const { venueAccountId, venue, quantity } = leg;
    return { orderId: own.id, venueAccountId, venue, quantity: quantity.toFixed() };
  });
  const routed = legs.map(({ leg, reserve, order: own }) => {
    const { venueAccountId, venue, quantity } = leg;
    return assignRoute(tx, own, { venueAccountId, venue, quantity, priceCap: order.limitPrice ?? leg.worstPrice, reserve });
  });
  for (const { leg, order: own, decisionId } of legs) {
    insertRouteDecision(tx, own, {
      id: decisionId,
      venueAccountId: leg.venueAccountId,
      weightsVersion: plan.decision.weightsVersion,
      candidates: views,
      legs: plan.kind === "SPLIT" ? stored : null,
    });
  }
  insertEntries(
    tx,
    order.workspaceId,
    legs.flatMap((leg, index) =>
      reserveEntries(order, leg, index).map((draft) => ({
        id: uuidv7(),
        draft,
        orderId: leg.order.id,
        fillId: null,
        memo: "routed",
      })),
    ),
  );
  const [first, ...others] = routed;
  assert(first !== undefined && first.venueAccountId !== null, "a plan has a leg");
  const entering = run.enterLane(tx, { kind: "order.submit", lane: first.venueAccountId, priority: order.priority });
  for (const own of others) {
    assert(own.venueAccountId !== null, "a leg has an account");
    requestSubmit(tx, { workspaceId: order.workspaceId, venueAccountId: own.venueAccountId }, own, null);
  }
  const events = legs.flatMap((leg, index) => legEvents(leg, routed[index] ?? leg.order, plan, now, index));
  return { first: asRouted(first), entering, events };
}
