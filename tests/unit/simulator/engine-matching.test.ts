import { describe, expect, it } from "vitest";
import { Decimal } from "#server/domain/decimal.ts";
import type { SimEvent, SimOrderRequest } from "#simulator/engine/types.ts";
import type { SimVenueEngine } from "#simulator/engine/venue-engine.ts";
import { createSimEngine, levels, type SimEngineFixture, simAccount } from "#tests/support/sim-engine.ts";

const BTC = "BTC/USDT";

function limit(
  side: "buy" | "sell",
  price: number | string,
  amount: number | string,
  more: Partial<SimOrderRequest> = {},
): SimOrderRequest {
  return {
    symbol: BTC,
    side,
    type: "limit",
    price: new Decimal(price),
    amount: new Decimal(amount),
    timeInForce: "GTC",
    postOnly: false,
    ...more,
  };
}

function market(side: "buy" | "sell", size: { amount?: number | string; cost?: number | string }): SimOrderRequest {
  return {
    symbol: BTC,
    side,
    type: "market",
    timeInForce: "GTC",
    postOnly: false,
    ...(size.amount === undefined ? {} : { amount: new Decimal(size.amount) }),
    ...(size.cost === undefined ? {} : { cost: new Decimal(size.cost) }),
  };
}

function withSecond(setup: Parameters<typeof createSimEngine>[0] = {}): SimEngineFixture & { second: string } {
  const fixture = createSimEngine(setup);
  const second = simAccount("binance", { id: "second", apiKey: "second-key" });
  fixture.engine.addAccount(
    second,
    new Map([
      ["USDT", new Decimal(100_000)],
      ["BTC", new Decimal(10)],
    ]),
  );
  return { ...fixture, second: "second" };
}

function accepted(engine: SimVenueEngine, accountId: string, request: SimOrderRequest) {
  const result = engine.place(accountId, request);
  if (!result.ok) throw new Error(`refused: ${result.reason}`);
  return result.value;
}

function holding(engine: SimVenueEngine, accountId: string, asset: string): string {
  const found = engine.balances(accountId).find((balance) => balance.asset === asset);
  return `${found?.free ?? 0}/${found?.locked ?? 0}`;
}

function fillsOf(engine: SimVenueEngine, accountId: string): string[] {
  return engine.fills(accountId, {}).map((fill) => `${fill.side} ${fill.amount}@${fill.price} ${fill.maker ? "maker" : "taker"}`);
}

