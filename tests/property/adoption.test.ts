import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Decimal, ZERO } from "#server/domain/decimal.ts";
import type { Fill } from "#server/domain/order/order.ts";
import { adopt, release, unclaimed } from "#server/domain/position/adoption.ts";
import {
  adoptedLotSource,
  fifoRealisedPnl,
  type LotSource,
  lotSourceOf,
  lotsCost,
  openLots,
} from "#server/domain/position/lots.ts";
import { applyFillToPosition, emptyPosition, type Position, positionFromFills } from "#server/domain/position/position.ts";

const amounts = (places: number, max: number): fc.Arbitrary<Decimal> =>
  fc
    .bigInt({ min: 1n, max: BigInt(max) * 10n ** BigInt(places) })
    .map((units) => new Decimal(units.toString()).div(new Decimal(10).pow(places)));
const quantities = amounts(8, 100);
const prices = amounts(6, 100_000);
const fillOf = (side: fc.Arbitrary<"BUY" | "SELL">): fc.Arbitrary<Fill> =>
  fc.record({
    venueTradeId: fc.uuid(),
    side,
    base: fc.constant("BTC"),
    quote: fc.constant("USDT"),
    quantity: quantities,
    price: prices,
    fees: fc.constant([]),
  });
const fills = fc.array(fillOf(fc.constantFrom("BUY" as const, "SELL" as const)), { maxLength: 10 });

const plain = (position: Position) => JSON.stringify(position);
const AT = new Date("2026-11-21T12:00:00Z");

describe("what is adopted", () => {
  it("and then released as a whole leaves nothing behind where nothing else was held, to the last digit", () => {
    fc.assert(
      fc.property(fills, quantities, prices, (all, quantity, unitCost) => {
        const traded = positionFromFills("BTC", "USDT", all);
        // Sold out first: what was realised before must be there afterwards.
        const out: Fill = {
          venueTradeId: "out",
          side: "SELL",
          base: "BTC",
          quote: "USDT",
          quantity: new Decimal(2_000),
          price: unitCost,
          fees: [],
        };
        const before = applyFillToPosition(traded, out);
        const adopted = adopt(before, quantity, unitCost);
        const after = release(adopted.position, quantity);
        expect(plain(after.position)).toBe(plain(before));
        expect(after.cost.toFixed()).toBe(adopted.cost.toFixed());
      }),
    );
  });

  it("and released in any two parts gives the quantity back as it was, loses no unit of cost, and never realises", () => {
    fc.assert(
      fc.property(fills, quantities, prices, fc.integer({ min: 1, max: 99 }), (all, quantity, unitCost, percent) => {
        const before = positionFromFills("BTC", "USDT", all);
        const first = adopt(before, quantity, unitCost);
        const part = quantity.times(percent).div(100).toDP(18);
        const one = release(first.position, part);
        const two = release(one.position, quantity.minus(part));
        expect(two.position.quantity.toFixed()).toBe(before.quantity.toFixed());
        // Average cost mixes: what leaves takes the average of both, and not a unit of cost is lost on the way.
        const total = before.costBasis.plus(first.cost);
        expect(two.position.costBasis.plus(one.cost).plus(two.cost).toFixed()).toBe(total.toFixed());
        for (const { position } of [first, one, two]) {
          expect(position.realisedPnl.toFixed()).toBe(before.realisedPnl.toFixed());
          expect(position.quantity.gte(0) && position.costBasis.gte(0)).toBe(true);
        }
      }),
    );
  });

  it("is sold like what was bought for that price: the same P&L to the last digit", () => {
    fc.assert(
      fc.property(fills, quantities, prices, fillOf(fc.constant("SELL" as const)), (all, quantity, unitCost, sale) => {
        const before = positionFromFills("BTC", "USDT", all);
        const bought = applyFillToPosition(before, { ...sale, side: "BUY", quantity, price: unitCost });
        const adopted = adopt(before, quantity, unitCost).position;
        expect(plain(applyFillToPosition(adopted, sale))).toBe(plain(applyFillToPosition(bought, sale)));
      }),
    );
  });

  it("is a lot of its own with the cost it was given, sold in its turn, and both methods agree once all is sold", () => {
    const step = fc.oneof(
      fillOf(fc.constantFrom("BUY" as const, "SELL" as const)),
      fc.record({ quantity: quantities, unitCost: prices }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        let position = emptyPosition("BTC", "USDT");
        const sources: LotSource[] = [];
        for (const [index, each] of steps.entries()) {
          if ("unitCost" in each) {
            const adopted = adopt(position, each.quantity, each.unitCost);
            position = adopted.position;
            sources.push(adoptedLotSource(String(index), AT, each.quantity, adopted.cost));
          } else {
            position = applyFillToPosition(position, each);
            if (each.side === "BUY") sources.push(lotSourceOf(String(index), AT, each));
          }
        }
        const lots = openLots(sources.reverse(), position.quantity);
        expect(lots.reduce((sum, lot) => sum.plus(lot.quantity), ZERO).toFixed()).toBe(position.quantity.toFixed());
        for (const { source } of lots) expect(source?.isAdopted).toBe("unitCost" in (steps[Number(source?.id)] ?? {}));
        const newest = lots.map(({ source }) => Number(source?.id));
        expect(newest, "oldest first").toEqual([...newest].sort((a, b) => a - b));
        const difference = fifoRealisedPnl(position, lots).minus(position.realisedPnl);
        expect(difference.toFixed()).toBe(lotsCost(lots).minus(position.costBasis).toFixed());
      }),
    );
  });

  it("may leave again as far as nothing will sell it: of a group the largest counts, and never less than nothing is free", () => {
    const claims = fc.array(fc.record({ group: fc.constantFrom("a", "b", "c"), quantity: quantities }), { maxLength: 6 });
    fc.assert(
      fc.property(quantities, claims, (held, all) => {
        const most = (group: string) =>
          all.filter((each) => each.group === group).reduce((largest, each) => Decimal.max(largest, each.quantity), ZERO);
        const free = held.minus(most("a")).minus(most("b")).minus(most("c"));
        expect(unclaimed(held, all).toFixed()).toBe(Decimal.max(ZERO, free).toFixed());
      }),
    );
  });
});
