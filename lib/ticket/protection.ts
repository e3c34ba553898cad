import type { BracketInput, TriggerDto } from "#lib/contracts/triggers.ts";
import type { MarketDto } from "#lib/contracts/trade.ts";
import { Decimal, digitsOf, readTyped, toDecimal, toText } from "#lib/format/decimal.ts";
import { formatQuantity } from "#lib/format/number.ts";
import { BPS, stopBelow, TRAIL_BPS_MAX, TRAIL_BPS_MIN } from "#server/domain/trigger/trigger.ts";

/** What the person has typed for a stop and a target; texts are as typed, an empty one asks for nothing. */
export interface LevelsDraft {
  readonly stopKind: "PRICE" | "TRAILING";
  readonly stopText: string;
  /** Percent below the best bid. */
  readonly trailText: string;
  readonly targetText: string;
}

export const NO_LEVELS: LevelsDraft = { stopKind: "PRICE", stopText: "", trailText: "", targetText: "" };

/** What levels are compared with. Prices in quote per base, null where unknown. */
export interface LevelsBasis {
  /** From where the market has to move to a level: a level on the wrong side of it would fire at once. */
  readonly price: string | null;
  /** What one unit costs, for the P&L. */
  readonly entryPrice: string | null;
  /** Base that a level would sell. */
  readonly quantity: string | null;
}

/** One level beside the market; what is not known is null. */
export interface LevelView {
  readonly price: string;
  /** Share of the present price, negative below it. */
  readonly distance: string | null;
  /** Quote, before fees, when sold at the level. */
  readonly pnl: string | null;
}

export interface ReadLevels {
  /** What is sent; null while nothing is asked for or something is wrong. */
  readonly levels: BracketInput | null;
  readonly stop: LevelView | null;
  readonly target: LevelView | null;
  readonly stopProblem: string | null;
  readonly targetProblem: string | null;
}

/** Where `price` is from the basis, and what selling there makes. */
export function viewLevel(price: Decimal, basis: LevelsBasis): LevelView {
  const now = toDecimal(basis.price);
  const entry = toDecimal(basis.entryPrice);
  const quantity = toDecimal(basis.quantity);
  return {
    price: toText(price),
    distance: now === null || now.isZero() ? null : toText(price.dividedBy(now).minus(1).toDecimalPlaces(6)),
    pnl: entry === null || quantity === null ? null : toText(price.minus(entry).times(quantity)),
  };
}

export interface EntryBasis extends Pick<LevelsBasis, "price" | "entryPrice"> {
  /** True when the buy waits for its limit, so that its levels are measured from there. */
  readonly isAtLimit: boolean;
}

/**
 * From where the levels of a buy are measured. A limit above the market buys at the market: a stop between the two would sell at
 * once.
 */
export function entryBasis(limitPrice: string | null, bid: string | null, ask: string | null): EntryBasis {
  const limit = toDecimal(limitPrice);
  const [bidNow, askNow] = [toDecimal(bid), toDecimal(ask)];
  if (limit === null) return { price: bid, entryPrice: ask, isAtLimit: false };
  return {
    price: toText(bidNow === null ? limit : Decimal.min(limit, bidNow)),
    entryPrice: toText(askNow === null ? limit : Decimal.min(limit, askNow)),
    isAtLimit: bidNow === null || limit.lte(bidNow),
  };
}

interface ReadLevel<Value> {
  readonly value: Value | null;
  readonly problem: string | null;
}

const NOTHING: ReadLevel<never> = { value: null, problem: null };

function readStop(text: string, now: Decimal | null): ReadLevel<Decimal> {
  if (text.trim() === "") return NOTHING;
  const value = readTyped(text);
  if (value === null || value.isZero()) return { value: null, problem: "Enter a price above zero." };
  const fires = now !== null && value.gte(now);
  return { value, problem: fires ? "A stop has to be below the price, or it would sell at once." : null };
}

function readTarget(text: string, now: Decimal | null): ReadLevel<Decimal> {
  if (text.trim() === "") return NOTHING;
  const value = readTyped(text);
  if (value === null || value.isZero()) return { value: null, problem: "Enter a price above zero." };
  const fires = now !== null && value.lte(now);
  return { value, problem: fires ? "A target has to be above the price, or it would sell at once." : null };
}

function readTrail(text: string): ReadLevel<number> {
  if (text.trim() === "") return NOTHING;
  const bps = readTyped(text)?.times(100) ?? null;
  if (bps === null || bps.lt(TRAIL_BPS_MIN) || bps.gt(TRAIL_BPS_MAX)) {
    return { value: null, problem: `Enter ${TRAIL_BPS_MIN / 100}% to ${TRAIL_BPS_MAX / 100}%.` };
  }
  if (!bps.isInteger()) return { value: null, problem: "At most two digits after the point." };
  return { value: bps.toNumber(), problem: null };
}

