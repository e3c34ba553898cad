import { describe, expect, it } from "vitest";
import { Decimal } from "#server/domain/decimal.ts";
import { asVenueAccountId } from "#server/domain/ids.ts";
import { assertBalanced, type JournalEntryDraft, type LedgerAccount, type Posting } from "#server/domain/ledger/accounts.ts";
import { moveReserve, postDifference, postFill, postOpening, postRelease, postReserve } from "#server/domain/ledger/post.ts";
import { remainingReserve, reserveFor } from "#server/domain/ledger/reserve.ts";
import { money } from "#server/domain/money/money.ts";
import type { Fill } from "#server/domain/order/order.ts";

const ACCOUNT = asVenueAccountId("0198c0de-0000-7000-8000-000000000001");
const d = (text: string): Decimal => new Decimal(text);

const BUY: Fill = {
  venueTradeId: "1",
  side: "BUY",
  base: "BTC",
  quote: "USDT",
  quantity: d("0.5"),
  price: d("60000"),
  fees: [],
};

function balance(entry: JournalEntryDraft, account: LedgerAccount, asset: string): string {
  return entry.lines
    .filter((line) => line.account === account && line.asset === asset)
    .reduce((sum, line) => sum.plus(line.amount), d("0"))
    .toString();
}

describe("a fill in the ledger", () => {
  it("exchanges asset against asset and books a quote fee", () => {
    const entry = postFill(ACCOUNT, { ...BUY, fees: [{ asset: "USDT", amount: d("30") }] });
    expect(entry.kind).toBe("FILL");
    expect(balance(entry, "AVAILABLE", "BTC")).toBe("0.5");
    expect(balance(entry, "AVAILABLE", "USDT")).toBe("-30030");
    expect(balance(entry, "FEES", "USDT")).toBe("30");
    expect(balance(entry, "TRADING", "BTC")).toBe("-0.5");
  });

  it("takes a fee in base out of what arrives", () => {
    const entry = postFill(ACCOUNT, { ...BUY, fees: [{ asset: "BTC", amount: d("0.0005") }] });
    expect(balance(entry, "AVAILABLE", "BTC")).toBe("0.4995");
  });

  it("books a third-asset fee and a rebate at once", () => {
    const entry = postFill(ACCOUNT, {
      ...BUY,
      side: "SELL",
      fees: [
        { asset: "BNB", amount: d("0.01") },
        { asset: "USDT", amount: d("-1.5") },
      ],
    });
    expect(balance(entry, "AVAILABLE", "BTC")).toBe("-0.5");
    expect(balance(entry, "AVAILABLE", "USDT")).toBe("30001.5");
    expect(balance(entry, "AVAILABLE", "BNB")).toBe("-0.01");
    expect(balance(entry, "FEES", "USDT")).toBe("-1.5");
  });

  it("writes no line for a fee of zero", () => {
    expect(postFill(ACCOUNT, { ...BUY, fees: [{ asset: "USDT", amount: d("0") }] }).lines).toHaveLength(4);
  });
});

