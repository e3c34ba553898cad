import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Decimal } from "#server/domain/decimal.ts";
import { isDust } from "#server/domain/position/dust.ts";

const d = (text: string): Decimal => new Decimal(text);
const RULES = { amountStep: d("0.0001"), amountMin: d("0.0005"), costMin: d("10") };

describe("dust", () => {
  it.each([
    ["less than a step", "0.00009999", "50000", true],
    ["less than the minimum amount", "0.0004", "50000", true],
    ["worth less than the minimum cost once cut to the step", "0.00059999", "19999", true],
    ["exactly the minimum amount and cost", "0.0005", "20000", false],
    ["a short of the same size", "-0.0004", "50000", true],
    ["nothing", "0", "50000", false],
  ])("%s: %s at %s is dust: %s", (_name, quantity, price, expected) => {
    expect(isDust(d(quantity), RULES, d(price))).toBe(expected);
  });

  it("is judged by the amount alone while no price is known, and not at all without the market's rules", () => {
    expect(isDust(d("0.0005"), RULES, null)).toBe(false);
    expect(isDust(d("0.0004"), RULES, null)).toBe(true);
    expect(isDust(d("0.00000001"), null, d("50000"))).toBe(false);
  });

  it("is never what a venue's rules allow to be sold whole", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), fc.integer({ min: 1, max: 200_000 }), (steps, price) => {
        const quantity = RULES.amountStep.times(steps);
        const allowed = quantity.gte(RULES.amountMin) && quantity.times(price).gte(RULES.costMin);
        expect(isDust(quantity, RULES, d(String(price)))).toBe(!allowed);
      }),
    );
  });
});
