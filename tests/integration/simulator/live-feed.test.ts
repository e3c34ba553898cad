import { expect, it } from "vitest";
import { startSimulator } from "#simulator/server/start-simulator.ts";
import { eventually } from "#tests/support/eventually.ts";

it("the live feed follows a venue's public books and candles over its real protocol, and lets go cleanly", async () => {
  const venues = await startSimulator({ portBase: 0, rateLimits: false });
  for (const [venue, symbol] of [
    ["binance", "BTC/USDT"],
    ["coinbase", "BTC/USD"],
    ["kraken", "BTC/USD"],
  ] as const) {
    venues.control.setMarket({ venue, symbol, mid: "54321", frozen: true });
  }
  const failures: unknown[] = [];
  const follower = await startSimulator({
    portBase: 0,
    feed: "live",
    feedIntervalMs: 50,
    liveOrigins: venues.urls,
    faces: {},
    report: (error) => failures.push(error),
  });
  try {
    for (const [venue, symbol] of [
      ["binance", "BTC/USDT"],
      ["coinbase", "BTC/USD"],
      ["kraken", "BTC/USD"],
    ] as const) {
      const seen = await eventually(() => follower.engines[venue].ticker(symbol), { timeoutMs: 50_000, what: `${venue}'s book` });
      expect(Math.abs(seen.bid.toNumber() / 54_321 - 1)).toBeLessThan(0.001);
      expect(seen.ask.gt(seen.bid)).toBe(true);
    }
    const bars = await eventually(() => {
      const known = follower.engines.binance.candles("BTC/USDT", 60_000, undefined, 10);
      return known.length > 0 && known;
    });
    expect(bars.at(-1)?.high.gte(bars.at(-1)?.low ?? 0)).toBe(true);
    expect(failures).toEqual([]);
  } finally {
    await follower.close();
    await venues.close();
  }
});
