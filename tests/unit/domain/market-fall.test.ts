import { describe, expect, it } from "vitest";
import { Decimal } from "#server/domain/decimal.ts";
import { afterPrices, buysStoppedUntil, MARKET_FALL_MAX, type MarketDay } from "#server/domain/protection/market-fall.ts";

const d = (text: string): Decimal => new Decimal(text);
const at = (text: string): Date => new Date(`2026-11-${text}:00Z`);
const book = (mid: string, spread = "0.001") => ({
  bid: d(mid).times(d("1").minus(d(spread).dividedBy(2))),
  ask: d(mid).times(d("1").plus(d(spread).dividedBy(2))),
});

/** What is known after these mids, one after the other. */
function after(...seen: readonly (readonly [time: string, mid: string])[]): MarketDay | null {
  return seen.reduce<MarketDay | null>((known, [time, mid]) => afterPrices(known, book(mid), at(time), MARKET_FALL_MAX), null);
}

const stopped = (day: MarketDay | null, time: string): string | null => buysStoppedUntil(day, at(time))?.toISOString() ?? null;

describe("a market's day", () => {
  it("is measured by its first price, whatever comes later", () => {
    const day = after(["21T00:00", "100"], ["21T09:00", "140"], ["21T20:00", "80"]);
    expect(day).toMatchObject({ day: "2026-11-21", fall: null });
    expect(day?.anchor.toFixed()).toBe("100");
  });

  it("stops buys at a fall of a quarter, however slow, and not before", () => {
    expect(stopped(after(["21T00:00", "100"], ["21T20:00", "75.1"]), "21T20:00")).toBeNull();
    const slow = after(["21T00:00", "100"], ["21T05:00", "92"], ["21T10:00", "85"], ["21T15:00", "79"], ["21T17:00", "74.9"]);
    expect(stopped(slow, "21T17:00")).toBe("2026-11-22T00:00:00.000Z");
    expect(slow?.fall?.at).toEqual(at("21T17:00"));
  });

  it("falls once: a price that goes on falling or comes back changes nothing until the rest is over", () => {
    const fell = after(["21T00:00", "100"], ["21T10:00", "70"]);
    for (const mid of ["4", "99"]) expect(afterPrices(fell, book(mid), at("21T11:00"), MARKET_FALL_MAX)).toBe(fell);
  });

  it("rests into the next day when it fell shortly before midnight", () => {
    const fell = after(["21T00:00", "100"], ["21T23:00", "60"], ["22T00:10", "55"]);
    expect(fell).toMatchObject({ day: "2026-11-22" });
    expect(stopped(fell, "22T04:59")).toBe("2026-11-22T05:00:00.000Z");
    expect(stopped(fell, "22T05:00")).toBeNull();
  });

  it("falls again in a later day, measured by that day's price", () => {
    const again = after(["21T00:00", "100"], ["21T10:00", "60"], ["22T00:01", "60"], ["22T08:00", "44"]);
    expect(stopped(again, "22T08:00")).toBe("2026-11-23T00:00:00.000Z");
  });

  it("is not begun by a book that is torn apart or has one side only, and then yesterday's price goes on counting", () => {
    expect(afterPrices(null, book("100", "0.06"), at("21T00:00"), MARKET_FALL_MAX)).toBeNull();
    expect(afterPrices(null, { bid: null, ask: d("100") }, at("21T00:00"), MARKET_FALL_MAX)).toBeNull();
    const yesterday = after(["21T00:00", "100"]);
    const torn = afterPrices(yesterday, { bid: d("1"), ask: d("70") }, at("22T03:00"), MARKET_FALL_MAX);
    expect(stopped(torn, "22T03:00")).toBe("2026-11-23T00:00:00.000Z");
  });

  it("is not taken for fallen because the bids or both sides are gone", () => {
    const day = after(["21T00:00", "100"]);
    for (const prices of [
      { bid: d("1"), ask: d("99") },
      { bid: null, ask: d("99") },
      { bid: null, ask: null },
    ]) {
      expect(afterPrices(day, prices, at("21T01:00"), MARKET_FALL_MAX)).toBe(day);
    }
  });

  it("never stops where that is switched off", () => {
    const day = after(["21T00:00", "100"]);
    expect(afterPrices(day, book("0.01"), at("21T01:00"), d("1"))).toBe(day);
  });
});
