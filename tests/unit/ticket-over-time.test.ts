import { describe, expect, it } from "vitest";
import { placeIntentInput } from "#lib/contracts/trade.ts";
import { countdown, durationWords } from "#lib/format/time.ts";
import { paceWords, scheduleWords } from "#lib/sentences/twaps.ts";
import { readOverTime } from "#lib/ticket/over-time.ts";
import { deriveTerms, type TicketDraft, toIntentTerms, toPreviewTerms, withShownWay } from "#lib/ticket/terms.ts";

const RULES = {
  base: "BTC",
  quote: "USDT",
  priceTick: "0.1",
  amountStep: "0.0001",
  amountMin: "0.0001",
  costMin: "5",
  costMinBuy: "5",
};
const DRAFT: TicketDraft = {
  symbol: "BTC/USDT",
  side: "BUY",
  type: "OVER_TIME",
  unit: "BASE",
  amountText: "0.5",
  priceText: "",
  timeInForce: "GTC",
  postOnly: true,
  venueAccountId: null,
  atOnce: false,
  minutesText: "10",
  partsText: "12",
};
const WORKSPACE = "0197f3a0-0000-7000-8000-000000000001";
const SCHEDULE = { slices: 12, durationMs: 600_000 };

const termsOf = (draft: TicketDraft) => toIntentTerms(WORKSPACE, draft, deriveTerms(draft, RULES, "50000"));

describe("an order over time on the ticket", () => {
  it("is a market order with a schedule, or one with a worst price, and the contract takes both", () => {
    const market = termsOf(DRAFT);
    expect(market).toMatchObject({ type: "MARKET", timeInForce: "IOC", postOnly: false, limitPrice: null, overTime: SCHEDULE });
    const capped = termsOf({ ...DRAFT, priceText: "51000" });
    expect(capped).toMatchObject({ type: "LIMIT", timeInForce: "IOC", limitPrice: "51000", overTime: SCHEDULE });
    for (const terms of [market, capped]) {
      expect(placeIntentInput.safeParse({ ...terms, intentId: WORKSPACE }).success).toBe(true);
    }
  });

  it("is nothing while its schedule or its price cannot be read: never an order with less than was asked for", () => {
    for (const wrong of [
      { minutesText: "" },
      { minutesText: "x" },
      { partsText: "1" },
      { partsText: "2.5" },
      { priceText: "abc" },
    ]) {
      expect(termsOf({ ...DRAFT, ...wrong }), JSON.stringify(wrong)).toBeNull();
    }
  });

  it.each([
    [
      { minutesText: "0.2", partsText: "2" },
      { slices: 2, durationMs: 12_000 },
    ],
    [
      { minutesText: "10080", partsText: "500" },
      { slices: 500, durationMs: 604_800_000 },
    ],
    [{ minutesText: "10081", partsText: "12" }, null],
    [{ minutesText: "0.01", partsText: "12" }, null],
    [{ minutesText: "10", partsText: "501" }, null],
    [{ minutesText: "-1", partsText: "12" }, null],
  ])("reads %j", (draft, expected) => {
    const read = readOverTime(draft);
    expect(read.overTime).toEqual(expected);
    expect(read.minutesProblem === null && read.partsProblem === null).toBe(expected !== null);
  });
});

describe("the way of a market order", () => {
  const market = termsOf({ ...DRAFT, type: "MARKET" });
  if (market === null) throw new Error("a market order has terms");
  const byRule = { overTime: { ...SCHEDULE, decidedBy: "RULE", sliceQuantity: "0.0416" } } as const;

  it("is sent in the words of what was shown, and left to the rule only while nothing was", () => {
    expect(market.overTime).toBeUndefined();
    expect(withShownWay(market, byRule).overTime).toEqual(SCHEDULE);
    expect(withShownWay(market, { overTime: null }).overTime).toBeNull();
    expect(withShownWay(market, null).overTime).toBeUndefined();
  });

  it("is what was chosen, whatever was shown", () => {
    const atOnce = termsOf({ ...DRAFT, type: "MARKET", atOnce: true });
    expect(atOnce?.overTime).toBeNull();
    if (atOnce !== null) expect(withShownWay(atOnce, byRule).overTime).toBeNull();
  });

  it("is at once with a stop or a target, in the preview and in what is sent", () => {
    const bracket = { stopPrice: "49000", trailBps: null, takeProfitPrice: null };
    expect(withShownWay({ ...market, bracket }, byRule).overTime).toBeNull();
    expect(toPreviewTerms(market, true).overTime).toBeNull();
    expect("overTime" in toPreviewTerms(market, false)).toBe(false);
  });

  it("is not touched for a limit order", () => {
    const limit = termsOf({ ...DRAFT, type: "LIMIT", priceText: "49000" });
    expect(limit).toMatchObject({ type: "LIMIT", timeInForce: "GTC", postOnly: true });
    if (limit !== null) expect(withShownWay(limit, byRule)).toEqual(limit);
  });
});

describe("times in words", () => {
  it.each([
    [600_000, "10 minutes"],
    [5_400_000, "1 hour 30 minutes"],
    [3_600_000 + 5_000, "1 hour"],
    [50_000, "50 seconds"],
    [86_400_000 + 7_200_000 + 60_000, "1 day 2 hours"],
    [0, "less than a second"],
  ])("%d ms is %s", (milliseconds, words) => {
    expect(durationWords(milliseconds)).toBe(words);
  });

  it("say a schedule and count down", () => {
    expect(scheduleWords(SCHEDULE)).toBe("over 10 minutes in 12 parts");
    expect(paceWords(SCHEDULE)).toBe("one about every 50 seconds");
    expect([countdown(-5), countdown(42_400), countdown(3_725_000)]).toEqual(["0:00", "0:43", "1:02:05"]);
  });
});