describe("a taker", () => {
  it("walks the external levels best first and pays the fee in what it receives", () => {
    const { engine, account } = createSimEngine();
    const { order, fills } = accepted(engine, account.id, market("buy", { amount: 2 }));
    expect(fills.map((fill) => `${fill.amount}@${fill.price} ${fill.fee}${fill.feeAsset}`)).toEqual([
      "1@100.01 0.002BTC",
      "1@100.02 0.002BTC",
    ]);
    expect([order.status, order.cost.toString()]).toEqual(["filled", "200.03"]);
    expect(holding(engine, account.id, "USDT")).toBe("99799.97/0");
    expect(holding(engine, account.id, "BTC")).toBe("11.996/0");
  });

  it("finds what another order consumed gone until the feed replaces the book", () => {
    const { engine, account } = createSimEngine();
    accepted(engine, account.id, market("buy", { amount: 1 }));
    expect(accepted(engine, account.id, market("buy", { amount: 1 })).fills[0]?.price.toString()).toBe("100.02");
    engine.setBook(BTC, { bids: levels(["99.99", 1]), asks: levels(["100.01", 1]) });
    expect(accepted(engine, account.id, market("buy", { amount: 1 })).fills[0]?.price.toString()).toBe("100.01");
  });

  it("takes the better price first and at one price the older of external liquidity and a user's order", () => {
    const { engine, account, second } = withSecond();
    accepted(engine, second, limit("sell", "100.02", 1)); // behind the external 2 at 100.02
    accepted(engine, second, limit("sell", "100.00", 1)); // better than any external
    accepted(engine, account.id, market("buy", { amount: 4.5 }));
    expect(fillsOf(engine, account.id)).toEqual([
      "buy 1@100 taker",
      "buy 1@100.01 taker",
      "buy 2@100.02 taker",
      "buy 0.5@100.02 taker",
    ]);
    engine.setBook(BTC, { bids: levels(["99.99", 1]), asks: levels(["100.02", 2]) });
    accepted(engine, account.id, market("buy", { amount: 0.5 }));
    expect(engine.fills(second, {}).at(-1)?.amount.toString(), "older than the new book").toBe("0.5");
  });

  it("fills two makers of one price in the order they came", () => {
    const { engine, account, second } = withSecond();
    engine.addAccount(simAccount("binance", { id: "third", apiKey: "third-key" }), new Map([["BTC", new Decimal(10)]]));
    accepted(engine, "third", limit("sell", "100", 1));
    accepted(engine, second, limit("sell", "100", 1));
    accepted(engine, account.id, limit("buy", "100", 1.5));
    expect(fillsOf(engine, "third")).toEqual(["sell 1@100 maker"]);
    expect(fillsOf(engine, second)).toEqual(["sell 0.5@100 maker"]);
  });

  it("stops at a resting order of its own account, and what is left of it expires", () => {
    const { engine, account } = createSimEngine();
    const own = accepted(engine, account.id, limit("sell", "100.02", 1)).order;
    engine.setBook(BTC, { bids: levels(["99.99", 1]), asks: levels(["100.01", 1], ["100.03", 5]) });
    const { order } = accepted(engine, account.id, limit("buy", "100.03", 3));
    expect([order.status, order.filled.toString()]).toEqual(["expired", "1"]);
    expect(engine.order(account.id, own.id)?.filled.toString()).toBe("0");
  });

  it("spends at most its cost, in whole steps", () => {
    const { engine, account } = createSimEngine();
    const { order } = accepted(engine, account.id, market("buy", { cost: 150 }));
    expect([order.amount.toString(), order.cost.toString(), order.status]).toEqual(["1.499", "149.91998", "filled"]);
  });

  it("spends at most its cost with the fee in it where the venue says so", () => {
    const { engine, account } = createSimEngine({ venue: "coinbase", account: { feeMode: "quote" } });
    const result = engine.place(account.id, { ...market("buy", { cost: 50 }), symbol: "BTC/USD" });
    const spent = result.ok
      ? result.value.fills.reduce((sum, f) => sum.plus(f.price.times(f.amount)).plus(f.fee), new Decimal(0))
      : null;
    expect(spent?.lte(50)).toBe(true);
    expect(spent?.gt(49.8)).toBe(true);
  });

  it("expires what the book cannot give a market order or an IOC, and keeps what was filled", () => {
    const { engine, account } = createSimEngine();
    const sold = accepted(engine, account.id, market("sell", { amount: 8 })).order;
    expect([sold.status, sold.filled.toString()]).toEqual(["expired", "6"]);
    const bought = accepted(engine, account.id, limit("buy", "100.01", 2, { timeInForce: "IOC" })).order;
    expect([bought.status, bought.filled.toString()]).toEqual(["expired", "1"]);
    expect(engine.openOrders(account.id)).toEqual([]);
    expect(holding(engine, account.id, "BTC")).toBe("4.998/0");
  });

  it("fills a FOK wholly or not at all", () => {
    const { engine, account } = createSimEngine();
    const killed = accepted(engine, account.id, limit("buy", "100.02", 3.5, { timeInForce: "FOK" }));
    expect([killed.order.status, killed.fills.length]).toEqual(["expired", 0]);
    expect(holding(engine, account.id, "USDT")).toBe("100000/0");
    const filled = accepted(engine, account.id, limit("buy", "100.02", 3, { timeInForce: "FOK" }));
    expect([filled.order.status, filled.order.filled.toString()]).toEqual(["filled", "3"]);
  });
});

describe("a resting order", () => {
  it("fills at its own price as maker when the feed's book touches it, as far as the liquidity goes", () => {
    const { engine, account } = createSimEngine();
    const { order } = accepted(engine, account.id, limit("buy", "99.50", 3));
    expect([order.status, holding(engine, account.id, "USDT")]).toEqual(["open", "99701.5/298.5"]);
    engine.setBook(BTC, { bids: levels(["99.00", 1]), asks: levels(["99.50", 1], ["99.60", 9]) });
    expect(engine.order(account.id, order.id)?.filled.toString()).toBe("1");
    engine.setBook(BTC, { bids: levels(["98.00", 1]), asks: levels(["98.50", 9]) });
    expect(engine.order(account.id, order.id)?.status).toBe("filled");
    expect(fillsOf(engine, account.id)).toEqual(["buy 1@99.5 maker", "buy 2@99.5 maker"]);
    expect(holding(engine, account.id, "USDT")).toBe("99701.5/0");
    expect(engine.book(BTC)?.asks[0]?.[1].toString(), "what it took is gone").toBe("7");
  });

  it("shares scarce liquidity by price, then by time", () => {
    const { engine, account, second } = withSecond();
    accepted(engine, account.id, limit("buy", "99.50", 1));
    accepted(engine, second, limit("buy", "99.50", 1));
    accepted(engine, second, limit("buy", "99.60", 1));
    engine.setBook(BTC, { bids: levels(["99.00", 1]), asks: levels(["99.40", 2]) });
    expect(fillsOf(engine, second)).toEqual(["buy 1@99.6 maker"]);
    expect(fillsOf(engine, account.id)).toEqual(["buy 1@99.5 maker"]);
  });

  it("is in the public book, summed with what is there", () => {
    const { engine, account } = createSimEngine();
    const before = engine.book(BTC)?.sequence ?? 0;
    accepted(engine, account.id, limit("buy", "99.99", 2));
    accepted(engine, account.id, limit("buy", "100.00", 1));
    const book = engine.book(BTC, 2);
    expect(book?.bids.map(([price, amount]) => `${amount}@${price}`)).toEqual(["1@100", "3@99.99"]);
    expect(book?.sequence).toBe(before + 1);
  });

  it("gives back its locked funds on cancel, once", () => {
    const { engine, account } = createSimEngine();
    const { order } = accepted(engine, account.id, limit("sell", "101", 4));
    expect(holding(engine, account.id, "BTC")).toBe("6/4");
    expect(engine.cancel(account.id, order.id)).toMatchObject({ ok: true, value: { status: "canceled" } });
    expect(holding(engine, account.id, "BTC")).toBe("10/0");
    expect(engine.cancel(account.id, order.id)).toEqual({ ok: false, reason: "unknown-order" });
    expect(holding(engine, account.id, "BTC")).toBe("10/0");
  });

  it("cannot be seen, changed or cancelled by another account", () => {
    const { engine, account, second } = withSecond();
    const { order } = accepted(engine, account.id, limit("sell", "101", 4));
    expect(engine.order(second, order.id)).toBeUndefined();
    expect(engine.cancel(second, order.id)).toEqual({ ok: false, reason: "unknown-order" });
    expect(engine.replace(second, order.id, { price: new Decimal(102) })).toEqual({ ok: false, reason: "unknown-order" });
  });
});

