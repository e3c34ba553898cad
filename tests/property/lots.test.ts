import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Decimal, ZERO } from "#server/domain/decimal.ts";
import { roundToColumn } from "#server/domain/money/rounding.ts";
import { type Fill, quoteValue } from "#server/domain/order/order.ts";
import { fifoRealisedPnl, lotSourceOf, lotsCost, openLots } from "#server/domain/position/lots.ts";
import { positionFromFills } from "#server/domain/position/position.ts";

const amounts = (places: number, max: number): fc.Arbitrary<Decimal> =>
  fc
    .bigInt({ min: 1n, max: BigInt(max) * 10n ** BigInt(places) })
    .map((units) => new Decimal(units.toString()).div(new Decimal(10).pow(places)));

/** In any asset, and below what the fill brings: one that eats all of it has a test of its own. */
const fees = fc.array(
  fc.record({ asset: fc.constantFrom("BTC", "USDT", "BNB"), perMillion: fc.integer({ min: 1, max: 400_000 }) }),
  {
    maxLength: 2,
  },
);
const fillOf = (side: fc.Arbitrary<"BUY" | "SELL">): fc.Arbitrary<Fill> =>
  fc
    .record({
      venueTradeId: fc.uuid(),
      side,
      base: fc.constant("BTC"),
      quote: fc.constant("USDT"),
      quantity: amounts(8, 100),
      price: amounts(6, 100_000),
      fees,
    })
    .map((fill) => ({
      ...fill,
      fees: fill.fees.map(({ asset, perMillion }) => ({
        asset,
        amount: fill.quantity.times(perMillion).div(1_000_000).toDP(18),
      })),
    }));
const fills = fc.array(fillOf(fc.constantFrom("BUY" as const, "BUY" as const, "SELL" as const)), { maxLength: 25 });

const AT = new Date("2026-11-21T12:00:00Z");

function lotsAfter(all: readonly Fill[]) {
  const position = positionFromFills("BTC", "USDT", all);
  const buys = all.filter((fill) => fill.side === "BUY").map((fill) => lotSourceOf(fill.venueTradeId, AT, fill));
  return { position, lots: openLots(buys.reverse(), position.quantity) };
}

/** The method told the long way round: a queue of lots, fill by fill. What a sale takes beyond it came from elsewhere. */
function walkQueue(all: readonly Fill[]): { realised: Decimal; left: { id: string; quantity: Decimal }[] } {
  let realised = ZERO;
  const queue: { id: string; whole: Decimal; cost: Decimal; left: Decimal; costLeft: Decimal }[] = [];
  for (const fill of all) {
    const source = fill.side === "BUY" ? lotSourceOf(fill.venueTradeId, AT, fill) : null;
    if (source !== null) {
      const { quantity, cost } = source;
      queue.push({ id: source.id, whole: quantity, cost, left: quantity, costLeft: cost });
      continue;
    }
    const inBase = fill.fees.filter(({ asset }) => asset === "BTC").reduce((sum, fee) => sum.plus(fee.amount), ZERO);
    const inQuote = fill.fees.filter(({ asset }) => asset === "USDT").reduce((sum, fee) => sum.plus(fee.amount), ZERO);
    const taken = fill.quantity.plus(inBase);
    const proceeds = quoteValue(fill.quantity, fill.price).minus(inQuote);
    const held = queue.reduce((sum, lot) => sum.plus(lot.left), ZERO);
    const own = Decimal.min(taken, held);
    let missing = own;
    for (const lot of queue) {
      const part = Decimal.min(lot.left, missing);
      lot.left = lot.left.minus(part);
      missing = missing.minus(part);
      const costLeft = lot.left.isZero() ? ZERO : roundToColumn(lot.cost.times(lot.left).dividedBy(lot.whole));
      realised = realised.minus(lot.costLeft.minus(costLeft));
      lot.costLeft = costLeft;
    }
    if (own.gt(0)) realised = realised.plus(own.eq(taken) ? proceeds : roundToColumn(proceeds.times(own).dividedBy(taken)));
  }
  return { realised, left: queue.filter((lot) => lot.left.gt(0)).map(({ id, left }) => ({ id, quantity: left })) };
}