describe("reserves", () => {
  const order = { side: "BUY" as const, base: "BTC", quote: "USDT", quantity: d("0.5") };

  it("cover price cap and fee for a buy, and the base for a sell", () => {
    expect(reserveFor(order, d("60000"), d("0.001"))).toEqual(money("30030", "USDT"));
    expect(reserveFor({ ...order, side: "SELL" }, d("60000"), d("0.001"))).toEqual(money("0.5", "BTC"));
  });

  it("are not lowered by a rebate that may never come", () => {
    expect(reserveFor(order, d("60000"), d("-0.001")).amount.toString()).toBe("30000");
  });

  it("round up to the last stored digit", () => {
    const reserve = reserveFor({ ...order, quantity: d("0.000000000000000001") }, d("0.1"), d("0"));
    expect(reserve.amount.toFixed()).toBe("0.000000000000000001");
  });

  it("shrink with fills, down to zero, also when the venue overfills", () => {
    expect(remainingReserve(order, d("0.2"), d("60000"), d("0.001")).amount.toString()).toBe("18018");
    expect(remainingReserve(order, d("0.5"), d("60000"), d("0.001")).amount.isZero()).toBe(true);
    expect(remainingReserve(order, d("0.6"), d("60000"), d("0.001")).amount.isZero()).toBe(true);
  });

  it("are promised before routing, handed to the account, and given back", () => {
    const reserve = money("100", "USDT");
    const entries = [postReserve(null, reserve), moveReserve(ACCOUNT, reserve), postRelease(ACCOUNT, reserve)];
    const totals = new Map<string, Decimal>();
    for (const line of entries.flatMap((entry) => entry.lines)) {
      const key = `${line.venueAccountId ?? "workspace"} ${line.account}`;
      totals.set(key, (totals.get(key) ?? d("0")).plus(line.amount));
    }
    expect(totals.size).toBe(4);
    for (const total of totals.values()) expect(total.isZero()).toBe(true);
  });

  it("may change size when they move, never asset", () => {
    const entry = moveReserve(ACCOUNT, money("100", "USDT"), money("90", "USDT"));
    expect(balance(entry, "RESERVED", "USDT")).toBe("-10");
    expect(balance(entry, "AVAILABLE", "USDT")).toBe("10");
    expect(() => moveReserve(ACCOUNT, money("100", "USDT"), money("1", "BTC"))).toThrow(/cannot move a reserve/);
  });

  it("of nothing or less are refused", () => {
    expect(() => postReserve(ACCOUNT, money("0", "USDT"))).toThrow(/must be positive/);
    expect(() => postRelease(ACCOUNT, money("-1", "USDT"))).toThrow(/must be positive/);
  });
});

describe("balances from outside", () => {
  it("open an account and leave zeros out", () => {
    const entry = postOpening(ACCOUNT, [money("1", "BTC"), money("0", "ETH"), money("5", "USDT")]);
    expect(entry?.lines).toHaveLength(4);
    expect(postOpening(ACCOUNT, [money("0", "BTC")])).toBeNull();
  });

  it("book a difference under its name and with its sign", () => {
    expect(balance(postDifference(ACCOUNT, "WITHDRAWAL", money("-3", "BTC")), "AVAILABLE", "BTC")).toBe("-3");
    expect(balance(postDifference(ACCOUNT, "ADJUSTMENT", money("0.1", "BTC")), "EXTERNAL", "BTC")).toBe("-0.1");
    expect(() => postDifference(ACCOUNT, "DEPOSIT", money("-3", "BTC"))).toThrow(/raises/);
    expect(() => postDifference(ACCOUNT, "WITHDRAWAL", money("3", "BTC"))).toThrow(/lowers/);
    expect(() => postDifference(ACCOUNT, "ADJUSTMENT", money("0", "BTC"))).toThrow(/must not be zero/);
  });
});

describe("an entry", () => {
  const line = (amount: string, asset = "BTC"): Posting => ({
    venueAccountId: ACCOUNT,
    account: "AVAILABLE",
    asset,
    amount: d(amount),
  });

  it("that does not sum to zero per asset is refused", () => {
    expect(() => assertBalanced({ kind: "FILL", lines: [line("1"), line("-0.999999999999999999")] })).toThrow(
      /off by 0.000000000000000001 BTC/,
    );
    expect(() => assertBalanced({ kind: "FILL", lines: [line("1"), line("-1", "ETH")] })).toThrow(/off by/);
  });

  it("without lines, with empty lines or with digits that a column would lose is refused", () => {
    expect(() => assertBalanced({ kind: "FILL", lines: [] })).toThrow(/needs lines/);
    expect(() => assertBalanced({ kind: "FILL", lines: [line("0")] })).toThrow(/needs an amount/);
    expect(() => assertBalanced({ kind: "FILL", lines: [line("1e-19"), line("-1e-19")] })).toThrow(/does not fit/);
  });
});
