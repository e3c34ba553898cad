import type { Decimal } from "#server/domain/decimal.ts";
import type { MarketState } from "#simulator/engine/state.ts";
import type { SimMarket, SimOrderRequest, SimRejectReason, SimSide } from "#simulator/engine/types.ts";

/** The best price a taker of this side would meet, users' orders and external book together. */
export function bestOpposite(state: MarketState, side: SimSide): Decimal | undefined {
  const external = (side === "buy" ? state.asks : state.bids).find((level) => !level.amount.isZero())?.price;
  const user = (side === "buy" ? state.userAsks : state.userBids)[0]?.price ?? undefined;
  if (external === undefined || user === undefined) return external ?? user;
  return (side === "buy") === user.lt(external) ? user : external;
}

/** Shape, then the market's tick, step and minimums. Answers why the request is refused, or null. */
export function refusalOf(state: MarketState, request: SimOrderRequest): SimRejectReason | null {
  const refusal = shapeRefusal(request);
  if (refusal !== null) return refusal;
  if (request.trigger !== undefined && !request.trigger.price.mod(state.market.priceTick).isZero()) return "price-tick";
  return request.type === "limit" ? limitRefusal(state.market, request) : marketRefusal(state, request);
}

function shapeRefusal(request: SimOrderRequest): SimRejectReason | null {
  const { amount, cost, price, trigger } = request;
  if (trigger !== undefined && (cost !== undefined || request.postOnly)) return "bad-request";
  if ([amount, cost, price, trigger?.price].some((value) => value !== undefined && !(value.isFinite() && value.gt(0))))
    return "bad-request";
  if (request.type === "limit") {
    if (amount === undefined || price === undefined || cost !== undefined) return "bad-request";
    return request.postOnly && request.timeInForce !== "GTC" ? "bad-request" : null;
  }
  if (price !== undefined || request.postOnly) return "bad-request";
  if ((amount === undefined) === (cost === undefined)) return "bad-request";
  return cost !== undefined && request.side === "sell" ? "bad-request" : null;
}

function limitRefusal(market: SimMarket, { price, amount }: SimOrderRequest): SimRejectReason | null {
  if (price === undefined || amount === undefined) return "bad-request";
  return gridRefusal(market, price, amount);
}

/** Tick, step and minimums of a price and an amount. */
export function gridRefusal(market: SimMarket, price: Decimal, amount: Decimal): SimRejectReason | null {
  if (!price.mod(market.priceTick).isZero()) return "price-tick";
  const refusal = amountRefusal(market, amount);
  if (refusal !== null) return refusal;
  return market.costMin.gt(0) && price.times(amount).lt(market.costMin) ? "cost-min" : null;
}

function amountRefusal(market: SimMarket, amount: Decimal): SimRejectReason | null {
  if (!amount.mod(market.amountStep).isZero()) return "amount-step";
  return amount.lt(market.amountMin) ? "amount-min" : null;
}

function marketRefusal(state: MarketState, request: SimOrderRequest): SimRejectReason | null {
  const { market } = state;
  // What waits is worth what it waits for.
  const best = request.trigger?.price ?? bestOpposite(state, request.side);
  if (request.amount !== undefined) {
    const refusal = amountRefusal(market, request.amount);
    if (refusal !== null) return refusal;
    return best !== undefined && best.times(request.amount).lt(market.costMin) ? "cost-min" : null;
  }
  const cost = request.cost;
  if (cost === undefined) return "bad-request";
  if (cost.lt(market.costMin)) return "cost-min";
  return best !== undefined && cost.div(best).lt(market.amountMin) ? "amount-min" : null;
}
