import { Decimal, ZERO } from "#server/domain/decimal.ts";
import type { ExternalLevel, MarketState, OrderRecord } from "#simulator/engine/state.ts";
import type { SimSide } from "#simulator/engine/types.ts";

export interface PlannedMatch {
  readonly price: Decimal;
  readonly amount: Decimal;
  readonly maker: OrderRecord | null; // null: external liquidity
  readonly level: ExternalLevel | null;
}

export interface MatchPlan {
  readonly matches: readonly PlannedMatch[];
  readonly amount: Decimal;
  /** The taker met a resting order of its own account: it stops there, and what is left of it expires. */
  readonly stoppedBySelf: boolean;
}

export interface TakerDemand {
  readonly accountId: string;
  readonly side: SimSide;
  readonly limit: Decimal | null;
  readonly amount: Decimal | null; // base
  readonly cost: Decimal | null; // quote, when there is no amount
}

/**
 * Walks the union of external levels and users' resting orders by price, then time, and says what a taker would get.
 * Changes nothing. At one price a user's order comes before external liquidity if it was there before the feed last
 * replaced the book, and after it otherwise.
 */
export function planMatch(state: MarketState, demand: TakerDemand): MatchPlan {
  const levels = demand.side === "buy" ? state.asks : state.bids;
  const users = demand.side === "buy" ? state.userAsks : state.userBids;
  const matches: PlannedMatch[] = [];
  let total = ZERO;
  let amountLeft = demand.amount;
  let costLeft = demand.cost;
  let levelIndex = 0;
  let userIndex = 0;
  for (;;) {
    while (levels[levelIndex]?.amount.isZero()) levelIndex += 1;
    const level = levels[levelIndex];
    const user = users[userIndex];
    const takeUser = user !== undefined && (level === undefined || userComesFirst(state, demand.side, user, level));
    const price = takeUser ? user.price : level?.price;
    if (price === undefined || price === null) break;
    if (demand.limit !== null && (demand.side === "buy" ? price.gt(demand.limit) : price.lt(demand.limit))) break;
    if (takeUser && user.accountId === demand.accountId) return { matches, amount: total, stoppedBySelf: true };
    const available = takeUser ? user.amount.minus(user.filled) : level === undefined ? ZERO : level.amount;
    const wanted = amountLeft ?? affordable(costLeft ?? ZERO, price, state.market.amountStep);
    const amount = Decimal.min(available, wanted);
    if (amount.isZero()) break;
    matches.push({ price, amount, maker: takeUser ? user : null, level: takeUser ? null : (level ?? null) });
    total = total.plus(amount);
    if (amountLeft !== null) amountLeft = amountLeft.minus(amount);
    if (costLeft !== null) costLeft = costLeft.minus(amount.times(price));
    if (takeUser) userIndex += 1;
    else levelIndex += 1;
    if (amountLeft?.isZero()) break;
  }
  return { matches, amount: total, stoppedBySelf: false };
}

function affordable(cost: Decimal, price: Decimal, step: Decimal): Decimal {
  return cost.div(price).div(step).floor().times(step);
}

function userComesFirst(state: MarketState, takerSide: SimSide, user: OrderRecord, level: ExternalLevel): boolean {
  if (user.price === null) return false;
  const order = user.price.cmp(level.price);
  if (order === 0) return user.priority < state.stamp;
  return takerSide === "buy" ? order < 0 : order > 0;
}
