import type { Decimal } from "#server/domain/decimal.ts";
import { bestOpposite } from "#simulator/engine/rules.ts";
import type { MarketState, OrderRecord, PriceRange } from "#simulator/engine/state.ts";
import type { SimSide, SimTrigger } from "#simulator/engine/types.ts";

/** Open, but not at work before the market price reaches its trigger. */
export function isWaiting(order: Pick<OrderRecord, "trigger" | "status">): boolean {
  return order.status === "open" && order.trigger !== null && order.trigger.triggeredAt === null;
}

/** The last trade's price, held inside the present spread: where quotes have run past it, the next trade is. */
export function marketPrice(market: MarketState): Decimal | undefined {
  const bid = bestOpposite(market, "sell");
  const ask = bestOpposite(market, "buy");
  const last = market.tape.lastPrice ?? bid ?? ask;
  if (bid !== undefined && last?.lt(bid)) return bid;
  if (ask !== undefined && last?.gt(ask)) return ask;
  return last;
}

/** Remembers that the market was at this price, for the triggers that are looked at when the change is whole. */
export function noteTraded(market: MarketState, price: Decimal): void {
  const { reached } = market;
  if (reached === null) market.reached = { low: price, high: price };
  else market.reached = { low: price.lt(reached.low) ? price : reached.low, high: price.gt(reached.high) ? price : reached.high };
}

export function isReached(side: SimSide, trigger: SimTrigger, range: PriceRange): boolean {
  const waitsForFall = (side === "sell") === (trigger.kind === "stop-loss");
  return waitsForFall ? range.low.lte(trigger.price) : range.high.gte(trigger.price);
}

/** Whether an order with this trigger would go to work at once. */
export function wouldTrigger(market: MarketState | undefined, side: SimSide, trigger: SimTrigger): boolean {
  const price = market === undefined ? undefined : marketPrice(market);
  return price !== undefined && isReached(side, trigger, { low: price, high: price });
}
