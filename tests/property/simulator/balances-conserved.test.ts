import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Decimal } from "#server/domain/decimal.ts";
import type { SimFeeMode, SimOrderRequest } from "#simulator/engine/types.ts";
import type { SimVenueEngine } from "#simulator/engine/venue-engine.ts";
import { createSimEngine, levels, simAccount } from "#tests/support/sim-engine.ts";

const SYMBOL = "BTC/USDT";
const FEE_MODES: readonly SimFeeMode[] = ["received", "quote", { asset: "BNB" }];

type Step =
  | { readonly do: "place"; readonly account: number; readonly request: SimOrderRequest }
  | { readonly do: "cancel"; readonly account: number; readonly order: number }
  | {
      readonly do: "replace";
      readonly account: number;
      readonly order: number;
      readonly price: Decimal;
      readonly amount: Decimal;
    }
  | { readonly do: "book"; readonly mid: number; readonly size: number }
  | { readonly do: "deposit"; readonly account: number; readonly amount: Decimal };

const price = fc.integer({ min: 9_950, max: 10_050 }).map((cents) => new Decimal(cents).div(100));
const amount = fc.integer({ min: 1, max: 9_000 }).map((thousandths) => new Decimal(thousandths).div(1_000));
const account = fc.nat({ max: 2 });
const side = fc.constantFrom("buy" as const, "sell" as const);

const limitOrder: fc.Arbitrary<SimOrderRequest> = fc.record({
  symbol: fc.constant(SYMBOL),
  side,
  type: fc.constant("limit" as const),
  price,
  amount,
  timeInForce: fc.constantFrom("GTC" as const, "GTC" as const, "IOC" as const, "FOK" as const),
  postOnly: fc.constant(false),
});
const marketOrder: fc.Arbitrary<SimOrderRequest> = fc
  .record({ side, amount, byCost: fc.boolean() })
  .map(({ side: way, amount: size, byCost }) => ({
    symbol: SYMBOL,
    side: way,
    type: "market" as const,
    timeInForce: "GTC" as const,
    postOnly: false,
    ...(byCost && way === "buy" ? { cost: size.times(100) } : { amount: size }),
  }));

const waitingOrder: fc.Arbitrary<SimOrderRequest> = fc
  .record({
    request: fc.oneof(limitOrder, marketOrder),
    kind: fc.constantFrom("stop-loss" as const, "take-profit" as const),
    price,
    amount,
  })
  .map(({ request: { cost: _cost, ...request }, kind, price: at, amount: size }) => ({
    ...request,
    amount: request.amount ?? size,
    trigger: { kind, price: at },
  }));

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant("place" as const),
      account,
      request: fc.oneof(limitOrder, marketOrder, waitingOrder),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("cancel" as const), account, order: fc.nat({ max: 20 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("replace" as const), account, order: fc.nat({ max: 20 }), price, amount }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("book" as const),
      mid: fc.integer({ min: 9_960, max: 10_040 }),
      size: fc.integer({ min: 1, max: 40 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("deposit" as const),
      account,
      amount: fc.integer({ min: -5_000, max: 5_000 }).map((n) => new Decimal(n)),
    }),
  },
);

function run(engine: SimVenueEngine, accounts: readonly string[], { step: now }: { step: Step }): void {
  if (now.do === "book") {
    const at = (cents: number): string => new Decimal(cents).div(100).toString();
    const size = new Decimal(now.size).div(10).toString();
    engine.setBook(SYMBOL, {
      bids: levels([at(now.mid - 1), size], [at(now.mid - 3), size]),
      asks: levels([at(now.mid + 1), size], [at(now.mid + 3), size]),
    });
    return;
  }
  const id = accounts[now.account] ?? "";
  if (now.do === "place") engine.place(id, now.request);
  else if (now.do === "deposit") engine.deposit(id, { asset: "USDT", amount: now.amount });
  else {
    const open = engine.openOrders(id);
    const order = open[now.order % Math.max(1, open.length)];
    if (order === undefined) return;
    if (now.do === "cancel") engine.cancel(id, order.id);
    else engine.replace(id, order.id, { price: now.price, amount: now.amount });
  }
}

