import { describe, expect, it } from "vitest";
import { type ReplacementDto, replaceOrderInput } from "#lib/contracts/replace.ts";
import { changeMeans, describeRefusedChange, isUnderWay, lastChange, wantedTerms } from "#lib/sentences/replacements.ts";
import { VENUE_IDS } from "#lib/sentences/venues.ts";
import { type ChangeDraft, draftOf, readChange } from "#lib/ticket/change.ts";

const ORDER = { side: "BUY", quantity: "0.5", filledQuantity: "0.2", limitPrice: "50000" } as const;
const RULES = {
  base: "BTC",
  quote: "USDT",
  priceTick: "0.1",
  amountStep: "0.001",
  amountMin: "0.01",
  costMin: "5",
  costMinBuy: "1000",
};
const read = (draft: Partial<ChangeDraft>) => readChange({ ...draftOf(ORDER), ...draft }, ORDER, RULES);

describe("what was typed for a change of an order", () => {
  it("becomes what the server takes, with what would be left to fill", () => {
    const { terms, left, priceProblem, quantityProblem } = read({ priceText: "49 500,5", quantityText: "0.75" });
    expect(terms).toEqual({ quantity: "0.75", limitPrice: "49500.5" });
    expect([left, priceProblem, quantityProblem]).toEqual(["0.55", null, null]);
    const ids = { workspaceId: crypto.randomUUID(), orderId: crypto.randomUUID(), replacementId: crypto.randomUUID() };
    expect(replaceOrderInput.parse({ ...terms, ...ids })).toMatchObject({ quantity: "0.75" });
  });

  it("is nothing to send while it is what the order has already", () => {
    expect(read({}).terms).toBeNull();
    expect(read({ priceText: "50000.0", quantityText: "0.500" }).terms).toBeNull();
    expect(read({ quantityText: "0.501" }).terms).not.toBeNull();
  });

  it("is refused off the steps, and never rounded", () => {
    expect(read({ priceText: "49999.95" })).toMatchObject({ terms: null, priceProblem: expect.stringContaining("steps of 0.1") });
    expect(read({ quantityText: "0.5005" })).toMatchObject({
      terms: null,
      quantityProblem: expect.stringContaining("steps of 0.001"),
    });
    for (const text of ["", "0", "x", "-1"]) {
      expect(read({ priceText: text })).toMatchObject({ terms: null, priceProblem: expect.any(String) });
      expect(read({ quantityText: text })).toMatchObject({ terms: null, quantityProblem: expect.any(String) });
    }
  });

  it("leaves more than is filled, and no less than the venue's smallest order", () => {
    expect(read({ quantityText: "0.2" }).quantityProblem).toContain("filled already");
    expect(read({ quantityText: "0.205" }).quantityProblem).toContain("0.01");
    expect(read({ quantityText: "0.215" }).quantityProblem).toContain("1,000");
    expect(read({ quantityText: "0.22" }).terms).not.toBeNull();
  });

  it("is judged by the server alone while the market's rules are not known", () => {
    expect(readChange({ priceText: "49999.95", quantityText: "0.2001" }, ORDER, null).terms).toEqual({
      quantity: "0.2001",
      limitPrice: "49999.95",
    });
  });
});

const replacement = (over: Partial<ReplacementDto>): ReplacementDto => ({
  id: "id",
  quantity: "0.75",
  limitPrice: "49500",
  oldQuantity: "0.5",
  oldLimitPrice: "50000",
  state: "SENT",
  code: null,
  details: null,
  newOrderId: null,
  at: "2026-01-01T00:00:00.000Z",
  ...over,
});

describe("a change in words", () => {
  it("says before it is asked for whether the order loses its place by being placed again", () => {
    const again = VENUE_IDS.filter((venue) => changeMeans(venue).includes("cancels this one and places another"));
    expect(again).toEqual(["binance", "kucoin", "alpaca"]);
    for (const venue of VENUE_IDS.filter((each) => !again.includes(each))) expect(changeMeans(venue)).toContain("in place");
  });

  it("says what is asked for while it is under way, and why it did not happen", () => {
    expect(wantedTerms(replacement({}), "BTC/USDT")).toBe("0.75 BTC at 49,500.00 USDT");
    expect([isUnderWay(replacement({})), describeRefusedChange(replacement({}))]).toEqual([true, null]);
    expect(describeRefusedChange(replacement({ state: "DONE" }))).toBeNull();
    const refused = replacement({ state: "REFUSED", code: "INSUFFICIENT_FUNDS", details: { reason: "Not enough." } });
    expect(describeRefusedChange(refused)).toBe("Not changed, the order works as before. The venue says: Not enough.");
    const late = replacement({ state: "REFUSED", code: "REPLACE_NOT_CARRIED_OUT", details: {} });
    expect(describeRefusedChange(late)).toBe("Not changed. The venue did not change the order; it works as before.");
  });

  it("shows the last one that went further than the form", () => {
    const done = replacement({ id: "done", state: "DONE" });
    expect(lastChange([done, replacement({ id: "denied", state: "DENIED", code: "X" })])?.id).toBe("done");
    expect(lastChange([])).toBeNull();
  });
});
