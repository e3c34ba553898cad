import { Decimal, ZERO } from "#server/domain/decimal.ts";
import type { MarketRules } from "#server/domain/market.ts";
import { floorToStep } from "#server/domain/money/rounding.ts";
import type { OrderType, TimeInForce } from "#server/domain/order/order.ts";
import { isDust } from "#server/domain/position/dust.ts";
import { BPS, isReached, type TriggerKind } from "./trigger.ts";
import type { HeldReason, RestingKind, RestingTrigger } from "./resting.ts";

/** How far below its trigger a resting order may sell where the venue takes only limit orders: wide, since nobody else may be there. */
export const RESTING_LIMIT_BPS = 500;
/** What hinders a trigger for a moment only is looked at again after so long. */
const LOOK_AGAIN_MS = 2_000;
const REFUSED_AGAIN_MS_MIN = 30_000;
const REFUSED_AGAIN_MS_MAX = 60 * 60_000;

/** What an order that rests for a trigger says. Quantity in base, prices quote per base. */
export interface RestingTerms {
  readonly kind: RestingKind;
  readonly triggerPrice: Decimal;
  readonly type: OrderType;
  readonly timeInForce: TimeInForce;
  readonly quantity: Decimal;
  readonly limitPrice: Decimal | null;
}

/** An armed trigger of the position, and what there is of it at the venue. */
export interface ArmedTrigger {
  readonly id: string;
  readonly kind: TriggerKind;
  readonly groupId: string;
  readonly stopPrice: Decimal;
  readonly quantity: Decimal;
  /** Its order that is not over; null where none is. `leaving`: its cancel has been asked for. */
  readonly resting: (Pick<RestingTerms, "triggerPrice" | "quantity"> & { readonly leaving: boolean }) | null;
  /** Orders for it that the venue refused or ended by itself, since one was taken, and when the last was. */
  readonly refusals: number;
  readonly refusedAt: Date | null;
}

export interface RestingInput {
  readonly switchedOn: boolean;
  readonly abilities: readonly RestingTrigger[];
  readonly mayTrade: boolean;
  readonly accountEnabled: boolean;
  /** The venue keeps refusing exits in this market: the one that is let through now and then is not for what rests. */
  readonly isHeldBack: boolean;
  /** Null where the venue does not list the market. */
  readonly rules: MarketRules | null;
  readonly bestBid: Decimal | null;
  readonly position: Decimal;
  /** What other exits than those of `triggers` will take from it. */
  readonly taken: Decimal;
  readonly triggers: readonly ArmedTrigger[];
  readonly now: Date;
}

/**
 * What to do about one trigger. `RESTS`: all is as it should be. `WITHDRAW`: its order says something else than it should. `HOLD`: the
 * worker holds it; look again at `again`, or when something changes (null).
 */
export type RestingStep = { readonly trigger: ArmedTrigger } & (
  | { readonly kind: "RESTS" }
  | { readonly kind: "PLACE"; readonly terms: RestingTerms }
  | { readonly kind: "WITHDRAW" }
  | { readonly kind: "HOLD"; readonly because: HeldReason; readonly again: Date | null }
);

/** Stops before targets, then the one that the market reaches first. */
function byUrgency(left: ArmedTrigger, right: ArmedTrigger): number {
  if (left.kind !== right.kind) return left.kind === "TAKE_PROFIT" ? 1 : right.kind === "TAKE_PROFIT" ? -1 : 0;
  const byPrice = right.stopPrice.comparedTo(left.stopPrice);
  return (left.kind === "TAKE_PROFIT" ? -byPrice : byPrice) || (left.id < right.id ? -1 : 1);
}

/** How the trigger would rest if nothing hindered it; null where the venue has no such order. */
export function restingTerms(
  { kind, stopPrice }: Pick<ArmedTrigger, "kind" | "stopPrice">,
  quantity: Decimal,
  rules: Pick<MarketRules, "priceTick">,
  abilities: readonly RestingTrigger[],
): RestingTerms | null {
  if (kind === "TRAILING_STOP") return null;
  // The worker fires a stop at its price or below it, and a target at its price or above: so does a price that fits the tick on that side.
  const ticks = stopPrice.div(rules.priceTick);
  const triggerPrice = (kind === "STOP_LOSS" ? ticks.floor() : ticks.ceil()).times(rules.priceTick);
  if (triggerPrice.lte(0)) return null;
  const base = { kind, triggerPrice, quantity } as const;
  // It stands in for us when we are not there: one that sells at any price protects more than one that may be left behind.
  if (abilities.includes(kind)) return { ...base, type: "MARKET", timeInForce: "IOC", limitPrice: null };
  const limitPrice = floorToStep(triggerPrice.times(BPS.minus(RESTING_LIMIT_BPS)).div(BPS), rules.priceTick);
  if (!abilities.includes(`${kind}_LIMIT`) || limitPrice.lte(0)) return null;
  return { ...base, type: "LIMIT", timeInForce: "GTC", limitPrice };
}

