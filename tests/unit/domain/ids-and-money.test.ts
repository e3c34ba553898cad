import { describe, expect, it } from "vitest";
import { InvariantError } from "#server/domain/assert.ts";
import { Decimal, parseDecimal } from "#server/domain/decimal.ts";
import { asOrderId, isUuid } from "#server/domain/ids.ts";
import { addMoney, compareMoney, money, negateMoney, subtractMoney } from "#server/domain/money/money.ts";
import {
  ceilToStep,
  decimalPlaces,
  fitsMoneyColumn,
  floorToStep,
  isMultipleOf,
  roundToTick,
  roundUpToColumn,
} from "#server/domain/money/rounding.ts";
import { CREDENTIAL_FIELDS, isVenueId, VENUE_IDS } from "#server/domain/venue.ts";

const d = (text: string): Decimal => new Decimal(text);

describe("ids", () => {
  it("are lower-cased UUIDs and nothing else", () => {
    expect(asOrderId("0198C0DE-0000-7000-8000-00000000ABCD")).toBe("0198c0de-0000-7000-8000-00000000abcd");
    for (const text of ["", "1", "0198c0de-0000-7000-8000-00000000abcg", "{0198c0de-0000-7000-8000-00000000abcd}", " "]) {
      expect(isUuid(text)).toBe(false);
      expect(() => asOrderId(text)).toThrow(InvariantError);
    }
  });
});

describe("money", () => {
  it("adds, subtracts, negates and compares within one asset", () => {
    expect(addMoney(money("0.1", "BTC"), money("0.2", "BTC")).amount.toString()).toBe("0.3");
    expect(subtractMoney(money("1", "USD"), money("0.000000000000000001", "USD")).amount.toString()).toBe("0.999999999999999999");
    expect(negateMoney(money("5", "ETH")).amount.toString()).toBe("-5");
    expect(compareMoney(money("2", "ETH"), money("10", "ETH"))).toBe(-1);
    expect(compareMoney(money("2.0", "ETH"), money("2", "ETH"))).toBe(0);
  });

  it("refuses to mix assets", () => {
    const btc = money("1", "BTC");
    const eth = money("1", "ETH");
    for (const operation of [addMoney, subtractMoney, compareMoney])
      expect(() => operation(btc, eth)).toThrow(/cannot mix BTC with ETH/);
  });

  it("refuses amounts that are not finite", () => {
    expect(() => money("Infinity", "BTC")).toThrow(InvariantError);
    expect(() => money("NaN", "BTC")).toThrow(InvariantError);
  });

  it("parses plain decimal strings only", () => {
    expect(parseDecimal("-0.5")?.toString()).toBe("-0.5");
    for (const text of ["", "1e3", "NaN", "Infinity", "0x10", "1.", ".5", "1,5", " 1", "+1"])
      expect(parseDecimal(text)).toBeNull();
  });
});

describe("rounding", () => {
  it("cuts quantities to the step and never adds", () => {
    expect(floorToStep(d("1.23456789"), d("0.0001")).toString()).toBe("1.2345");
    expect(floorToStep(d("0.3"), d("0.1")).toString()).toBe("0.3");
    expect(floorToStep(d("7"), d("2.5")).toString()).toBe("5");
    expect(ceilToStep(d("7"), d("2.5")).toString()).toBe("7.5");
  });

  it("moves prices to the tick in the direction asked for", () => {
    expect(roundToTick(d("100.26"), d("0.25"), "DOWN").toString()).toBe("100.25");
    expect(roundToTick(d("100.26"), d("0.25"), "UP").toString()).toBe("100.5");
    expect(roundToTick(d("100.26"), d("0.25"), "NEAREST").toString()).toBe("100.25");
  });

  it("knows what numeric(38,18) stores without loss", () => {
    expect(fitsMoneyColumn(d("99999999999999999999.999999999999999999"))).toBe(true);
    expect(fitsMoneyColumn(d("100000000000000000000"))).toBe(false);
    expect(fitsMoneyColumn(d("0.0000000000000000001"))).toBe(false);
    expect(fitsMoneyColumn(d("-1"))).toBe(true);
    expect(fitsMoneyColumn(d("NaN"))).toBe(false);
    expect(roundUpToColumn(d("0.0000000000000000001")).toFixed()).toBe("0.000000000000000001");
  });

  it("counts the digits that are used", () => {
    expect(decimalPlaces(d("1.500"))).toBe(1);
    expect(isMultipleOf(d("0.3"), d("0.1"))).toBe(true);
    expect(isMultipleOf(d("0.35"), d("0.1"))).toBe(false);
    expect(() => isMultipleOf(d("1"), d("0"))).toThrow(InvariantError);
  });
});

describe("venues", () => {
  it("say which fields their credentials need", () => {
    for (const venue of VENUE_IDS) {
      const names = CREDENTIAL_FIELDS[venue].map((field) => field.name);
      expect(names).toContain("apiKey");
      expect(names).toContain("secret");
    }
    expect(CREDENTIAL_FIELDS.coinbase.find((field) => field.name === "secret")?.multiLine).toBe(true);
    expect(CREDENTIAL_FIELDS.okx.map((field) => field.name)).toContain("password");
  });

  it("are the eight that can be connected", () => {
    expect(VENUE_IDS).toHaveLength(8);
    expect(isVenueId("binance")).toBe(true);
    expect(isVenueId("toString")).toBe(false);
  });
});
