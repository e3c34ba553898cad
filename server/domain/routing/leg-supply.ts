import { assert } from "#server/domain/assert.ts";
import { Decimal } from "#server/domain/decimal.ts";
import { costMinOf, type MarketRules } from "#server/domain/market.ts";
import type { OrderSide } from "#server/domain/order/order.ts";
import type { BookLevel, BookSnapshot, RouteCandidate, RouteRequest } from "#server/domain/routing/types.ts";
import { DEPTH_FACTOR_MIN, FLOAT_SLACK } from "#server/domain/routing/walk-book.ts";

/** A candidate that may get a leg, with a usable book. */
export interface LegSource {
  readonly candidate: RouteCandidate;
  readonly rules: MarketRules;
  readonly book: BookSnapshot;
  readonly mid: Decimal;
  /** On the venue's tick. */
  readonly worstPrice: Decimal;
}

/** Where the grid of all quantities lies: whole units of `10^-digits` base, so that sums of steps are exact as floats. */
export interface UnitGrid {
  readonly digits: number;
  /** The order's quantity in units. */
  readonly target: number;
}

/**
 * What one account can contribute, in whole units. `cumQuantity[k]` and `cumCost[k]` are what its first `k` levels hold and
 * cost after fees; a sale's cost is negative, so that less is better on both sides. Marginal costs never fall.
 */
export interface LegSupply {
  readonly source: LegSource;
  readonly step: number;
  /** The smallest and largest leg, both on the step. */
  readonly low: number;
  readonly high: number;
  readonly marginal: Float64Array;
  readonly cumQuantity: Float64Array;
  readonly cumCost: Float64Array;
}

/** The grid that every source's step and the order's quantity lie on; null when the quantity fits no step or is too fine for a float. */
export function findGrid(quantity: Decimal, sources: readonly LegSource[]): UnitGrid | null {
  const digits = Math.max(0, ...sources.map((source) => source.rules.amountStep.decimalPlaces()));
  const target = new Decimal(10).pow(digits).times(quantity);
  // Twice the target must still be exact.
  if (!target.isInteger() || target.times(DEPTH_FACTOR_MIN).gt(Number.MAX_SAFE_INTEGER)) return null;
  return { digits, target: target.toNumber() };
}

/** Units that the free balance pays for at worst; more than the target is never looked at closely. */
function affordable(request: RouteRequest, source: LegSource, grid: UnitGrid): number {
  const { available, takerFeeRate } = source.candidate;
  const scale = new Decimal(10).pow(grid.digits);
  // Cut before it becomes a float, which would round the last unit up.
  if (request.side === "SELL") return available.times(scale).floor().toNumber();
  const rate = takerFeeRate.isNegative() ? 0 : takerFeeRate.toNumber();
  const estimate = available.toNumber() / (source.worstPrice.toNumber() * (1 + rate));
  // Exact division is slow, and needed only where the balance is what decides.
  if (estimate * 10 ** grid.digits > 1.01 * grid.target) return grid.target;
  const perUnit = source.worstPrice.times(takerFeeRate.isNegative() ? 1 : takerFeeRate.plus(1));
  return available.times(scale).dividedToIntegerBy(perUnit).toNumber();
}

/**
 * The smallest leg in units, on the step, valued at the lower of mid and worst price: a venue may value it at either. Floats
 * decide unless they are too close to a whole step to tell.
 */
function smallestLeg(side: OrderSide, { rules, mid, worstPrice }: LegSource, step: number, grid: UnitGrid): number {
  const price = Math.min(mid.toNumber(), worstPrice.toNumber());
  const costMin = costMinOf(rules, side);
  const base = Math.max(rules.amountMin.toNumber(), costMin.toNumber() / price);
  const steps = (base * 10 ** grid.digits) / step;
  if (Math.abs(steps - Math.round(steps)) > steps * 1e-9) return Math.ceil(steps) * step;
  const exact = Decimal.max(rules.amountMin, costMin.dividedBy(Decimal.min(mid, worstPrice)), rules.amountStep);
  return Math.round(exact.dividedBy(rules.amountStep).ceil().toNumber()) * step;
}

