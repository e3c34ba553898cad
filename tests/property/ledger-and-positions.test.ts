import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Decimal, ZERO } from "#server/domain/decimal.ts";
import { asVenueAccountId } from "#server/domain/ids.ts";
import type { JournalEntryDraft } from "#server/domain/ledger/accounts.ts";
import { moveReserve, postDifference, postFill, postOpening, postRelease, postReserve } from "#server/domain/ledger/post.ts";
import { remainingReserve, reserveFor } from "#server/domain/ledger/reserve.ts";
import { money } from "#server/domain/money/money.ts";
import { type Fill, quoteValue } from "#server/domain/order/order.ts";
import { applyFillToPosition, emptyPosition, type Position, positionFromFills } from "#server/domain/position/position.ts";

const ACCOUNT = asVenueAccountId("0198c0de-0000-7000-8000-000000000001");

/** A positive decimal with up to `places` digits after the point. */
const amounts = (places: number, max: number): fc.Arbitrary<Decimal> =>
  fc
    .bigInt({ min: 1n, max: BigInt(max) * 10n ** BigInt(places) })
    .map((units) => new Decimal(units.toString()).div(new Decimal(10).pow(places)));

const fees = fc.array(
  fc.record({
    asset: fc.constantFrom("BTC", "USDT", "BNB"),
    amount: fc
      .tuple(amounts(18, 1), fc.boolean())
      .map(([amount, rebate]) => (rebate ? amount.negated() : amount).div(1_000_000).toDP(18)),
  }),
  { maxLength: 3 },
);

const fills = (side: fc.Arbitrary<"BUY" | "SELL">): fc.Arbitrary<Fill> =>
  fc.record({
    venueTradeId: fc.uuid(),
    side,
    base: fc.constant("BTC"),
    quote: fc.constant("USDT"),
    quantity: amounts(12, 1_000),
    price: amounts(10, 200_000),
    fees,
  });
const anyFill = fills(fc.constantFrom("BUY" as const, "SELL" as const));

function sums(entries: readonly JournalEntryDraft[]): Map<string, Decimal> {
  const totals = new Map<string, Decimal>();
  for (const line of entries.flatMap((entry) => entry.lines))
    totals.set(line.asset, (totals.get(line.asset) ?? ZERO).plus(line.amount));
  return totals;
}

function shown(position: Position): Record<string, string> {
  const { quantity, costBasis, realisedPnl, externalQuantitySold, externalProceeds } = position;
  const plain = { quantity, costBasis, realisedPnl, externalQuantitySold, externalProceeds };
  return Object.fromEntries(Object.entries(plain).map(([name, value]) => [name, value.toFixed()]));
}

/** Equal up to one last digit per fill, which is what rounding after every fill may differ by. */
function expectClose(a: Decimal, b: Decimal, fillCount: number): void {
  expect(a.minus(b).abs().lte(new Decimal(fillCount).times("1e-18"))).toBe(true);
}