describe("first-in-first-out lots", () => {
  it("sum to the position's quantity, and name the buys that a queue walked fill by fill would have left", () => {
    fc.assert(
      fc.property(fills, (all) => {
        const { position, lots } = lotsAfter(all);
        expect(lots.reduce((sum, lot) => sum.plus(lot.quantity), ZERO).toFixed()).toBe(position.quantity.toFixed());
        const shown = lots.map(({ source, quantity }) => [source?.id, quantity.toFixed()]);
        expect(shown).toEqual(walkQueue(all).left.map(({ id, quantity }) => [id, quantity.toFixed()]));
      }),
    );
  });

  it("realise what a queue walked fill by fill realises, up to a last digit per fill", () => {
    fc.assert(
      fc.property(fills, (all) => {
        const { position, lots } = lotsAfter(all);
        const apart = fifoRealisedPnl(position, lots).minus(walkQueue(all).realised).abs();
        expect(apart.lte(new Decimal(all.length).times("1e-18")), apart.toString()).toBe(true);
      }),
    );
  });

  it("agree with average cost to the last digit once all is sold, and differ only by the cost of what is left before", () => {
    fc.assert(
      fc.property(fills, (all) => {
        const { position, lots } = lotsAfter(all);
        const difference = fifoRealisedPnl(position, lots).minus(position.realisedPnl);
        expect(difference.toFixed()).toBe(lotsCost(lots).minus(position.costBasis).toFixed());
        const out: Fill = {
          venueTradeId: "out",
          side: "SELL",
          base: "BTC",
          quote: "USDT",
          quantity: position.quantity.plus(1),
          price: new Decimal(30_000),
          fees: [],
        };
        const sold = lotsAfter([...all, out]);
        expect(sold.lots).toEqual([]);
        expect(fifoRealisedPnl(sold.position, sold.lots).toFixed()).toBe(sold.position.realisedPnl.toFixed());
      }),
    );
  });

  it("do not depend on where sells stand among the buys as long as each could be met, but on the order of the buys", () => {
    const buy = (id: string, price: number): Fill => ({
      venueTradeId: id,
      side: "BUY",
      base: "BTC",
      quote: "USDT",
      quantity: new Decimal(1),
      price: new Decimal(price),
      fees: [],
    });
    const sell: Fill = { ...buy("s", 300), side: "SELL" };
    const between = lotsAfter([buy("a", 100), sell, buy("b", 200)]);
    const after = lotsAfter([buy("a", 100), buy("b", 200), sell]);
    for (const { position, lots } of [between, after]) {
      expect(lots.map((lot) => lot.source?.id)).toEqual(["b"]);
      expect(fifoRealisedPnl(position, lots).toFixed()).toBe("200");
    }
    // Average cost does depend on it.
    expect([between.position.realisedPnl.toFixed(), after.position.realisedPnl.toFixed()]).toEqual(["200", "150"]);
    const swapped = lotsAfter([buy("b", 200), buy("a", 100), sell]);
    expect(fifoRealisedPnl(swapped.position, swapped.lots).toFixed()).toBe("100");
  });

  it("leave out what a fee took whole, keep fees in a third asset beside the cost, and say so of base that nobody bought", () => {
    const fill: Fill = {
      venueTradeId: "a",
      side: "BUY",
      base: "BTC",
      quote: "USDT",
      quantity: new Decimal("0.5"),
      price: new Decimal(100),
      fees: [
        { asset: "BNB", amount: new Decimal("0.01") },
        { asset: "BTC", amount: new Decimal("0.5") },
      ],
    };
    const eaten = lotSourceOf("a", AT, fill);
    expect([eaten.quantity.toFixed(), eaten.cost.toFixed(), eaten.otherFees["BNB"]?.toFixed()]).toEqual(["0", "50", "0.01"]);
    const [lot, ...others] = openLots([eaten], new Decimal("0.00000001"));
    expect(others).toEqual([]);
    expect(lot).toMatchObject({ source: null });
    expect(lot?.quantity.toFixed()).toBe("0.00000001");
  });
});
