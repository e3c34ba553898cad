import { describe, expect, it } from "vitest";
import { Decimal } from "#server/domain/decimal.ts";
import type { Fill, FillFee, OrderSide } from "#server/domain/order/order.ts";
import {
  applyFillToPosition,
  averageCost,
  emptyPosition,
  positionFromFills,
  unrealisedPnl,
} from "#server/domain/position/position.ts";

const d = (text: string): Decimal => new Decimal(text);
let trade = 0;

function fill(side: OrderSide, quantity: string, price: string, fees: readonly [asset: string, amount: string][] = []): Fill {
  trade += 1;
  const list: FillFee[] = fees.map(([asset, amount]) => ({ asset, amount: d(amount) }));
  return { venueTradeId: `t${trade}`, side, base: "BTC", quote: "USDT", quantity: d(quantity), price: d(price), fees: list };
}

describe("a position", () => {
  it("averages its cost over buys, fees included", () => {
    const position = positionFromFills("BTC", "USDT", [
      fill("BUY", "1", "100", [["USDT", "1"]]),
      fill("BUY", "1", "200", [["USDT", "1"]]),
    ]);
    expect(averageCost(position)?.toString()).toBe("151");
    expect(position.realisedPnl.toString()).toBe("0");
    expect(unrealisedPnl(position, d("151")).toString()).toBe("0");
    expect(unrealisedPnl(position, d("100")).toString()).toBe("-102");
  });

  it("realises profit net of both fees when it is closed", () => {
    const position = positionFromFills("BTC", "USDT", [
      fill("BUY", "1", "100", [["USDT", "1"]]),
      fill("SELL", "1", "110", [["USDT", "1.1"]]),
    ]);
    expect(position.realisedPnl.toString()).toBe("7.9");
    expect(position.quantity.isZero()).toBe(true);
    expect(position.costBasis.isZero()).toBe(true);
    expect(averageCost(position)).toBeNull();
  });

  it("holds less after a fee in base, for the same cost", () => {
    const position = positionFromFills("BTC", "USDT", [fill("BUY", "1", "100", [["BTC", "0.01"]])]);
    expect(position.quantity.toString()).toBe("0.99");
    expect(position.costBasis.toString()).toBe("100");
  });

  it("keeps third-asset fees apart, and values them when a price is given", () => {
    const bought = fill("BUY", "1", "100", [["BNB", "0.01"]]);
    const unvalued = applyFillToPosition(emptyPosition("BTC", "USDT"), bought);
    expect(unvalued.otherFees["BNB"]?.toString()).toBe("0.01");
    expect(unvalued.costBasis.toString()).toBe("100");
    const valued = applyFillToPosition(emptyPosition("BTC", "USDT"), bought, { BNB: d("600") });
    expect(valued.costBasis.toString()).toBe("106");
    expect(valued.otherFees["BNB"]?.toString()).toBe("0.01");
  });

  it("counts a rebate as income", () => {
    const position = positionFromFills("BTC", "USDT", [fill("BUY", "1", "100"), fill("SELL", "1", "100", [["USDT", "-0.5"]])]);
    expect(position.realisedPnl.toString()).toBe("0.5");
  });

  it("stops at zero when more is sold than the platform bought, and claims no profit on the rest", () => {
    const position = positionFromFills("BTC", "USDT", [fill("BUY", "1", "100"), fill("SELL", "4", "110", [["USDT", "4"]])]);
    expect(position.quantity.isZero()).toBe(true);
    expect(position.realisedPnl.toString()).toBe("9");
    expect(position.externalQuantitySold.toString()).toBe("3");
    expect(position.externalProceeds.toString()).toBe("327");
  });

  it("refuses a fill of another market", () => {
    expect(() => applyFillToPosition(emptyPosition("ETH", "USDT"), fill("BUY", "1", "1"))).toThrow(/another market/);
  });
});
