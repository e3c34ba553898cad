import { describe, expect, it } from "vitest";
import type { SimVenueEngine } from "#simulator/engine/venue-engine.ts";
import { createVenueEngine } from "#simulator/engine/venue-engine.ts";
import { createBasePath } from "#simulator/feed/base-path.ts";
import { readHourBars } from "#simulator/feed/recorded-data.ts";
import { createRecordedFeed } from "#simulator/feed/recorded-feed.ts";
import { SIM_VENUES, venueMarkets } from "#simulator/feed/venue-markets.ts";

const START = Date.UTC(2026, 5, 1, 12, 34, 56);

function world(seed: string) {
  const clock = { now: START };
  const now = () => clock.now;
  const engines = SIM_VENUES.map((venue) => createVenueEngine({ venue, markets: venueMarkets(venue), seed, now }));
  const feed = createRecordedFeed({ engines, seed, now });
  const steps = (count: number) => {
    for (let step = 0; step < count; step += 1) {
      clock.now += 350;
      feed.step();
    }
  };
  steps(1);
  return { clock, engines, feed, steps, binance: engines[0] as SimVenueEngine };
}

function picture(engines: readonly SimVenueEngine[]): string {
  return JSON.stringify(
    engines.map((engine) =>
      engine.markets().map(({ symbol }) => [engine.book(symbol), engine.ticker(symbol), engine.publicTrades(symbol, 50)]),
    ),
  );
}

