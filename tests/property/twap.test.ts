import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Decimal, ZERO } from "#server/domain/decimal.ts";
import { nextSliceAt, quantityDue, sliceTimes, type TwapPlan } from "#server/domain/twap/schedule.ts";

const STEP = new Decimal("0.001");
const START = Date.UTC(2026, 5, 1);

const plan: fc.Arbitrary<TwapPlan> = fc
  .record({
    seed: fc.uuid(),
    units: fc.integer({ min: 1, max: 1_000_000 }),
    slices: fc.integer({ min: 2, max: 60 }),
    ms: fc.integer({ min: 1_000, max: 86_400_000 }),
  })
  .map(({ seed, units, slices, ms }) => ({ seed, quantity: STEP.times(units), slices, startMs: START, endMs: START + ms }));

describe("a schedule of slices", () => {
  test("begins at once, rises, ends before its end, and is the same every time", () => {
    fc.assert(
      fc.property(plan, (twap) => {
        const times = sliceTimes(twap);
        expect(times).toHaveLength(twap.slices);
        expect(times[0]).toBe(twap.startMs);
        for (const [at, time] of times.entries()) {
          if (at > 0) expect(time).toBeGreaterThan(times[at - 1] ?? 0);
          expect(time).toBeLessThanOrEqual(twap.endMs);
        }
        expect(sliceTimes(twap)).toEqual(times);
      }),
    );
  });

  test("sends exactly its quantity, whatever share of each slice fills, when time is left to catch up; and never more", () => {
    const share = fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 60, maxLength: 60 });
    fc.assert(
      fc.property(plan, share, (twap, shares) => {
        let filled = ZERO;
        const most = twap.quantity.div(twap.slices).times(2);
        for (const [at, time] of sliceTimes(twap).entries()) {
          const due = quantityDue(twap, filled, time, STEP);
          expect(due.mod(STEP).isZero()).toBe(true);
          if (at < twap.slices - 1) expect(due.lte(most)).toBe(true);
          const part = due.times(shares[at] ?? 0).div(100);
          filled = filled.plus(part.minus(part.mod(STEP)));
          expect(filled.lte(twap.quantity)).toBe(true);
        }
        // Whatever was missed is due at the end, all of it.
        const last = quantityDue(twap, filled, twap.endMs, STEP);
        expect(filled.plus(last).toString()).toBe(twap.quantity.toString());
        expect(quantityDue(twap, filled.plus(last), twap.endMs, STEP).isZero()).toBe(true);
      }),
    );
  });

  test("says when the next slice is due, and nothing before it", () => {
    fc.assert(
      fc.property(plan, (twap) => {
        let now = twap.startMs;
        let seen = 1;
        for (let next = nextSliceAt(twap, now); next !== null; next = nextSliceAt(twap, now)) {
          now = next;
          seen += 1;
        }
        expect(seen).toBe(twap.slices);
        expect(quantityDue(twap, ZERO, twap.startMs - 1, STEP).isZero()).toBe(true);
      }),
    );
  });
});