/** Reads what was typed, beside the market as it is now. A trailing stop is shown where it would begin. */
export function readLevels(draft: LevelsDraft, basis: LevelsBasis): ReadLevels {
  const now = toDecimal(basis.price);
  const isTrailing = draft.stopKind === "TRAILING";
  const stop = isTrailing ? NOTHING : readStop(draft.stopText, now);
  const trail = isTrailing ? readTrail(draft.trailText) : NOTHING;
  const target = readTarget(draft.targetText, now);
  const stopPrice = trail.value === null ? stop.value : now === null ? null : stopBelow(now, trail.value);
  const stopProblem = stop.problem ?? trail.problem;
  const isEmpty = stop.value === null && trail.value === null && target.value === null;
  return {
    levels:
      isEmpty || stopProblem !== null || target.problem !== null
        ? null
        : {
            stopPrice: stop.value === null ? null : toText(stop.value),
            trailBps: trail.value,
            takeProfitPrice: target.value === null ? null : toText(target.value),
          },
    stop: stopPrice === null ? null : viewLevel(stopPrice, basis),
    target: target.value === null ? null : viewLevel(target.value, basis),
    stopProblem,
    targetProblem: target.problem,
  };
}

export interface ReadQuantity {
  /** Base; all that is free while what was typed cannot be. */
  readonly quantity: Decimal;
  readonly problem: string | null;
}

/** What was typed, or all that is free. */
export function readQuantity(text: string, free: Decimal): ReadQuantity {
  if (text.trim() === "") return { quantity: free, problem: null };
  const typed = readTyped(text);
  if (typed === null || typed.isZero()) return { quantity: free, problem: "Enter an amount above zero." };
  if (typed.gt(free)) return { quantity: free, problem: `Not more than ${formatQuantity(toText(free))} is unprotected.` };
  return { quantity: typed, problem: null };
}

type OrderMinimums = Pick<MarketDto, "base" | "quote" | "amountMin" | "amountStep" | "costMin">;

/** Why a level over so little would sell nothing when it is reached; null when it would sell. `price` in quote, null when unknown. */
export function smallestOrderProblem(quantity: Decimal, price: string | null, rules: OrderMinimums): string | null {
  const least = Decimal.max(rules.amountMin, rules.amountStep);
  if (quantity.lt(least)) return `The smallest order there is ${formatQuantity(toText(least))} ${rules.base}.`;
  const worth = toDecimal(price)?.times(quantity) ?? null;
  return worth?.lt(rules.costMin) ? `The smallest order there is worth ${formatQuantity(rules.costMin)} ${rules.quote}.` : null;
}

/** The text of a level that is `share` (negative: below) from `price`, on the tick. */
export function levelAt(price: string, share: string, tick: string): string {
  return toText(
    new Decimal(price)
      .times(new Decimal(1).plus(share))
      .toDecimalPlaces(tick === "0" ? 8 : digitsOf(tick), Decimal.ROUND_HALF_EVEN),
  );
}

/** Basis points as a fraction, as the formats want it. */
export function fractionOfBps(bps: number): string {
  return toText(new Decimal(bps).dividedBy(BPS));
}

/** What open stops and targets do for a position. */
export interface Coverage {
  /** Base that no open group covers, one of each group counted once, as the server counts it. */
  readonly free: Decimal;
  /** True when a group has a target alone: what it covers is sold on the way up and held on the way down. */
  readonly lacksStop: boolean;
}

export function coverageOf(position: string, triggers: readonly TriggerDto[]): Coverage {
  const byGroup = new Map<string, { quantity: Decimal; hasStop: boolean }>();
  for (const { groupId, state, kind, quantity } of triggers) {
    if (state !== "ARMED" && state !== "FIRED") continue;
    const known = byGroup.get(groupId) ?? { quantity: new Decimal(0), hasStop: false };
    byGroup.set(groupId, {
      quantity: Decimal.max(quantity, known.quantity),
      hasStop: known.hasStop || kind !== "TAKE_PROFIT",
    });
  }
  const groups = [...byGroup.values()];
  const left = groups.reduce((rest, group) => rest.minus(group.quantity), new Decimal(position));
  return { free: Decimal.max(0, left), lacksStop: groups.some(({ hasStop }) => !hasStop) };
}

function byTime(left: TriggerDto, right: TriggerDto): number {
  const sameTime = left.createdAt === right.createdAt;
  if (!sameTime) return left.createdAt < right.createdAt ? -1 : 1;
  // Of one group the stop comes first.
  return Number(left.kind === "TAKE_PROFIT") - Number(right.kind === "TAKE_PROFIT");
}

/** Those that wait, watch or sell, oldest first, and those that are over, newest first. */
export function splitTriggers(triggers: readonly TriggerDto[]): {
  readonly open: readonly TriggerDto[];
  readonly ended: readonly TriggerDto[];
} {
  const isEnded = ({ state }: TriggerDto): boolean => state === "DONE" || state === "CANCELED";
  const sorted = triggers.toSorted(byTime);
  return { open: sorted.filter((trigger) => !isEnded(trigger)), ended: sorted.filter(isEnded).toReversed() };
}
