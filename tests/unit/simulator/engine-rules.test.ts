import { describe, expect, it } from "vitest";
import { Decimal } from "#server/domain/decimal.ts";
import type { SimOrderRequest } from "#simulator/engine/types.ts";
import { createSimEngine, levels, simAccount, simMarket } from "#tests/support/sim-engine.ts";

function request(
  changes: Partial<Record<"price" | "amount" | "cost", string>> & Partial<Omit<SimOrderRequest, "price" | "amount" | "cost">>,
): SimOrderRequest {
  const { price, amount, cost, ...rest } = changes;
  return {
    symbol: "BTC/USDT",
    side: "buy",
    type: price === undefined ? "market" : "limit",
    timeInForce: "GTC",
    postOnly: false,
    ...(price === undefined ? {} : { price: new Decimal(price) }),
    ...(amount === undefined ? {} : { amount: new Decimal(amount) }),
    ...(cost === undefined ? {} : { cost: new Decimal(cost) }),
    ...rest,
  };
}

describe("a refusal", () => {
  it.each([
    ["unknown-symbol", { price: "100", amount: "1", symbol: "DOGE/USDT" }],
    ["price-tick", { price: "99.995", amount: "1" }],
    ["amount-step", { price: "99", amount: "1.0005" }],
    ["amount-min", { price: "99", amount: "0.001", symbol: "ETH/USDT" }],
    ["cost-min", { price: "99", amount: "0.05" }],
    ["cost-min", { amount: "0.04" }],
    ["cost-min", { cost: "4.99" }],
    ["bad-request", { amount: "1", cost: "100" }],
    ["bad-request", { cost: "100", side: "sell" as const }],
    ["bad-request", { price: "0", amount: "1" }],
    ["bad-request", { price: "99", amount: "-1" }],
    ["bad-request", { price: "99", amount: "NaN" }],
    ["bad-request", { price: "99", amount: "1", postOnly: true, timeInForce: "IOC" as const }],
    ["would-take", { price: "100.01", amount: "1", postOnly: true }],
    ["insufficient-funds", { price: "99", amount: "1011" }],
    ["insufficient-funds", { amount: "10.001", side: "sell" as const }],
  ] as const)("%s changes nothing: %o", (reason, wanted) => {
    const { engine, account } = createSimEngine({
      markets: [simMarket("BTC/USDT"), simMarket("ETH/USDT", { amountMin: new Decimal(1) })],
    });
    const before = JSON.stringify([engine.record(account.id), engine.book("BTC/USDT")]);
    expect(engine.place(account.id, request(wanted))).toEqual({ ok: false, reason });
    expect(JSON.stringify([engine.record(account.id), engine.book("BTC/USDT")])).toBe(before);
  });

  it("comes to an account that may not trade and in a market that is closed", () => {
    const { engine, account } = createSimEngine({ account: { permissions: { read: true, trade: false, withdraw: false } } });
    expect(engine.place(account.id, request({ amount: "1" }))).toEqual({ ok: false, reason: "not-permitted" });
    const other = createSimEngine();
    other.engine.setOpen("BTC/USDT", false);
    expect(other.engine.place(other.account.id, request({ amount: "1" }))).toEqual({ ok: false, reason: "not-permitted" });
  });

  it("lets a buy use its last unit and not one more, fee included where the quote pays it", () => {
    const exact = createSimEngine({ balances: { USDT: "99.198" }, account: { feeMode: "quote" } });
    expect(exact.engine.place(exact.account.id, request({ price: "99", amount: "1" })).ok).toBe(true);
    const short = createSimEngine({ balances: { USDT: "99.197999" }, account: { feeMode: "quote" } });
    expect(short.engine.place(short.account.id, request({ price: "99", amount: "1" }))).toEqual({
      ok: false,
      reason: "insufficient-funds",
    });
  });
});

