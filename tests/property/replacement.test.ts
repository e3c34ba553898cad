import fc from "fast-check";
import { expect, it } from "vitest";
import { Decimal, ZERO } from "#server/domain/decimal.ts";
import { reserveFor } from "#server/domain/ledger/reserve.ts";
import { shrinkReserve } from "#server/domain/ledger/shrink-reserve.ts";
import { remainingQuantity } from "#server/domain/order/order.ts";
import { coverBoth, judgeReplacement, type LimitTerms, reserveUnder } from "#server/domain/order/replacement.ts";

const amount = fc.integer({ min: 1, max: 2_000 }).map((units) => new Decimal(units).dividedBy(1_000));
const price = fc.integer({ min: 1, max: 5_000 }).map((units) => new Decimal(units).dividedBy(10));
const limitTerms: fc.Arbitrary<LimitTerms> = fc.record({ quantity: amount, limitPrice: price });
const side = fc.constantFrom("BUY" as const, "SELL" as const);
const FEE = new Decimal("0.001");

/** What the order needs under these terms with so much filled. */
function needed(orderSide: "BUY" | "SELL", { quantity, limitPrice }: LimitTerms, filled: Decimal): Decimal {
  const open = remainingQuantity({ quantity, filledQuantity: filled });
  return open.isZero()
    ? ZERO
    : reserveFor({ side: orderSide, base: "BTC", quote: "USD", quantity: open }, limitPrice, FEE).amount;
}

it("while an order is replaced its reserve covers both terms, whatever fills when, and settles to what the terms need", () => {
  fc.assert(
    fc.property(side, limitTerms, limitTerms, fc.array(amount, { maxLength: 6 }), (orderSide, old, asked, parts) => {
      const [first = ZERO, ...later] = parts;
      const filledThen = Decimal.min(first, old.quantity.times("0.9"));
      const wanted = { ...asked, quantity: asked.quantity.plus(filledThen) };
      const oldReserve = needed(orderSide, old, filledThen);
      const wantedReserve = needed(orderSide, wanted, filledThen);
      const both = { old, wanted, filledThen, oldReserve, wantedReserve };
      const cover = coverBoth(orderSide, old, wanted);
      let held = Decimal.max(oldReserve, wantedReserve);
      let filled = filledThen;
      for (const part of later) {
        const next = Decimal.min(filled.plus(part), cover.quantity);
        const open = (quantity: Decimal) => remainingQuantity({ quantity: cover.quantity, filledQuantity: quantity });
        held = shrinkReserve(held, open(filled), open(next));
        filled = next;
        // A digit of rounding at most, of those that the database keeps.
        const slack = new Decimal("1e-17");
        for (const [name, terms] of [["old", old] as const, ["wanted", wanted] as const]) {
          expect(held.plus(slack).gte(needed(orderSide, terms, filled))).toBe(true);
          const settled = Decimal.min(held, reserveUnder(name, both, filled));
          expect(settled.plus(slack).gte(needed(orderSide, terms, filled))).toBe(true);
          expect(settled.minus(needed(orderSide, terms, filled)).lt("1e-12")).toBe(true);
        }
      }
    }),
    { numRuns: 2_000 },
  );
});

/** What really happened at a venue that was asked to end an order so that another one can take over. */
interface Truth {
  readonly filled: number;
  readonly canceledAfter: number | null;
}

it("another order takes over at most once, never beside the first, and only for what the first has not filled", () => {
  const truths: fc.Arbitrary<Truth> = fc.record({
    filled: fc.integer({ min: 0, max: 10 }),
    canceledAfter: fc.option(fc.integer({ min: 0, max: 8 })),
  });
  const looks = fc.array(fc.record({ at: fc.integer({ min: -2, max: 12 }), booked: fc.integer({ min: 0, max: 10 }) }), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(truths, looks, fc.boolean(), (truth, seen, cancelRequested) => {
      const wanted = { quantity: new Decimal(20), limitPrice: new Decimal(1) };
      let booked = 0;
      for (const { at, booked: known } of seen) {
        booked = Math.max(booked, Math.min(known, truth.filled));
        const isCanceled = truth.canceledAfter !== null && at >= truth.canceledAfter && at >= 0;
        const verdict = judgeReplacement(
          { way: "RENEW", sentAt: new Date(0), settleMs: 3, wanted, booked: new Decimal(booked), cancelRequested },
          {
            state: isCanceled ? "CANCELED" : "OPEN",
            quantity: new Decimal(10),
            limitPrice: new Decimal(1),
            filledQuantity: new Decimal(truth.filled),
            lookedAt: new Date(at),
          },
        );
        if (verdict.kind !== "renew") continue;
        expect([isCanceled, cancelRequested, booked]).toEqual([true, false, truth.filled]);
      }
    }),
    { numRuns: 3_000 },
  );
});
