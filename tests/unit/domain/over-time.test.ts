import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Decimal } from "#server/domain/decimal.ts";
import type { MarketRules } from "#server/domain/market.ts";
import { TWAP_MS_MAX, TWAP_SLICES_MAX, afterPause, isSliceTooSmall, slicesPassed } from "#server/domain/twap/schedule.ts";
import { chooseWay, OVER_TIME_RULE, ruleOf, scheduleFor, type WayRequest } from "#server/domain/twap/way.ts";

const d = (text: string | number) => new Decimal(text);
const MARKET: WayRequest = { terms: { type: "MARKET" }, isExit: false, hasBracket: false };
const ASKED = { slices: 4, durationMs: 60_000 };
const usd = fc.integer({ min: 1, max: 1_000_000_000 }).map((cents) => d(cents).dividedBy(100));

describe("the way of an entry", () => {
  test("is at once up to ten thousand dollars, and over ten minutes in twelve parts just above them", () => {
    expect(chooseWay(MARKET, d(10_000), OVER_TIME_RULE)).toEqual({ kind: "AT_ONCE" });
    expect(chooseWay(MARKET, d("10000.01"), OVER_TIME_RULE)).toEqual({
      kind: "OVER_TIME",
      schedule: { slices: 12, durationMs: 600_000 },
      decidedBy: "RULE",
    });
  });

  test("is what was asked for, whatever it is worth", () => {
    fc.assert(
      fc.property(usd, fc.constantFrom("MARKET" as const, "LIMIT" as const), (worth, type) => {
        const entry = { ...MARKET, terms: { type } };
        expect(chooseWay({ ...entry, overTime: null }, worth, OVER_TIME_RULE)).toEqual({ kind: "AT_ONCE" });
        const way = chooseWay({ ...entry, overTime: ASKED }, worth, OVER_TIME_RULE);
        expect(way).toEqual({ kind: "OVER_TIME", schedule: ASKED, decidedBy: "USER" });
      }),
    );
  });

  test("is at once for every exit, whoever asks for what", () => {
    fc.assert(
      fc.property(usd, fc.constantFrom(undefined, null, ASKED), (worth, overTime) => {
        expect(chooseWay({ ...MARKET, isExit: true, overTime }, worth, OVER_TIME_RULE)).toEqual({ kind: "AT_ONCE" });
      }),
    );
  });

  test("is never decided by the rule for limit orders and for entries with stops or targets", () => {
    const huge = d("1e9");
    expect(chooseWay({ ...MARKET, terms: { type: "LIMIT" } }, huge, OVER_TIME_RULE)).toEqual({ kind: "AT_ONCE" });
    expect(chooseWay({ ...MARKET, hasBracket: true }, huge, OVER_TIME_RULE)).toEqual({ kind: "AT_ONCE" });
  });

  test("follows the workspace's own limit where it has set one", () => {
    expect(chooseWay(MARKET, d(501), ruleOf(d(500))).kind).toBe("OVER_TIME");
    expect(chooseWay(MARKET, d(20_000), ruleOf(d(20_000))).kind).toBe("AT_ONCE");
    expect(ruleOf(null)).toBe(OVER_TIME_RULE);
  });
});

test("the rule's slices are never worth more than its limit, caught up ones included, until there are as many as can be", () => {
  fc.assert(
    fc.property(usd, fc.integer({ min: 1, max: 50_000 }), (worth, aboveUsd) => {
      const schedule = scheduleFor(worth, ruleOf(d(aboveUsd)));
      expect(schedule === null).toBe(worth.lte(aboveUsd));
      if (schedule === null) return;
      expect(schedule.slices).toBeGreaterThanOrEqual(12);
      expect(schedule.slices).toBeLessThanOrEqual(TWAP_SLICES_MAX);
      expect(schedule.durationMs).toBeLessThanOrEqual(TWAP_MS_MAX);
      if (schedule.slices < TWAP_SLICES_MAX) expect(worth.times(2).dividedBy(schedule.slices).lte(aboveUsd)).toBe(true);
    }),
  );
});

test("a pause, however long, leaves the schedule where it was", () => {
  const times = fc.record({
    slices: fc.integer({ min: 2, max: 60 }),
    length: fc.integer({ min: 1_000, max: 86_400_000 }),
    share: fc.integer({ min: 0, max: 1_000 }),
    pause: fc.integer({ min: 0, max: 1_000_000_000 }),
  });
  fc.assert(
    fc.property(fc.uuid(), times, (seed, { slices, length, share, pause }) => {
      const plan = { seed, quantity: d(1), slices, startMs: 1_700_000_000_000, endMs: 1_700_000_000_000 + length };
      const pausedMs = plan.startMs + Math.floor((length * share) / 1_000);
      const resumedMs = pausedMs + pause;
      const after = afterPause(plan, pausedMs, resumedMs);
      expect(slicesPassed(after, resumedMs)).toBe(slicesPassed(plan, pausedMs));
      expect(after.endMs - resumedMs).toBe(plan.endMs - pausedMs);
      expect(afterPause(plan, resumedMs, pausedMs).endMs, "a clock that went back shortens nothing").toBeGreaterThanOrEqual(
        plan.endMs,
      );
    }),
  );
});

test("a slice is too small when no market takes it: by its step, its minimum, or what it costs", () => {
  const rules: MarketRules = {
    symbol: "BTC/USD",
    base: "BTC",
    quote: "USD",
    priceTick: d("0.1"),
    amountStep: d("0.001"),
    amountMin: d("0.002"),
    costMin: d(5),
    costMinBuy: d(10),
    active: true,
  };
  const small = (quantity: string, slices: number, side: "BUY" | "SELL", price: string | null) =>
    isSliceTooSmall(d(quantity), slices, [rules], side, price === null ? null : d(price));
  expect(small("0.02", 10, "BUY", "100000")).toBe(false);
  expect(small("0.02", 11, "BUY", "100000")).toBe(true);
  expect(small("0.02", 10, "BUY", "4000")).toBe(true);
  expect(small("0.02", 10, "SELL", "4000")).toBe(false);
  expect(small("0.02", 10, "BUY", null)).toBe(false);
  const lenient = { ...rules, amountMin: d("0.001") };
  expect(isSliceTooSmall(d("0.02"), 11, [rules, lenient], "SELL", d(100_000))).toBe(false);
});
