import { readLevelsOfEntry } from "#server/data/triggers/levels-of-entry.ts";
import type { RiskRow } from "#server/data/accounts/lock-risk.ts";
import type { RoutedOrder } from "#server/data/orders/order-row.ts";
import type { Tx } from "#server/data/tx.ts";
import { Decimal, ZERO } from "#server/domain/decimal.ts";
import type { LimitTerms } from "#server/domain/order/replacement.ts";
import { costMinOf } from "#server/domain/market.ts";
import { checkIntent, type IntentActor } from "#server/domain/risk/check-intent.ts";
import { deny } from "#server/domain/risk/check-terms.ts";
import type { Denial } from "#server/domain/risk/denial-codes.ts";
import { isReached } from "#server/domain/trigger/trigger.ts";
import { REPLACES_IN_PLACE } from "#server/domain/venue.ts";
import { type IntentFacts, type IntentRequest, leaving, readFigures, restingExits, toFacts } from "../intent/gather-facts.ts";

export type ReplacementCheck =
  | {
      readonly allowed: true;
      /** What the new terms need set aside for what is open now. */
      readonly reserve: Decimal;
      /** The smallest order that the venue takes at the new price, base. */
      readonly restMin: Decimal;
    }
  | { readonly allowed: false; readonly denial: Denial };

const denied = (denial: Denial): ReplacementCheck => ({ allowed: false, denial });

/** Whether the change makes sense for this very order, before any limit is asked. */
function checkChange(order: RoutedOrder, wanted: LimitTerms): Denial | null {
  if (wanted.quantity.eq(order.quantity) && order.limitPrice?.eq(wanted.limitPrice) === true)
    return deny("REPLACE_NOTHING_CHANGED");
  if (wanted.quantity.lte(order.filledQuantity)) {
    return deny("REPLACE_BELOW_FILLED", { filled: order.filledQuantity.toFixed() });
  }
  return null;
}

/** Stops and targets are tied to one order at the venue, and none may sell right after a fill at the new price. */
async function checkProtection(tx: Tx, order: RoutedOrder, wanted: LimitTerms): Promise<Denial | null> {
  if (!order.hasTriggers) return null;
  if (!REPLACES_IN_PLACE[order.venue]) return deny("REPLACE_BREAKS_PROTECTION");
  const levels = await readLevelsOfEntry(tx, order.workspaceId, order.id);
  return levels.some((level) => isReached(level, wanted.limitPrice)) ? deny("REPLACE_BREAKS_PROTECTION") : null;
}

/** The largest order allowed is about the whole order, whatever is filled of it. */
function checkSize({ check }: IntentFacts, wanted: LimitTerms): Denial | null {
  const { limits, quoteUsdRate, isExit } = check;
  const { maxOrderUsd } = limits;
  if (isExit || maxOrderUsd === null || quoteUsdRate === null) return null;
  const usd = wanted.quantity.times(wanted.limitPrice).times(quoteUsdRate);
  return usd.gt(maxOrderUsd.value)
    ? deny("LIMIT_ORDER_SIZE", { limit: maxOrderUsd.value.toFixed(), source: maxOrderUsd.source })
    : null;
}

/**
 * Judges the new terms of an open order as an order for what is left of it would be, with the order itself out of the way: its exposure,
 * its place among the orders in flight and what it has set aside count as free. Call it under the workspace's risk lock.
 */
export async function checkReplacement(
  tx: Tx,
  role: IntentActor,
  risk: RiskRow,
  order: RoutedOrder,
  wanted: LimitTerms,
  now: Date,
): Promise<ReplacementCheck> {
  const refusal = checkChange(order, wanted) ?? (await checkProtection(tx, order, wanted));
  if (refusal !== null) return denied(refusal);
  const { symbol, side, type, timeInForce, postOnly, isExit, venueAccountId, workspaceId } = order;
  const quantity = wanted.quantity.minus(order.filledQuantity);
  const request: IntentRequest = {
    terms: { symbol, side, type, timeInForce, postOnly, quantity, limitPrice: wanted.limitPrice },
    isExit,
    venueAccountId,
    hasBracket: false,
  };
  const figures = await readFigures(tx, workspaceId, request, now);
  const orders = figures.orders.filter(({ id }) => id !== order.id);
  const facts = toFacts(role, risk, request, { ...figures, orders }, now);
  // What rests for a stop makes way for an exit that is placed, and not for one that grows.
  const resting = isExit ? restingExits(orders, symbol, venueAccountId) : [];
  const freed = resting.reduce((sum, { reserveLeft }) => sum.plus(reserveLeft), ZERO);
  const verdict = checkIntent({
    ...facts.check,
    available: facts.check.available.plus(order.reserveLeft).minus(freed),
    positionQuantity: facts.check.positionQuantity.minus(leaving(resting, symbol, venueAccountId)),
  });
  if (!verdict.allowed) return denied({ code: verdict.code, details: verdict.details });
  const tooLarge = checkSize(facts, wanted);
  if (tooLarge !== null) return denied(tooLarge);
  // An exit that is placed waits for own orders to leave; one that rests has no need to go in their way.
  const own = verdict.cancelFirst[0];
  if (own !== undefined) return denied(deny("ORDER_SELF_TRADE", { orderId: own }));
  const rules = facts.check.markets[0];
  const restMin = rules === undefined ? ZERO : Decimal.max(rules.amountMin, costMinOf(rules, side).dividedBy(wanted.limitPrice));
  return { allowed: true, reserve: verdict.reserve.amount, restMin: restMin.toDecimalPlaces(18, Decimal.ROUND_UP) };
}
