import type { RoutedOrder } from "#server/data/orders/order-row.ts";
import { assert } from "#server/domain/assert.ts";
import type { OrderToSubmit, SubmitOutcome, VenueAccountExecutor } from "./executors/executor.ts";

/** Only the first attempt is repeated for a clock's sake; a second refusal of the same kind is looked into like any unknown. */
const NONCE_ATTEMPT_MAX = 1;

/** A market order travels as immediate-or-cancel with a worst price, so that it can never cost more than its reserve. */
function toSubmit(order: RoutedOrder): OrderToSubmit {
  const { symbol, side, quantity, postOnly, clientOrderId } = order;
  assert(clientOrderId !== null, `order ${order.id} has no client order id`);
  if (order.restsFor !== null) {
    const { kind, price } = order.restsFor;
    const { type, timeInForce, limitPrice } = order;
    return { clientOrderId, symbol, side, type, timeInForce, postOnly, quantity, limitPrice, trigger: { kind, price } };
  }
  const limitPrice = order.limitPrice ?? order.priceCap;
  if (limitPrice !== null) {
    const timeInForce = order.type === "LIMIT" ? order.timeInForce : "IOC";
    return { clientOrderId, symbol, side, type: "LIMIT", timeInForce, postOnly, quantity, limitPrice };
  }
  // Only an exit without a usable book has no worst price.
  return { clientOrderId, symbol, side, type: "MARKET", timeInForce: "IOC", postOnly: false, quantity, limitPrice: null };
}

/**
 * The one network call that places an order. A refusal of its nonce or timestamp is followed by a resync and a look: when the
 * order is not there, it certainly was not placed, and it may go out once more as its next attempt.
 */
export async function sendOrder(executor: VenueAccountExecutor, order: RoutedOrder): Promise<SubmitOutcome> {
  const submit = toSubmit(order);
  const outcome = await executor.submit(submit);
  if (outcome.kind !== "unknown" || outcome.cause !== "NONCE") return outcome;
  await executor.resyncClock();
  const { symbol, venueOrderId } = order;
  const look = await executor.find({
    clientOrderId: submit.clientOrderId,
    venueOrderId,
    symbol,
    since: order.submittedAt ?? order.createdAt,
  });
  return look.kind === "not-found" && order.attempt <= NONCE_ATTEMPT_MAX ? { ...outcome, notSent: true } : outcome;
}
