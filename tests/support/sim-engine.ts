import { Decimal } from "#server/domain/decimal.ts";
import type { SimAccount, SimLevel, SimMarket, SimVenueId } from "#simulator/engine/types.ts";
import { createVenueEngine, type SimVenueEngine, type VenueEngineOptions } from "#simulator/engine/venue-engine.ts";

/** A market with readable numbers: tick 0.01, step 0.001, minimum 0.001 and 5 quote, maker 10 bps, taker 20 bps. */
export function simMarket(symbol: string, changes: Partial<SimMarket> = {}): SimMarket {
  const [base = "", quote = ""] = symbol.split("/");
  return {
    symbol,
    base,
    quote,
    priceTick: new Decimal("0.01"),
    amountStep: new Decimal("0.001"),
    amountMin: new Decimal("0.001"),
    costMin: new Decimal("5"),
    makerFee: new Decimal("0.001"),
    takerFee: new Decimal("0.002"),
    ...changes,
  };
}

/** Levels from pairs of numbers or strings: `levels([100, 1], [101, 2])`. */
export function levels(...pairs: readonly (readonly [string | number, string | number])[]): SimLevel[] {
  return pairs.map(([price, amount]) => [new Decimal(price), new Decimal(amount)] as const);
}

export function simAccount(venue: SimVenueId, changes: Partial<SimAccount> = {}): SimAccount {
  return {
    id: `${venue}-account`,
    venue,
    apiKey: `${venue}-key`,
    secret: `${venue}-secret`,
    feeMode: "received",
    permissions: { read: true, trade: true, withdraw: false },
    ...changes,
  };
}

export interface SimEngineSetup {
  readonly venue?: SimVenueId;
  readonly account?: Partial<SimAccount>;
  readonly balances?: Readonly<Record<string, string | number>>;
  readonly markets?: readonly SimMarket[];
  readonly options?: Partial<VenueEngineOptions>;
}

export interface SimEngineFixture {
  readonly engine: SimVenueEngine;
  readonly account: SimAccount;
  /** The test's own clock: starts at 2026-01-01T00:00:00Z and moves only by hand. */
  readonly clock: { now: number };
}

/**
 * A venue with two markets (BTC and ETH against USDT at binance, else USD), a book of three levels a side around 100 in each
 * (bids 99.99 x 1, 99.98 x 2, 99.97 x 3; asks 100.01 x 1, 100.02 x 2, 100.03 x 3) and one account with 100,000 quote,
 * 10 BTC and 100 ETH.
 */
export function createSimEngine(setup: SimEngineSetup = {}): SimEngineFixture {
  const venue = setup.venue ?? "binance";
  const quote = venue === "binance" ? "USDT" : "USD";
  const markets = setup.markets ?? [simMarket(`BTC/${quote}`), simMarket(`ETH/${quote}`)];
  const clock = { now: Date.UTC(2026, 0, 1) };
  const engine = createVenueEngine({ venue, markets, seed: "test", now: () => clock.now, ...setup.options });
  for (const { symbol } of markets) {
    engine.setBook(symbol, {
      bids: levels(["99.99", 1], ["99.98", 2], ["99.97", 3]),
      asks: levels(["100.01", 1], ["100.02", 2], ["100.03", 3]),
    });
  }
  const account = simAccount(venue, setup.account);
  const balances = setup.balances ?? { [quote]: 100_000, BTC: 10, ETH: 100 };
  engine.addAccount(account, new Map(Object.entries(balances).map(([asset, amount]) => [asset, new Decimal(amount)])));
  return { engine, account, clock };
}