describe("every journal entry", () => {
  it("sums to zero per asset", () => {
    fc.assert(
      fc.property(anyFill, amounts(18, 1_000_000), amounts(18, 1_000_000), (fill, first, second) => {
        const a = money(first, "USDT");
        const b = money(second, "USDT");
        const opening = postOpening(ACCOUNT, [a, money(second, "BTC")]);
        const entries = [
          postFill(ACCOUNT, fill),
          postReserve(null, a),
          moveReserve(ACCOUNT, a, b),
          postRelease(ACCOUNT, b),
          postDifference(ACCOUNT, "ADJUSTMENT", money(first.negated(), "BTC")),
          ...(opening === null ? [] : [opening]),
        ];
        for (const entry of entries) {
          for (const total of sums([entry]).values()) expect(total.isZero()).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("of a reserve that is released fill by fill gives back exactly what was set aside", () => {
    fc.assert(
      fc.property(
        fc.array(amounts(8, 10), { minLength: 1, maxLength: 8 }),
        amounts(8, 100_000),
        amounts(6, 1),
        (parts, cap, feeRate) => {
          const quantity = parts.reduce((sum, part) => sum.plus(part), ZERO);
          const order = { side: "BUY" as const, base: "BTC", quote: "USDT", quantity };
          const reserved = reserveFor(order, cap, feeRate);
          let filled = ZERO;
          let held = reserved.amount;
          let released = ZERO;
          for (const part of parts) {
            filled = filled.plus(part);
            const left = remainingReserve(order, filled, cap, feeRate).amount;
            expect(left.lte(held)).toBe(true);
            // What stays set aside always covers the rest of the order at its worst price with its fee.
            expect(left.gte(quantity.minus(filled).times(cap).times(feeRate.plus(1)))).toBe(true);
            released = released.plus(held.minus(left));
            held = left;
          }
          expect(held.isZero()).toBe(true);
          expect(released.eq(reserved.amount)).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe("positions", () => {
  it("equal the rebuild from their fills to the last digit", () => {
    fc.assert(
      fc.property(fc.array(anyFill, { maxLength: 20 }), (list) => {
        let stepwise = emptyPosition("BTC", "USDT");
        // Through text and back after every fill, as the database does it.
        for (const fill of list) {
          const next = applyFillToPosition(stepwise, fill);
          const stored = Object.fromEntries(Object.entries(shown(next)).map(([name, text]) => [name, new Decimal(text)]));
          stepwise = { ...next, ...stored };
        }
        expect(shown(stepwise)).toEqual(shown(positionFromFills("BTC", "USDT", list)));
      }),
      { numRuns: 300 },
    );
  });

  it("do not depend on the order of consecutive buys, nor on that of consecutive sells", () => {
    const shuffled = (list: Fill[]): fc.Arbitrary<[Fill[], Fill[]]> =>
      fc.shuffledSubarray(list, { minLength: list.length }).map((other) => [list, other]);
    // A base fee larger than its own fill crosses zero, and what crosses zero is not commutative.
    const plausible = fills(fc.constant("BUY" as const)).map((fill) => ({
      ...fill,
      fees: fill.fees.filter((fee) => fee.asset !== "BTC" || fee.amount.lt(fill.quantity.div(50))),
    }));
    const buys = fc.array(plausible, { minLength: 1, maxLength: 8 }).chain(shuffled);
    const sells = fc.array(fills(fc.constant("SELL" as const)), { maxLength: 8 }).chain(shuffled);
    fc.assert(
      fc.property(buys, sells, ([buysA, buysB], [sellsA, sellsB]) => {
        const bought = buysA.reduce((sum, fill) => sum.plus(fill.quantity), ZERO);
        const sold = sellsA.reduce((sum, fill) => sum.plus(fill.quantity), ZERO);
        // Sells scaled into what is held: beyond it the last seller is the one who sells external holdings.
        const scale = sold.isZero() ? ZERO : bought.div(sold).div(2);
        const shrink = (list: Fill[]): Fill[] =>
          list.map((fill) => ({ ...fill, quantity: fill.quantity.times(scale).toDP(18, Decimal.ROUND_UP), fees: [] }));
        const a = positionFromFills("BTC", "USDT", [...buysA, ...shrink(sellsA)]);
        const b = positionFromFills("BTC", "USDT", [...buysB, ...shrink(sellsB)]);
        const count = buysA.length + sellsA.length;
        expect(a.quantity.eq(b.quantity)).toBe(true);
        expectClose(a.costBasis, b.costBasis, count);
        expectClose(a.realisedPnl, b.realisedPnl, count);
      }),
      { numRuns: 300 },
    );
  });

  it("account for every unit of quote: cash in minus cash out is profit minus cost, whatever was sold", () => {
    fc.assert(
      fc.property(fc.array(anyFill, { maxLength: 20 }), (list) => {
        const position = positionFromFills("BTC", "USDT", list);
        let cash = ZERO;
        let base = ZERO;
        for (const fill of list) {
          const sign = fill.side === "BUY" ? 1 : -1;
          cash = cash.minus(quoteValue(fill.quantity, fill.price).times(sign));
          base = base.plus(fill.quantity.times(sign));
          for (const fee of fill.fees) {
            if (fee.asset === "USDT") cash = cash.minus(fee.amount);
            if (fee.asset === "BTC") base = base.minus(fee.amount);
          }
        }
        expect(position.quantity.minus(position.externalQuantitySold).eq(base)).toBe(true);
        expect(position.realisedPnl.plus(position.externalProceeds).minus(position.costBasis).eq(cash)).toBe(true);
        expect(position.quantity.gte(0)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
