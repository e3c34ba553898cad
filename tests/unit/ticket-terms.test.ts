import { describe, expect, it } from "vitest";
import { readTyped } from "#lib/format/decimal.ts";
import { formatMoney, formatPercent, formatPrice, formatQuantity, UNKNOWN_TEXT } from "#lib/format/number.ts";
import { bestPrice, combineRules, deriveTerms, shareOfBalance, type TicketDraft, toIntentTerms } from "#lib/ticket/terms.ts";

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
  type: "MARKET",
  unit: "QUOTE",
  amountText: "100",
  priceText: "",
  timeInForce: "GTC",
  postOnly: false,
  venueAccountId: null,
  atOnce: false,
  minutesText: "10",
  partsText: "12",
};
const WORKSPACE = "0197f3a0-0000-7000-8000-000000000001";

describe("the terms of a ticket", () => {
  it("cut an amount of quote down to the step and never up", () => {
    const terms = deriveTerms(DRAFT, RULES, "63999.9");
    expect(terms.quantity).toBe("0.0015");
    expect(terms.cost).toBe("95.99985");
  });

  it("never guess a price that is not known", () => {
    const terms = deriveTerms(DRAFT, RULES, null);
    expect(terms.quantity).toBeNull();
    expect(terms.amountProblem).not.toBeNull();
  });

  it("convert at the limit and not at the market when there is a limit", () => {
    const terms = deriveTerms({ ...DRAFT, type: "LIMIT", priceText: "50000" }, RULES, "63999.9");
    expect(terms.quantity).toBe("0.002");
    expect(terms.limitPrice).toBe("50000");
  });

  it("refuse a price between two ticks and name the nearest", () => {
    const terms = deriveTerms({ ...DRAFT, type: "LIMIT", priceText: "50000.07" }, RULES, null);
    expect(terms.limitPrice).toBeNull();
    expect(terms.priceProblem).toContain("50,000.1");
  });

  it("refuse what is below the venue's minimums", () => {
    expect(deriveTerms({ ...DRAFT, unit: "BASE", amountText: "0.00001" }, RULES, "60000").amountProblem).toContain("0.0001 BTC");
    expect(
      deriveTerms({ ...DRAFT, amountText: "4" }, { ...RULES, amountStep: "0.00000001", amountMin: "0.00000001" }, "60000")
        .quantity,
    ).toBeNull();
  });

  it("refuse what is no number", () => {
    for (const amountText of ["abc", "-1", "NaN", "1e5", "1.2.3", "0"]) {
      expect(deriveTerms({ ...DRAFT, amountText }, RULES, "60000").quantity).toBeNull();
    }
  });

  it("send a market order as immediate-or-cancel whatever was chosen for a limit order before", () => {
    const draft: TicketDraft = { ...DRAFT, postOnly: true, timeInForce: "FOK" };
    const sent = toIntentTerms(WORKSPACE, draft, deriveTerms(draft, RULES, "60000"));
    expect(sent).toMatchObject({ timeInForce: "IOC", postOnly: false, limitPrice: null });
  });

  it("leave room for fees when everything is spent", () => {
    expect(shareOfBalance(DRAFT, RULES, "1000", "1")).toBe("980");
    expect(shareOfBalance({ ...DRAFT, side: "SELL" }, RULES, "0.123456", "1")).toBe("0.1234");
  });
});

it("a buy must cost what venues ask of buys, and a sell may be worth less", () => {
  const strict = { ...RULES, costMin: "5", costMinBuy: "10" };
  const draft = { ...DRAFT, unit: "BASE", amountText: "0.0001" } as const;
  expect(deriveTerms(draft, strict, "64000").amountProblem).toBe("The smallest order is worth 10 USDT.");
  expect(deriveTerms({ ...draft, side: "SELL" }, strict, "64000").quantity).toBe("0.0001");
});

describe("several venues", () => {
  const market = { venue: "kraken", mode: "PAPER", symbol: "BTC/USDT", ...RULES } as const;

  it("share the coarsest step, so that any of them can take the order", () => {
    const rules = combineRules([
      market,
      { ...market, venue: "binance", amountStep: "0.00001", priceTick: "0.01", amountMin: "0.00001" },
    ]);
    expect(rules).toMatchObject({ amountStep: "0.0001", priceTick: "0.1", amountMin: "0.00001" });
  });

  it("show the lowest ask to a buyer and the highest bid to a seller", () => {
    const at = "2026-01-01T00:00:00.000Z";
    const quotes = [
      { venue: "kraken", mode: "PAPER", symbol: "BTC/USDT", bid: "9", ask: "100", at },
      { venue: "binance", mode: "PAPER", symbol: "BTC/USDT", bid: "10", ask: "99", at },
      { venue: "coinbase", mode: "PAPER", symbol: "BTC/USDT", bid: null, ask: null, at },
    ] as const;
    expect(bestPrice(quotes, "BUY")).toMatchObject({ price: "99", venue: "binance" });
    expect(bestPrice(quotes, "SELL")).toMatchObject({ price: "10", venue: "binance" });
    expect(bestPrice([], "BUY")).toBeNull();
  });
});

describe("numbers on screens", () => {
  it("keep every digit of a large amount", () => {
    expect(formatQuantity("12345678901234567890.12345678")).toBe("12,345,678,901,234,567,890.12345678");
  });

  it("show a price on its tick", () => {
    expect(formatPrice("64000.5", "0.01")).toBe("64,000.50");
  });

  it("show unknown as a dash and never as zero", () => {
    expect(formatMoney(null)).toBe(UNKNOWN_TEXT);
    expect(formatPrice(undefined)).toBe(UNKNOWN_TEXT);
  });

  it("carry a sign", () => {
    expect(formatMoney("12.3", "USDT", "always")).toBe("+$12.30");
    expect(formatMoney("-12.3", "USD", "always")).toBe("\u2212$12.30");
    expect(formatPercent("-0.0123", "always")).toBe("\u22121.23%");
  });

  it("read a decimal comma and refuse an ambiguous number", () => {
    expect(readTyped("1,5")?.toFixed()).toBe("1.5");
    expect(readTyped("1,234.5")).toBeNull();
    expect(readTyped("1,234")).toBeNull();
  });
});