describe("the recorded feed", () => {
  it("gives the same books, tickers and trades for the same seed and clock, and others for another seed", () => {
    const [one, same, other] = [world("a"), world("a"), world("b")];
    for (const each of [one, same, other]) each.steps(20);
    expect(picture(same.engines)).toBe(picture(one.engines));
    expect(picture(other.engines)).not.toBe(picture(one.engines));
  });

  it("keeps every book uncrossed, on tick and step, sorted, with no level twice", () => {
    const { engines, steps } = world("grid");
    for (let round = 0; round < 10; round += 1) {
      steps(1);
      for (const engine of engines) {
        for (const { symbol, priceTick, amountStep } of engine.markets()) {
          const { bids, asks } = engine.book(symbol) ?? { bids: [], asks: [] };
          expect(bids.length > 10 && asks.length > 10, symbol).toBe(true);
          const prices = [...bids.map(([price]) => price).reverse(), ...asks.map(([price]) => price)];
          for (const [index, price] of prices.entries()) {
            const before = prices[index - 1];
            if (before !== undefined) expect(price.gt(before), `${symbol} ${before} ${price}`).toBe(true);
            expect(price.mod(priceTick).isZero()).toBe(true);
          }
          for (const [, amount] of [...bids, ...asks]) expect(amount.gt(0) && amount.mod(amountStep).isZero()).toBe(true);
        }
      }
    }
  });

  it("keeps one asset's price within 20 bps over all venues and quotes", () => {
    const { engines } = world("together");
    for (const base of ["BTC", "ETH", "SOL"]) {
      const mids = engines.flatMap((engine) =>
        engine
          .markets()
          .filter((market) => market.base === base)
          .map(({ symbol }) => engine.ticker(symbol)?.bid.toNumber() ?? 0),
      );
      // Binance, coinbase and kraken alone list each of the three against two to three quotes.
      expect(mids.length).toBeGreaterThanOrEqual(8);
      expect(Math.max(...mids) / Math.min(...mids) - 1).toBeLessThan(0.002);
    }
  });

  it("has a thousand consistent bars of each timeframe that end at the present price", () => {
    const { binance } = world("bars");
    const mid = binance.ticker("BTC/USDT")?.bid.toNumber() ?? 0;
    for (const timeframe of [60_000, 300_000, 900_000, 3_600_000, 14_400_000, 86_400_000]) {
      const bars = binance.candles("BTC/USDT", timeframe, undefined, 1_000);
      expect(bars).toHaveLength(1_000);
      for (const [index, bar] of bars.entries()) {
        expect(bar.high.gte(bar.open) && bar.high.gte(bar.close) && bar.low.lte(bar.open) && bar.low.lte(bar.close)).toBe(true);
        const before = bars[index - 1];
        if (before === undefined) continue;
        expect(bar.openAt - before.openAt).toBe(timeframe);
        expect(Math.abs(bar.open.div(before.close).toNumber() - 1)).toBeLessThan(0.0001);
      }
      expect(Math.abs((bars.at(-1)?.close.toNumber() ?? 0) / mid - 1)).toBeLessThan(0.0005);
    }
    const since = START - 10 * 60_000;
    expect(binance.candles("BTC/USDT", 60_000, since, 3).map((bar) => bar.openAt)).toEqual(
      [1, 2, 3].map((minute) => Math.floor(since / 60_000) * 60_000 + minute * 60_000),
    );
  });

  it("builds an hour's minutes so that together they are the hour", () => {
    const { binance, clock } = world("hours");
    clock.now = Math.ceil(START / 3_600_000) * 3_600_000 - 1;
    const hour = binance.candles("ETH/USDT", 3_600_000, undefined, 2)[0];
    const minutes = binance.candles("ETH/USDT", 60_000, hour?.openAt, 60);
    expect(minutes).toHaveLength(60);
    expect(minutes[0]?.open.toString()).toBe(hour?.open.toString());
    expect(minutes.at(-1)?.close.toString()).toBe(hour?.close.toString());
    expect(Math.max(...minutes.map((bar) => bar.high.toNumber()))).toBe(hour?.high.toNumber());
    expect(Math.min(...minutes.map((bar) => bar.low.toNumber()))).toBe(hour?.low.toNumber());
  });

  it("loops over the recording without a jump", () => {
    const bars = readHourBars("BTC");
    const path = createBasePath("BTC", bars, "loop");
    let worst = 0;
    for (let hour = 0; hour < 2 * bars.length + 2; hour += 1) {
      const [before, after] = path.bars(3_600_000, hour * 3_600_000, 2, 1e13);
      worst = Math.max(worst, Math.abs((after?.open ?? 0) / (before?.close ?? 0) - 1));
    }
    expect(worst).toBeLessThan(1e-9);
  });

  it("stands still when frozen, restores what was consumed, and moves, thins and empties by hand", () => {
    const { binance, feed, steps } = world("hand");
    feed.override("binance", "BTC/USDT", { mid: 50_000, frozen: true });
    const depth = () => JSON.stringify([binance.book("BTC/USDT")?.bids, binance.book("BTC/USDT")?.asks]);
    const before = depth();
    steps(30);
    expect(depth()).toBe(before);
    expect(binance.ticker("BTC/USDT")?.bid.toNumber()).toBeCloseTo(50_000, -2);
    expect(binance.candles("BTC/USDT", 60_000, undefined, 1)[0]?.close.toNumber()).toBeCloseTo(50_000, -2);
    feed.override("binance", "BTC/USDT", { mid: 49_000 });
    expect(binance.ticker("BTC/USDT")?.ask.toNumber()).toBeCloseTo(49_000, -2);
    const full = binance.book("BTC/USDT")?.asks.reduce((sum, [, amount]) => sum + amount.toNumber(), 0) ?? 0;
    feed.override("binance", "BTC/USDT", { liquidity: 0.1 });
    const thin = binance.book("BTC/USDT")?.asks.reduce((sum, [, amount]) => sum + amount.toNumber(), 0) ?? 0;
    expect(thin / full).toBeGreaterThan(0.05);
    expect(thin / full).toBeLessThan(0.2);
    feed.override("binance", "BTC/USDT", { liquidity: 0 });
    expect(binance.book("BTC/USDT")?.asks).toEqual([]);
    feed.override("binance", "BTC/USDT", { liquidity: 1, mid: null, frozen: false });
    steps(1);
    expect(binance.ticker("BTC/USDT")?.ask.toNumber()).toBeGreaterThan(55_000);
  });
});
