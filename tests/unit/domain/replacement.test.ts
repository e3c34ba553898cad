import { describe, expect, it } from "vitest";
import { Decimal } from "#server/domain/decimal.ts";
import {
  coverBoth,
  judgeReplacement,
  type LimitTerms,
  type ReplaceQuestion,
  reserveUnder,
  type ReplaceSight,
} from "#server/domain/order/replacement.ts";

const terms = (quantity: string, limitPrice: string): LimitTerms => ({
  quantity: new Decimal(quantity),
  limitPrice: new Decimal(limitPrice),
});
const OLD = terms("1", "100");
const WANTED = terms("2", "110");
const SENT_AT = new Date(1_000_000);
const after = (ms: number): Date => new Date(SENT_AT.getTime() + ms);

const question = (changed: Partial<ReplaceQuestion> = {}): ReplaceQuestion => ({
  way: "AMEND",
  sentAt: SENT_AT,
  settleMs: 5_000,
  wanted: WANTED,
  booked: new Decimal(0),
  cancelRequested: false,
  ...changed,
});
const sight = (shown: LimitTerms, changed: Partial<ReplaceSight> = {}): ReplaceSight => ({
  ...shown,
  state: "OPEN",
  filledQuantity: new Decimal(0),
  lookedAt: after(100),
  ...changed,
});
const kind = (asked: ReplaceQuestion, seen: ReplaceSight): string => judgeReplacement(asked, seen).kind;

describe("a look at an order that was to be changed in place", () => {
  it("proves the change by the wanted terms, and nothing by the old ones while the venue still has time", () => {
    expect(kind(question(), sight(WANTED))).toBe("replaced");
    expect(kind(question(), sight(OLD))).toBe("look-again");
    expect(kind(question(), sight(terms("2", "100")))).toBe("look-again");
    expect(kind(question(), sight(OLD, { lookedAt: after(5_000) }))).toBe("look-again");
    expect(kind(question(), sight(OLD, { lookedAt: after(5_001) }))).toBe("unchanged");
  });

  it("proves nothing when it began before the change was sent, even with the wanted terms", () => {
    expect(kind(question(), sight(WANTED, { lookedAt: after(-1) }))).toBe("look-again");
  });

  it("proves nothing while the venue counts fills that are not booked, whatever else it shows", () => {
    for (const state of ["OPEN", "FILLED", "CANCELED", "EXPIRED", "REJECTED"] as const) {
      for (const way of ["AMEND", "RENEW"] as const) {
        const seen = sight(WANTED, { state, filledQuantity: new Decimal("0.5"), lookedAt: after(60_000) });
        expect(kind(question({ way, booked: new Decimal("0.4") }), seen)).toBe("look-again");
      }
    }
  });

  it("tells under which terms the order ended", () => {
    const filled = (shown: LimitTerms) => sight(shown, { state: "FILLED", filledQuantity: shown.quantity });
    expect(judgeReplacement(question({ booked: new Decimal(2) }), filled(WANTED))).toEqual({ kind: "ended", underWanted: true });
    expect(judgeReplacement(question({ booked: new Decimal(1) }), filled(OLD))).toEqual({ kind: "ended", underWanted: false });
    expect(judgeReplacement(question(), sight(OLD, { state: "CANCELED" }))).toEqual({ kind: "ended", underWanted: false });
  });
});

describe("a look at an order that another one is to take over from", () => {
  const renewing = (changed: Partial<ReplaceQuestion> = {}) => question({ way: "RENEW", ...changed });

  it("lets the other one in only when the order is canceled, with every fill booked", () => {
    const partly = { state: "CANCELED", filledQuantity: new Decimal("0.4") } as const;
    expect(kind(renewing(), sight(OLD, { state: "CANCELED" }))).toBe("renew");
    expect(kind(renewing({ booked: new Decimal("0.4") }), sight(OLD, partly))).toBe("renew");
    expect(kind(renewing(), sight(OLD, partly))).toBe("look-again");
    for (const state of ["FILLED", "EXPIRED", "REJECTED"] as const) expect(kind(renewing(), sight(OLD, { state }))).toBe("ended");
  });

  it("never lets it in while the order is open, however long that takes", () => {
    for (const ms of [0, 5_001, 3_600_000]) {
      expect(kind(renewing(), sight(OLD, { lookedAt: after(ms) }))).toBe("cancel-again");
      expect(kind(renewing(), sight(WANTED, { lookedAt: after(ms) }))).toBe("cancel-again");
    }
  });

  it("never lets it in once somebody wants the order gone", () => {
    expect(kind(renewing({ cancelRequested: true }), sight(OLD, { state: "CANCELED" }))).toBe("ended");
    expect(kind(renewing({ cancelRequested: true }), sight(OLD))).toBe("unchanged");
  });
});

describe("while nobody knows under which terms an order works", () => {
  it("the larger quantity and the worse price hold", () => {
    expect(coverBoth("BUY", OLD, WANTED)).toEqual(terms("2", "110"));
    expect(coverBoth("BUY", WANTED, OLD)).toEqual(terms("2", "110"));
    expect(coverBoth("SELL", OLD, WANTED)).toEqual(terms("2", "100"));
  });

  it("each of the terms needs its share of what it needed when it was asked for", () => {
    const both = {
      old: OLD,
      wanted: WANTED,
      filledThen: new Decimal("0.5"),
      oldReserve: new Decimal(50),
      wantedReserve: new Decimal(165),
    };
    expect(reserveUnder("old", both, new Decimal("0.5")).toString()).toBe("50");
    expect(reserveUnder("old", both, new Decimal("0.75")).toString()).toBe("25");
    expect(reserveUnder("old", both, new Decimal("1.5")).toString()).toBe("0");
    expect(reserveUnder("wanted", both, new Decimal("1.5")).toString()).toBe("55");
    expect(reserveUnder("wanted", both, new Decimal(2)).toString()).toBe("0");
  });
});
