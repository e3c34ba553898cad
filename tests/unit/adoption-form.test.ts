import { describe, expect, it } from "vitest";
import type { MarketDto } from "#lib/contracts/trade.ts";
import { Decimal } from "#lib/format/decimal.ts";
import { describeAdoptionError } from "#lib/sentences/adoption.ts";
import { readAmount, readUnitCost, symbolsOf } from "#lib/ticket/adoption.ts";

describe("the form that adopts a holding", () => {
  const most = new Decimal("0.5");

  it.each(["", "0", "-1", "abc", "1,234", "0.50001"])("takes %j for no amount and says why", (text) => {
    const read = readAmount(text, most, "are outside of positions");
    expect([read.value, typeof read.problem]).toEqual([null, "string"]);
  });

  it("takes all that there is, as people type it", () => {
    expect(readAmount(" 0,5 ", most, "").value?.toFixed()).toBe("0.5");
    expect(readAmount("0.00000001", most, "").problem).toBeNull();
  });

  it("waits for a price without complaining, and takes none that is not above zero", () => {
    expect(readUnitCost(" ")).toEqual({ value: null, problem: null });
    expect(readUnitCost("0").problem).toBe("Enter a price above zero.");
    expect(readUnitCost("61000.5").value?.toFixed()).toBe("61000.5");
  });

  it("offers the venue's own markets of the asset in the account's mode, dollars first", () => {
    const market = (symbol: string, venue = "binance", mode: "PAPER" | "LIVE" = "PAPER"): MarketDto => {
      const [base = "", quote = ""] = symbol.split("/");
      const rules = { priceTick: "0.01", amountStep: "0.00001", amountMin: "0", costMin: "5", costMinBuy: "5" };
      return { venue, mode, symbol, base, quote, ...rules };
    };
    const markets = [
      market("ETH/BTC"),
      market("ETH/USDC"),
      market("ETH/USDT"),
      market("BTC/USDT"),
      market("ETH/USD", "kraken"),
      market("ETH/EUR", "binance", "LIVE"),
    ];
    expect(symbolsOf(markets, "binance", "PAPER", "ETH")).toEqual(["ETH/USDT", "ETH/USDC", "ETH/BTC"]);
  });

  it("says of each refusal what to change, and falls back to the general sentence", () => {
    const say = (why: string, free = "0.3") =>
      describeAdoptionError({ code: "ADOPTION_REFUSED", details: { why, free }, sentence: "general" }, "BTC");
    expect(say("EXCEEDS_EXTERNAL")).toBe("Only 0.3 BTC are outside of positions.");
    expect(say("EXCEEDS_EXTERNAL", "0")).toBe("Nothing of your BTC here is outside of positions.");
    expect(say("PROMISED")).toContain("only 0.3 BTC can leave");
    expect(say("PROMISED", "0")).toContain("Remove them first");
    expect(say("EXCEEDS_POSITION")).toContain("holds 0.3 BTC");
    for (const why of ["MARKET_UNKNOWN", "PRICE_UNKNOWN"]) expect(say(why)).not.toBe("general");
    expect(say("SOMETHING_NEW")).toBe("general");
  });
});
