import { insertEntries } from "#server/data/ledger/insert-entries.ts";
import { lockPosition } from "#server/data/ledger/positions.ts";
import { readExitsInTheWay } from "#server/data/orders/exits-in-the-way.ts";
import { lockOrder } from "#server/data/orders/load-order.ts";
import { asRouted, type OrderRow, type RoutedOrder } from "#server/data/orders/order-row.ts";
import { lockReplacement, markSent, type Replacement, type ReplacementEnd } from "#server/data/orders/replacements.ts";
import { listOppositeOfReplacement } from "#server/data/protection/opposite-of-replacement.ts";
import { readSendFacts, type SendFacts } from "#server/data/protection/send-facts.ts";
import type { Tx } from "#server/data/tx.ts";
import { assert } from "#server/domain/assert.ts";
import type { ReplaceWay } from "#server/domain/order/replacement.ts";
import { isTerminal } from "#server/domain/order/state.ts";
import { meets, type OwnOpposite } from "#server/domain/risk/self-trade.ts";
import { appendEvents } from "#server/events/append.ts";
import { type ExecutionContext, inLane, type Lane } from "../context.ts";
import { crashPoint } from "../crash-points.ts";
import { areBreakersClosed, holdBack, stopCode } from "../hold-back.ts";
import { closeReplacement } from "./close-replacement.ts";

/** A change that is older and was never sent has missed its moment; who still wants it asks again. */
const AGE_MS_MAX = 60_000;

export interface ReplacementRef {
  readonly orderId: string;
  readonly replacementId: string;
}

export type Claimed =
  | { readonly kind: "send"; readonly order: RoutedOrder; readonly replacement: Replacement; readonly breakersClosed: boolean }
  | { readonly kind: "look" }
  | { readonly kind: "done" };

const refused = (code: string, details: Readonly<Record<string, string>> = {}): ReplacementEnd => ({
  state: "REFUSED",
  code,
  details,
});

/**
 * May the exit become larger? Not into what other exits have, be they on their way or at rest for a stop: to those it yields. One that
 * becomes no larger takes nothing that it does not have.
 */
async function coinsAreFree(tx: Tx, order: RoutedOrder, { old, wanted }: Replacement): Promise<boolean> {
  if (wanted.quantity.lte(old.quantity)) return true;
  const { quantity: position } = await lockPosition(tx, order.workspaceId, order.venueAccountId, order.symbol);
  const { sent, waiting, resting } = await readExitsInTheWay(tx, order);
  const rest = wanted.quantity.minus(order.filledQuantity);
  return rest.plus(sent).plus(waiting).plus(resting).lte(position);
}

/** Why what was asked for cannot be sent any more, or null: everything that was checked at the door, as it is now. */
async function refusalOf(
  tx: Tx,
  order: RoutedOrder,
  replacement: Replacement,
  facts: SendFacts | null,
  opposite: readonly OwnOpposite[],
  way: ReplaceWay,
  now: Date,
): Promise<ReplacementEnd | null> {
  const { wanted, restMin, createdAt } = replacement;
  if (order.cancelRequestedAt !== null || order.state !== "PENDING_REPLACE") return refused("REPLACE_OVERTAKEN");
  if (now.getTime() - createdAt.getTime() > AGE_MS_MAX) return refused("REPLACE_TOO_LATE");
  const stop = stopCode(facts, order.isExit);
  if (stop !== null || facts === null) return refused(stop ?? "ACCOUNT_DISABLED");
  const rest = wanted.quantity.minus(order.filledQuantity);
  if (rest.lte(0)) return refused("REPLACE_BELOW_FILLED", { filled: order.filledQuantity.toFixed() });
  if (way === "RENEW" && rest.lt(restMin)) return refused("QUANTITY_BELOW_MINIMUM", { minimum: restMin.toFixed() });
  const own = opposite.find(({ price }) => meets(order.side, wanted.limitPrice, price));
  if (own !== undefined) return refused("ORDER_SELF_TRADE", { orderId: own.orderId });
  if (order.isExit && !(await coinsAreFree(tx, order, replacement))) return refused("EXIT_EXCEEDS_POSITION");
  const held = await holdBack(tx, order, facts);
  return held === null ? null : refused(held.code, held.details);
}

function close(tx: Tx, order: OrderRow, replacement: Replacement, end: ReplacementEnd, now: Date): Claimed {
  const closed = closeReplacement(tx, order, replacement, "old", end, now);
  insertEntries(tx, order.workspaceId, closed.entries);
  appendEvents(tx, order.workspaceId, closed.events);
  return { kind: "done" };
}

/**
 * Transaction A: the intended terms are durable since they were asked for, and that they may be at the venue is durable from here. What was
 * sent before is looked for and not sent again.
 */
export async function claimReplacement(
  ctx: ExecutionContext,
  lane: Lane,
  { orderId, replacementId }: ReplacementRef,
  way: ReplaceWay,
): Promise<Claimed> {
  return inLane(ctx, lane, async (tx): Promise<Claimed> => {
    const { workspaceId, venueAccountId } = lane;
    const [row, replacement, facts, opposite] = await Promise.all([
      lockOrder(tx, workspaceId, orderId),
      lockReplacement(tx, workspaceId, replacementId),
      readSendFacts(tx, workspaceId, orderId, venueAccountId),
      listOppositeOfReplacement(tx, workspaceId, orderId),
    ]);
    assert(row !== null && replacement !== null, `replacement ${replacementId} of order ${orderId} does not exist`);
    const isUnderWay = replacement.state === "ASKED" || replacement.state === "SENT";
    if (!isUnderWay || row.replacementId !== replacementId) return { kind: "done" };
    const now = ctx.clock.now();
    if (replacement.state === "SENT") return { kind: "look" };
    if (isTerminal(row.state)) return close(tx, row, replacement, { state: "DROPPED", code: "REPLACE_ORDER_ENDED" }, now);
    const order = asRouted(row);
    const refusal = await refusalOf(tx, order, replacement, facts, opposite, way, now);
    if (refusal !== null) return close(tx, order, replacement, refusal, now);
    markSent(tx, replacement, way, now);
    crashPoint("replace:before-claim-commit");
    const breakersClosed = facts !== null && areBreakersClosed(facts);
    return { kind: "send", order, replacement: { ...replacement, state: "SENT", way, sentAt: now }, breakersClosed };
  });
}
