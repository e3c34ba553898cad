import { v7 as uuidv7 } from "uuid";
import { insertEntries } from "#server/data/ledger/insert-entries.ts";
import { insertOrder } from "#server/data/orders/insert-order.ts";
import type { RoutedOrder } from "#server/data/orders/order-row.ts";
import { readTried } from "#server/data/orders/read-tried.ts";
import type { Tx } from "#server/data/tx.ts";
import { assert } from "#server/domain/assert.ts";
import { asOrderId } from "#server/domain/ids.ts";
import { postReserve } from "#server/domain/ledger/post.ts";
import { money } from "#server/domain/money/money.ts";
import type { NewEvent } from "#server/events/append.ts";
import { enqueue } from "#server/jobs/enqueue.ts";
import { ATTEMPTS_UNLIMITED } from "#server/jobs/job.ts";
import type { RejectionReason } from "./executors/executor.ts";
import { orderEvent } from "./order-events.ts";

/** Refusals that are this venue's or this account's own. Wrong terms are wrong everywhere, and nothing about them is changed to get by. */
const ELSEWHERE: ReadonlySet<RejectionReason> = new Set([
  "MARKET_CLOSED",
  "BAD_SYMBOL",
  "NOT_PERMITTED",
  "AUTHENTICATION",
  "ACCOUNT_SUSPENDED",
  "INSUFFICIENT_FUNDS",
]);
/** An entry that is older has missed its moment. */
const AGE_MS_MAX = 5_000;

/**
 * Lets an entry that a venue has definitely refused try the next candidate: an order of the same intent with the same terms, its reserve
 * back at the workspace, routed anew without the accounts that the intent's orders have been at. Never for exits, which belong to the
 * account that holds the position, never where somebody named the account, and never while an outcome is open. `order` is as it was
 * before the refusal gave its reserve back. Answers the events for the end of the transaction.
 */
export async function failOver(tx: Tx, order: RoutedOrder, reason: RejectionReason, now: Date): Promise<NewEvent[]> {
  if (order.isExit || order.hasTriggers || order.cancelRequestedAt !== null || !ELSEWHERE.has(reason)) return [];
  const found = await readTried(tx, order.workspaceId, order.intentId);
  assert(found !== null, `order ${order.id} has no intent`);
  if (found.askedFor !== null || now.getTime() - found.askedAt.getTime() > AGE_MS_MAX) return [];
  assert(order.reserveAsset !== null, `order ${order.id} has no reserve asset`);
  const reserve = money(order.reserveLeft, order.reserveAsset);
  const id = asOrderId(uuidv7());
  const { workspaceId, priority } = order;
  insertOrder(tx, { ...order, id, reserve, reserveHolderId: workspaceId, hasTriggers: false });
  insertEntries(tx, workspaceId, [
    { id: uuidv7(), draft: postReserve(null, reserve), orderId: id, fillId: null, memo: "tries the next venue" },
  ]);
  enqueue(tx, {
    kind: "order.execute",
    workspaceId,
    lane: null,
    priority,
    payload: { orderId: id, symbol: order.symbol, side: order.side, without: found.tried },
    attemptsMax: ATTEMPTS_UNLIMITED,
    dedupeKey: `order.execute:${id}`,
  });
  const { symbol, side, type, timeInForce, postOnly, isExit, limitPrice, quantity } = order;
  const terms = { symbol, side, type, timeInForce, postOnly, isExit, quantity: quantity.toFixed() };
  return [
    orderEvent("OrderAccepted", { ...order, id, state: "PENDING_NEW", version: 0 }, now, {
      ...terms,
      limitPrice: limitPrice?.toFixed() ?? null,
    }),
  ];
}