/** When a trigger whose order the venue has refused may try again: later with every time. */
function mayTryAt({ refusals, refusedAt }: ArmedTrigger): Date | null {
  if (refusedAt === null || refusals === 0) return null;
  const pauseMs = Math.min(REFUSED_AGAIN_MS_MAX, REFUSED_AGAIN_MS_MIN * 2 ** Math.min(refusals - 1, 10));
  return new Date(refusedAt.getTime() + pauseMs);
}

interface Wish {
  readonly terms: RestingTerms | null;
  readonly because: HeldReason;
  readonly again: Date | null;
}

/** What the trigger should rest as, or why it should not, when `free` of the position is left for it. */
function wishFor(trigger: ArmedTrigger, input: RestingInput, free: Decimal): Wish {
  const { rules, now, triggers } = input;
  const soon = new Date(now.getTime() + LOOK_AGAIN_MS);
  const held = (because: HeldReason, again: Date | null = null): Wish => ({ terms: null, because, again });
  if (!input.switchedOn) return held("SWITCHED_OFF", new Date(now.getTime() + REFUSED_AGAIN_MS_MIN));
  if (trigger.kind === "TRAILING_STOP") return held("TRAILS");
  const hasStop = triggers.some(({ groupId, kind }) => groupId === trigger.groupId && kind !== "TAKE_PROFIT");
  if (trigger.kind === "TAKE_PROFIT" && hasStop) return held("STOP_RESTS_INSTEAD");
  if (rules === null) return held("MARKET_UNKNOWN", soon);
  const quantity = floorToStep(Decimal.max(ZERO, Decimal.min(trigger.quantity, input.position)), rules.amountStep);
  const terms = restingTerms(trigger, quantity, rules, input.abilities);
  if (terms === null) return held("VENUE_CANNOT");
  if (quantity.isZero() || isDust(quantity, rules, terms.limitPrice ?? terms.triggerPrice)) return held("BELOW_MINIMUM");
  // What rests already stays while these hold: only something new needs their leave.
  if (trigger.resting === null) {
    if (!input.accountEnabled) return held("ACCOUNT_OFF", soon);
    if (!input.mayTrade) return held("TRADING_HALTED", soon);
    if (input.bestBid !== null && isReached(trigger, input.bestBid)) return held("PRICE_REACHED", soon);
    if (input.isHeldBack) return held("VENUE_REFUSED", soon);
    const later = mayTryAt(trigger);
    if (later !== null && later > now) return held("VENUE_REFUSED", later);
  }
  return quantity.gt(free) ? held("COINS_HELD", soon) : { terms, because: "BEING_PLACED", again: null };
}

function stepFor(trigger: ArmedTrigger, { terms, because, again }: Wish): RestingStep {
  const { resting } = trigger;
  if (resting === null) return terms === null ? { trigger, kind: "HOLD", because, again } : { trigger, kind: "PLACE", terms };
  // Rules that are not known at the moment say nothing against what rests.
  if (because === "MARKET_UNKNOWN" && !resting.leaving) return { trigger, kind: "RESTS" };
  // INVARIANT: no second order for a trigger before the first is definitely over.
  if (resting.leaving) return { trigger, kind: "HOLD", because: "BEING_MOVED", again: null };
  const isRight = terms !== null && resting.triggerPrice.eq(terms.triggerPrice) && resting.quantity.eq(terms.quantity);
  return isRight ? { trigger, kind: "RESTS" } : { trigger, kind: "WITHDRAW" };
}

/**
 * Which of a position's armed triggers rest at the venue, and which the worker holds. INVARIANT: what rests and what is placed now never
 * exceed, together with `taken`, the position. A trigger rests with all that it protects or not at all. Of a group at most the stop rests.
 */
export function planResting(input: RestingInput): readonly RestingStep[] {
  const steps: RestingStep[] = [];
  // Leaving ones may still sell: their coins are nobody's until they are over.
  const leaving = input.triggers.reduce(
    (sum, { resting }) => (resting?.leaving === true ? sum.plus(resting.quantity) : sum),
    ZERO,
  );
  let free = Decimal.max(ZERO, input.position.minus(input.taken).minus(leaving));
  const ordered = [...input.triggers].sort(byUrgency);
  // What rests rightly keeps its coins, whoever else would like them.
  for (const trigger of ordered.filter(({ resting }) => resting !== null)) {
    const step = stepFor(trigger, wishFor(trigger, input, free));
    const { resting } = trigger;
    if (resting !== null && !resting.leaving) free = Decimal.max(ZERO, free.minus(resting.quantity));
    steps.push(step);
  }
  for (const trigger of ordered.filter(({ resting }) => resting === null)) {
    const step = stepFor(trigger, wishFor(trigger, input, free));
    if (step.kind === "PLACE") free = free.minus(step.terms.quantity);
    steps.push(step);
  }
  return steps;
}
