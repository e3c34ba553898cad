import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Decimal } from "#server/domain/decimal.ts";
import { isReached, stopBelow, trail, TRAIL_BPS_MAX, type TriggerWatch } from "#server/domain/trigger/trigger.ts";

const price = fc.integer({ min: 1, max: 10 ** 9 }).map((cents) => new Decimal(cents).div(100));
const trailBps = fc.integer({ min: 1, max: TRAIL_BPS_MAX });

describe("a trailing stop", () => {
  test("never moves down, stands at its distance below the highest price, and is reached only by a lower one", () => {
    fc.assert(
      fc.property(trailBps, fc.array(price, { minLength: 1, maxLength: 50 }), (distance, prices) => {
        let watch: TriggerWatch = { kind: "TRAILING_STOP", stopPrice: new Decimal(0), trailBps: distance };
        let highest = new Decimal(0);
        for (const bid of prices) {
          const before = watch.stopPrice;
          watch = { ...watch, stopPrice: trail(watch, bid) };
          highest = Decimal.max(highest, bid);
          expect(watch.stopPrice.gte(before)).toBe(true);
          expect(watch.stopPrice.eq(stopBelow(highest, distance))).toBe(true);
          // A new high never fires it.
          if (bid.eq(highest)) expect(isReached(watch, bid)).toBe(false);
        }
      }),
    );
  });
});

describe("a stop and a target", () => {
  test("are never both reached by one price while the stop is below the target", () => {
    fc.assert(
      fc.property(price, price, price, (one, other, bid) => {
        fc.pre(!one.eq(other));
        const [stopPrice, targetPrice] = one.lt(other) ? [one, other] : [other, one];
        const stop = isReached({ kind: "STOP_LOSS", stopPrice }, bid);
        const target = isReached({ kind: "TAKE_PROFIT", stopPrice: targetPrice }, bid);
        expect(stop && target).toBe(false);
        // The market is at one of them, or between the two.
        expect(stop || target || (bid.gt(stopPrice) && bid.lt(targetPrice))).toBe(true);
      }),
    );
  });

  test("do not move with the market", () => {
    fc.assert(
      fc.property(fc.constantFrom("STOP_LOSS" as const, "TAKE_PROFIT" as const), price, price, (kind, stopPrice, bid) => {
        expect(trail({ kind, stopPrice, trailBps: null }, bid)).toBe(stopPrice);
      }),
    );
  });
});
