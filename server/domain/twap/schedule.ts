import { assert } from "#server/domain/assert.ts";
import { Decimal, ZERO } from "#server/domain/decimal.ts";
import { costMinOf, type MarketRules } from "#server/domain/market.ts";
import { floorToStep } from "#server/domain/money/rounding.ts";
import type { OrderSide } from "#server/domain/order/order.ts";
import { isDust } from "#server/domain/position/dust.ts";

/** `DONE`: all of it is filled. `ENDED`: its time is over and something is left. */
export type TwapState = "ACTIVE" | "PAUSED" | "DONE" | "ENDED" | "CANCELED";

/** The quantity is worked off no further. */
export function isTwapOver(state: TwapState): boolean {
  return state !== "ACTIVE" && state !== "PAUSED";
}

export const TWAP_SLICES_MIN = 2;
export const TWAP_SLICES_MAX = 500;
export const TWAP_MS_MIN = 1_000;
export const TWAP_MS_MAX = 7 * 86_400_000;

/** How far a slice may be from its even place in time, as a share of the interval: a clockwork is easy to trade against. */
const JITTER = 0.3;
/** What was missed is caught up, but a slice is never more than so many times its even share. */
const CATCH_UP_MAX = 2;

/** An order worked off in slices. Quantity in base, times in ms. */
export interface TwapPlan {
  /** Moves the slices by its own amounts, the same every time. */
  readonly seed: string;
  readonly quantity: Decimal;
  readonly slices: number;
  readonly startMs: number;
  readonly endMs: number;
}

/** FNV-1a over the seed and the slice, as a number from -1 to 1. */
function dice(seed: string, slice: number): number {
  let hash = 0x811c9dc5;
  for (const character of `${seed}:${slice}`) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return (hash / 0xffffffff) * 2 - 1;
}

/** When each slice is due, in ms, rising: the first at the start, the others around their even places, none after the end. */
export function sliceTimes({ seed, slices, startMs, endMs }: TwapPlan): readonly number[] {
  assert(slices >= TWAP_SLICES_MIN && endMs > startMs, "a schedule has slices and time for them");
  const interval = (endMs - startMs) / slices;
  return Array.from({ length: slices }, (_unused, at) =>
    at === 0 ? startMs : Math.round(startMs + interval * (at + JITTER * dice(seed, at))),
  );
}

/** How many slices have been due by now. */
export function slicesPassed(plan: TwapPlan, nowMs: number): number {
  return sliceTimes(plan).filter((time) => time <= nowMs).length;
}

/**
 * What is to be sent now, a multiple of `step`, when `done` is filled or still on its way. Zero when nothing is due. The last slice takes
 * all that is left. Together the slices never send more than the quantity.
 */
export function quantityDue(plan: TwapPlan, done: Decimal, nowMs: number, step: Decimal): Decimal {
  const passed = slicesPassed(plan, nowMs);
  const left = plan.quantity.minus(done);
  if (passed === 0 || left.lte(0)) return ZERO;
  if (passed === plan.slices) return floorToStep(left, step);
  const behind = plan.quantity.times(passed).div(plan.slices).minus(done);
  const most = plan.quantity.div(plan.slices).times(CATCH_UP_MAX);
  return floorToStep(Decimal.max(ZERO, Decimal.min(behind, most, left)), step);
}

/** When the next slice is due; null after the last. */
export function nextSliceAt(plan: TwapPlan, nowMs: number): number | null {
  return sliceTimes(plan).find((time) => time > nowMs) ?? null;
}

/** The schedule after a pause: what was still to come comes as much later as the pause took, and nothing is missed by it. */
export function afterPause<Plan extends Pick<TwapPlan, "startMs" | "endMs">>(plan: Plan, pausedMs: number, nowMs: number): Plan {
  const took = Math.max(0, nowMs - pausedMs);
  return { ...plan, startMs: plan.startMs + took, endMs: plan.endMs + took };
}

/** True when a slice would be too small for each of these markets. `price` values it, quote per base; null leaves its worth out. */
export function isSliceTooSmall(
  quantity: Decimal,
  slices: number,
  markets: readonly MarketRules[],
  side: OrderSide,
  price: Decimal | null,
): boolean {
  const slice = quantity.dividedBy(slices);
  return markets.every((rules) => isDust(slice, { ...rules, costMin: costMinOf(rules, side) }, price));
}