/** Every asset's sum over all accounts, the venue's fees and the outside; it must be zero at all times. */
function sums(engine: SimVenueEngine, accounts: readonly string[]): Map<string, string> {
  const sum = new Map<string, Decimal>();
  const add = (asset: string, value: Decimal) => sum.set(asset, (sum.get(asset) ?? new Decimal(0)).plus(value));
  for (const id of accounts) for (const { asset, free, locked } of engine.balances(id)) add(asset, free.plus(locked));
  const { external, fees } = engine.totals();
  for (const [asset, value] of [...external, ...fees]) add(asset, value);
  return new Map([...sum].filter(([, value]) => !value.isZero()).map(([asset, value]) => [asset, value.toString()]));
}

/** What open orders must hold, from the orders alone. */
function lockedByOrders(engine: SimVenueEngine, id: string, feeRate: Decimal): Record<string, Decimal> {
  const locked = { BTC: new Decimal(0), USDT: new Decimal(0) };
  for (const order of engine.openOrders(id)) {
    const left = order.amount.minus(order.filled);
    if (order.side === "sell") locked.BTC = locked.BTC.plus(left);
    else locked.USDT = locked.USDT.plus(left.times(order.price ?? order.trigger?.price ?? 0).times(feeRate.plus(1)));
  }
  return locked;
}

describe("whatever is placed, changed, cancelled and matched", () => {
  it("no unit of any asset appears or is lost, and no balance is negative", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), fc.constantFrom(...FEE_MODES), (steps, feeMode) => {
        const { engine } = createSimEngine({
          account: { feeMode },
          balances: { USDT: 2_000, BTC: 20, BNB: "0.01" },
          options: { assetPrices: new Map([["BNB", new Decimal(600)]]) },
        });
        for (const id of ["second", "third"]) {
          const funds = new Map([
            ["USDT", new Decimal(5_000)],
            ["BTC", new Decimal(15)],
          ]);
          engine.addAccount(simAccount("binance", { id, apiKey: id, feeMode: id === "second" ? "quote" : feeMode }), funds);
        }
        const accounts = ["binance-account", "second", "third"];
        for (const next of steps) {
          run(engine, accounts, { step: next });
          expect(sums(engine, accounts)).toEqual(new Map());
          for (const { free, locked } of accounts.flatMap((id) => engine.balances(id)))
            expect(free.gte(0) && locked.gte(0)).toBe(true);
        }
      }),
      { numRuns: 150 },
    );
  });

  it("what is locked is at least what the open orders still need, and nothing once they are gone", () => {
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 1, maxLength: 60 }),
        fc.constantFrom("received" as const, "quote" as const),
        (steps, feeMode) => {
          const { engine, account: owner } = createSimEngine({ account: { feeMode } });
          for (const next of steps) run(engine, [owner.id, owner.id, owner.id], { step: next });
          const needed = lockedByOrders(engine, owner.id, new Decimal(feeMode === "quote" ? "0.002" : 0));
          for (const { asset, locked } of engine.balances(owner.id)) expect(locked.gte(needed[asset] ?? 0)).toBe(true);
          for (const order of engine.openOrders(owner.id)) engine.cancel(owner.id, order.id);
          for (const { locked } of engine.balances(owner.id)) expect(locked.toString()).toBe("0");
        },
      ),
      { numRuns: 150 },
    );
  });

  it("the public book never crosses, and an order's filled amount and cost are the sums of its fills", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
        const { engine } = createSimEngine();
        for (const id of ["second", "third"]) {
          engine.addAccount(
            simAccount("binance", { id, apiKey: id }),
            new Map([
              ["USDT", new Decimal(5_000)],
              ["BTC", new Decimal(15)],
            ]),
          );
        }
        const accounts = ["binance-account", "second", "third"];
        for (const next of steps) {
          run(engine, accounts, { step: next });
          const { bids, asks } = engine.book(SYMBOL, 1) ?? { bids: [], asks: [] };
          if (bids[0] && asks[0]) expect(bids[0][0].lt(asks[0][0])).toBe(true);
        }
        for (const { orders, fills } of accounts.map((id) => engine.record(id)).filter((record) => record !== undefined)) {
          for (const order of orders) {
            const own = fills.filter((fill) => fill.orderId === order.id);
            expect(own.reduce((sum, fill) => sum.plus(fill.amount), new Decimal(0)).eq(order.filled)).toBe(true);
            expect(own.reduce((sum, fill) => sum.plus(fill.amount.times(fill.price)), new Decimal(0)).eq(order.cost)).toBe(true);
          }
        }
      }),
      { numRuns: 150 },
    );
  });
});