describe("a fee", () => {
  it("comes out of the quote on both sides where the account says so, for a maker at the maker's rate", () => {
    const { engine, account } = createSimEngine({ account: { feeMode: "quote" } });
    engine.place(account.id, request({ amount: "1" }));
    engine.place(account.id, request({ price: "99", amount: "1" }));
    engine.setBook("BTC/USDT", { bids: levels(["98", 1]), asks: levels(["99", 1]) });
    expect(engine.fills(account.id, {}).map((fill) => `${fill.fee} ${fill.feeAsset}`)).toEqual(["0.20002 USDT", "0.099 USDT"]);
    expect(JSON.stringify(engine.balances(account.id).find(({ asset }) => asset === "USDT"))).toBe(
      '{"asset":"USDT","free":"99800.69098","locked":"0"}',
    );
  });

  it("comes out of a third asset at its price and discount, and out of the received one when that runs short", () => {
    const assetPrices = new Map([["BNB", new Decimal(500)]]);
    const { engine, account } = createSimEngine({
      account: { feeMode: { asset: "BNB" } },
      balances: { USDT: 100_000, BNB: "0.0004" },
      options: { assetPrices },
    });
    engine.place(account.id, request({ amount: "2" }));
    expect(engine.fills(account.id, {}).map((fill) => `${fill.fee} ${fill.feeAsset}`)).toEqual(["0.00030003 BNB", "0.002 BTC"]);
  });

  it("of many small fills together fits into what the whole order locked, to the last unit", () => {
    const fine = simMarket("BTC/USDT", { amountStep: new Decimal("0.00000001"), takerFee: new Decimal("0.0026") });
    const exact = new Decimal("100").times("0.3").times("1.0026");
    const { engine, account } = createSimEngine({
      markets: [fine],
      account: { feeMode: "quote" },
      balances: { USDT: exact.toString() },
    });
    engine.setBook("BTC/USDT", {
      bids: [],
      asks: levels(...Array.from({ length: 60 }, (_, index) => [100, `0.0050000${index + 10}`] as const)),
    });
    expect(engine.place(account.id, request({ price: "100", amount: "0.3" }))).toMatchObject({
      ok: true,
      value: { order: { status: "filled" } },
    });
    const left = engine.balances(account.id).find(({ asset }) => asset === "USDT");
    expect([left?.free.gte(0), left?.free.lt("0.000001"), left?.locked.toString()]).toEqual([true, true, "0"]);
  });

  it("may be a rebate", () => {
    const { engine, account } = createSimEngine({
      markets: [simMarket("BTC/USDT", { makerFee: new Decimal("-0.0005") })],
      account: { feeMode: "quote" },
    });
    engine.place(account.id, request({ price: "99", amount: "1" }));
    engine.setBook("BTC/USDT", { bids: [], asks: levels(["99", 1]) });
    expect(engine.fills(account.id, {})[0]?.fee.toString()).toBe("-0.0495");
    expect(engine.totals().fees.get("USDT")?.toString()).toBe("-0.0495");
  });
});