describe("a replace", () => {
  it("keeps the id, moves the lock, and takes at once if the new price crosses", () => {
    const { engine, account } = createSimEngine();
    const { order } = accepted(engine, account.id, limit("buy", "99", 2));
    engine.replace(account.id, order.id, { price: new Decimal("99.5"), amount: new Decimal(1) });
    expect(holding(engine, account.id, "USDT")).toBe("99900.5/99.5");
    const crossed = engine.replace(account.id, order.id, { price: new Decimal("100.01") });
    expect(crossed).toMatchObject({ ok: true, value: { id: order.id, status: "filled" } });
    expect(holding(engine, account.id, "USDT")).toBe("99899.99/0");
  });

  it("keeps the place in the queue only when the amount goes down", () => {
    const { engine, account, second } = withSecond();
    const first = accepted(engine, account.id, limit("sell", "100", 2)).order;
    accepted(engine, second, limit("sell", "100", 2));
    engine.replace(account.id, first.id, { amount: new Decimal(1) });
    engine.addAccount(simAccount("binance", { id: "third", apiKey: "third-key" }), new Map([["USDT", new Decimal(1_000)]]));
    accepted(engine, "third", limit("buy", "100", 0.5));
    expect(fillsOf(engine, account.id)).toEqual(["sell 0.5@100 maker"]);
    engine.replace(account.id, first.id, { amount: new Decimal(3) });
    accepted(engine, "third", limit("buy", "100", 0.5));
    expect(fillsOf(engine, second)).toEqual(["sell 0.5@100 maker"]);
  });

  it("changes nothing when it is refused", () => {
    const { engine, account } = createSimEngine();
    const { order } = accepted(engine, account.id, limit("buy", "99", 2, { postOnly: true }));
    const refuse = (change: { price?: number; amount?: number }) =>
      engine.replace(account.id, order.id, {
        ...(change.price === undefined ? {} : { price: new Decimal(change.price) }),
        ...(change.amount === undefined ? {} : { amount: new Decimal(change.amount) }),
      });
    expect(refuse({ price: 100.01 })).toEqual({ ok: false, reason: "would-take" });
    expect(refuse({ price: 99.001 })).toEqual({ ok: false, reason: "price-tick" });
    expect(refuse({ amount: 1_000_000 })).toEqual({ ok: false, reason: "insufficient-funds" });
    expect(engine.order(account.id, order.id)).toEqual(order);
    expect(holding(engine, account.id, "USDT")).toBe("99802/198");
  });
});

describe("events", () => {
  it("come after the whole change, the order's own before its fill", () => {
    const { engine, account } = createSimEngine();
    const seen: string[] = [];
    engine.subscribe((event: SimEvent) => {
      if (event.kind === "order") seen.push(`order ${event.order.status} ${event.order.filled}`);
      if (event.kind === "fill") seen.push(`fill ${event.fill.amount} ${engine.order(account.id, event.order.id)?.status}`);
      if (event.kind === "balance") seen.push(`balance ${event.balances.map((balance) => balance.asset).join()}`);
    });
    accepted(engine, account.id, limit("buy", "100.02", 2));
    expect(seen).toEqual([
      "order open 0",
      "order open 1",
      "fill 1 filled",
      "order filled 2",
      "fill 1 filled",
      "balance USDT,BTC",
    ]);
  });
});
