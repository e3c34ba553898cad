import { expect, test } from "vitest";
import { valueHoldings } from "#server/services/value-holdings.ts";

const at = new Date("2026-01-01T00:00:00Z");
const held = (venue: string, asset: string, amount = "1") => ({ venue, asset, amount });
const book = (venue: string, symbol: string, price: string | null, ageMs = 0) => ({
  venue,
  symbol,
  bid: price,
  ask: price,
  at: new Date(at.getTime() - ageMs),
});

function valueOf(...args: Parameters<typeof valueHoldings>) {
  const { equity, unpriced } = valueHoldings(...args);
  return [equity?.toFixed() ?? null, unpriced];
}

test("an account's own venue prices what it holds, even where another venue's price is newer", () => {
  const books = [book("binance", "BTC/USDT", "100", 5_000), book("kraken", "BTC/USD", "200")];
  expect(valueOf([held("binance", "BTC")], books)).toEqual(["100", []]);
  expect(valueOf([held("alpaca", "BTC")], books)).toEqual(["200", []]);
});

test("half a book and a price in something else than dollars are no prices", () => {
  const half = { ...book("binance", "ETH/USDT", "10"), ask: null };
  expect(valueOf([held("binance", "ETH"), held("binance", "USDT", "3")], [half, book("kraken", "ETH/BTC", "0.05")])).toEqual([
    "3",
    ["ETH"],
  ]);
});

test("when nothing that is held has a price there is no equity, which is not the same as nothing being held", () => {
  expect(valueOf([held("gate", "GT"), held("okx", "OKB")], [])).toEqual([null, ["GT", "OKB"]]);
  expect(valueOf([], [])).toEqual(["0", []]);
});