describe("a client id", () => {
  it("is refused while its order is open and free again afterwards at binance and kraken", () => {
    for (const venue of ["binance", "kraken"] as const) {
      const { engine, account } = createSimEngine({ venue });
      const wanted = request({ price: "99", amount: "1", clientOrderId: "abc", symbol: engine.markets()[0]?.symbol ?? "" });
      const first = engine.place(account.id, wanted);
      expect(engine.place(account.id, wanted)).toEqual({ ok: false, reason: "duplicate-client-id" });
      if (first.ok) engine.cancel(account.id, first.value.order.id);
      expect(engine.place(account.id, wanted).ok).toBe(true);
      expect(engine.orderByClientId(account.id, "abc")?.status).toBe("open");
    }
  });

  it("answers with the earlier order at coinbase, and trades once", () => {
    const { engine, account } = createSimEngine({ venue: "coinbase" });
    const wanted = request({ amount: "1", clientOrderId: "abc", symbol: "BTC/USD" });
    const first = engine.place(account.id, wanted);
    expect(engine.place(account.id, wanted)).toEqual(first);
    expect(engine.record(account.id)?.fills).toHaveLength(1);
  });

  it("is refused at bybit whatever became of its order", () => {
    const { engine, account } = createSimEngine({ venue: "bybit" });
    const wanted = request({ price: "99", amount: "1", clientOrderId: "abc", symbol: "BTC/USD" });
    const first = engine.place(account.id, wanted);
    if (first.ok) engine.cancel(account.id, first.value.order.id);
    expect(engine.orderByClientId(account.id, "abc")?.status).toBe("canceled");
    expect(engine.place(account.id, wanted)).toEqual({ ok: false, reason: "duplicate-client-id" });
  });

  it("is not compared at gate: another order is placed, and the id names that one", () => {
    const { engine, account } = createSimEngine({ venue: "gate" });
    const wanted = request({ price: "99", amount: "1", clientOrderId: "abc", symbol: "BTC/USD" });
    const [first, second] = [engine.place(account.id, wanted), engine.place(account.id, wanted)];
    expect([first.ok, second.ok]).toEqual([true, true]);
    expect(engine.openOrders(account.id)).toHaveLength(2);
    expect(engine.orderByClientId(account.id, "abc")).toEqual(second.ok ? second.value.order : null);
  });

  it("of another account is no duplicate", () => {
    const { engine, account } = createSimEngine();
    engine.addAccount(simAccount("binance", { id: "second", apiKey: "k2" }), new Map([["USDT", new Decimal(1_000)]]));
    const wanted = request({ price: "99", amount: "1", clientOrderId: "abc" });
    expect(engine.place(account.id, wanted).ok).toBe(true);
    expect(engine.place("second", wanted).ok).toBe(true);
  });
});

describe("a post-only order that would take", () => {
  it.each([
    ["a level of the book", []],
    ["an order of its own account", [request({ price: "100", amount: "1", side: "sell", symbol: "BTC/USD" })]],
  ])("is accepted and expires at bybit when it meets %s, with nothing filled and nothing held", (_what, resting) => {
    const { engine, account } = createSimEngine({ venue: "bybit" });
    for (const order of resting) expect(engine.place(account.id, order).ok).toBe(true);
    const before = engine.record(account.id)?.balances;
    const crossing = engine.place(account.id, request({ price: "100.01", amount: "1", postOnly: true, symbol: "BTC/USD" }));
    expect(crossing).toMatchObject({ ok: true, value: { order: { status: "expired" }, fills: [] } });
    expect(engine.record(account.id)?.fills).toEqual([]);
    expect(engine.record(account.id)?.balances).toEqual(before);
    expect(engine.openOrders(account.id)).toHaveLength(resting.length);
  });
});

describe("ids", () => {
  it("have the venue's own form and never repeat", () => {
    const forms = {
      binance: [/^\d+$/, /^\d+$/],
      coinbase: [/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/, /^[0-9a-f-]{36}$/],
      bybit: [/^\d+$/, /^\d+$/],
      gate: [/^\d+$/, /^\d+$/],
      kucoin: [/^[0-9a-f]{24}$/, /^\d+$/],
      kraken: [/^O[A-Z2-7]{5}-[A-Z2-7]{5}-[A-Z2-7]{6}$/, /^T[A-Z2-7]{5}-[A-Z2-7]{5}-[A-Z2-7]{6}$/],
    } as const;
    for (const venue of ["binance", "coinbase", "bybit", "gate", "kucoin", "kraken"] as const) {
      const { engine, account } = createSimEngine({ venue });
      const symbol = engine.markets()[0]?.symbol ?? "";
      const seen = new Set<string>();
      for (let count = 0; count < 50; count += 1) engine.place(account.id, request({ amount: "0.1", symbol }));
      for (const fill of engine.fills(account.id, {})) {
        expect(fill.orderId).toMatch(forms[venue][0]);
        expect(fill.id).toMatch(forms[venue][1]);
        seen.add(fill.id).add(`order ${fill.orderId}`);
      }
      expect(seen.size).toBe(100);
    }
  });
});