interface Depth {
  /** Base within the bound, as far as it was read. */
  readonly total: number;
  /** How many of the levels the order alone would need. */
  readonly levels: number;
}

/** Reads the levels within the bound until they hold `depthWanted` base. */
function measureDepth(levels: readonly BookLevel[], sign: 1 | -1, bound: number, quantity: number, depthWanted: number): Depth {
  let total = 0;
  let needed = 0;
  let previous = Number.NEGATIVE_INFINITY;
  for (const level of levels) {
    const price = sign * level.price;
    // A level past the bound, empty or out of order ends it: what lies behind cannot be trusted. NaN fails every test.
    if (!(price >= previous && price <= sign * bound && level.quantity > 0)) break;
    previous = price;
    if (total < quantity) needed += 1;
    total += level.quantity;
    if (total >= depthWanted) break;
  }
  return { total, levels: needed };
}

/** What the account can contribute to the order; null when not even its smallest leg. */
export function readSupply(request: RouteRequest, source: LegSource, grid: UnitGrid): LegSupply | null {
  const { rules, book, worstPrice, candidate } = source;
  const scale = 10 ** grid.digits;
  const step = Math.round(rules.amountStep.toNumber() * scale);
  assert(step >= 1, "every step lies on the grid");
  const low = smallestLeg(request.side, source, step, grid);
  if (low > grid.target) return null;
  // A market order's leg must find as much behind it as a whole order would; a limit order names its own bound.
  const depthFactor = request.type === "MARKET" ? DEPTH_FACTOR_MIN : 1;
  const buys = request.side === "BUY";
  const sign = buys ? 1 : -1;
  const levels = buys ? book.asks : book.bids;
  const quantity = grid.target / scale;
  const depth = measureDepth(levels, sign, worstPrice.toNumber(), quantity, depthFactor * quantity);
  const roomy = Math.min(grid.target, affordable(request, source, grid), (depth.total / depthFactor) * scale * (1 + FLOAT_SLACK));
  const high = Math.floor(roomy / step) * step;
  if (high < low) return null;
  return {
    source,
    step,
    low,
    high,
    ...sumLevels(levels, depth.levels, high, scale, sign * (1 + sign * candidate.takerFeeRate.toNumber())),
  };
}

/** Running sums of the first `count` levels, the last one counted only as far as the largest leg reaches. */
function sumLevels(
  levels: readonly BookLevel[],
  count: number,
  high: number,
  scale: number,
  factor: number,
): Pick<LegSupply, "marginal" | "cumQuantity" | "cumCost"> {
  const marginal = new Float64Array(count);
  const cumQuantity = new Float64Array(count + 1);
  const cumCost = new Float64Array(count + 1);
  let total = 0;
  let cost = 0;
  let last = 0;
  for (const level of levels) {
    const offered = level.quantity * scale;
    const price = level.price * factor;
    const isLast = last === count - 1 || total + offered >= high;
    const taken = isLast ? high - total : offered;
    total = isLast ? high : total + offered;
    cost += taken * price;
    marginal[last] = price;
    last += 1;
    cumQuantity[last] = total;
    cumCost[last] = cost;
    if (isLast) break;
  }
  return {
    marginal: marginal.subarray(0, last),
    cumQuantity: cumQuantity.subarray(0, last + 1),
    cumCost: cumCost.subarray(0, last + 1),
  };
}

/** What `units` cost after fees, in quote times units; within the supply's range. */
export function costOf(supply: LegSupply, units: number): number {
  const { cumQuantity, cumCost, marginal } = supply;
  let low = 0;
  let high = marginal.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((cumQuantity[middle + 1] ?? 0) >= units) high = middle;
    else low = middle + 1;
  }
  return (cumCost[low] ?? 0) + (units - (cumQuantity[low] ?? 0)) * (marginal[low] ?? 0);
}
