import ccxt from "ccxt";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Decimal } from "#server/domain/decimal.ts";
import { cancelPoints, DEFAULT_LIMITS, DecayingCounters, NO_LIMITS } from "#simulator/protocols/kraken/call-limits.ts";
import { idOf, krakenClient, type KrakenVenue, rawPrivate, startKrakenVenue } from "#tests/support/kraken-venue.ts";
import { levels } from "#tests/support/sim-engine.ts";

let venue: KrakenVenue;
let client: ReturnType<typeof krakenClient>;

beforeEach(async () => {
  venue = await startKrakenVenue(NO_LIMITS);
  client = krakenClient(venue);
});

afterEach(async () => {
  await venue.stop();
});

const limitBuy = { pair: "XBTUSD", type: "buy", ordertype: "limit", volume: "0.01" };

describe("changing and cancelling", () => {
  it("amends in place and keeps both ids", async () => {
    const placed = await client.createOrder("BTC/USD", "limit", "buy", 0.1, 40000, { clientOrderId: "keep-me" });
    const amended = await client.editOrder(idOf(placed), "BTC/USD", "limit", "buy", 0.2, 41000);
    expect(amended.info.amend_id).toMatch(/^T[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{6}$/);
    await client.editOrder("", "BTC/USD", "limit", "buy", undefined, 42000, { clientOrderId: "keep-me" });
    expect(await client.fetchOpenOrders()).toMatchObject([
      { id: placed.id, clientOrderId: "keep-me", price: 42000, amount: 0.2 },
    ]);
    const refused = await rawPrivate(venue, "AmendOrder", { txid: idOf(placed), limit_price: "50000", post_only: "true" });
    expect(refused.error).toEqual(["EOrder:Post only order"]);
  });

  it("edits under a new id, and leaves the original alone if the edit is refused", async () => {
    const placed = await client.createOrder("BTC/USD", "limit", "buy", 0.1, 40000, { userref: 5 });
    const edit = (params: Record<string, string>) =>
      rawPrivate(venue, "EditOrder", { pair: "XBTUSD", txid: idOf(placed), ...params });
    expect((await edit({ volume: "10" })).error).toEqual(["EOrder:Insufficient funds"]);
    expect((await edit({ volume: "0.00000001" })).error).toEqual(["EOrder:Order minimum not met"]);
    expect((await edit({ price: "51000", oflags: "post" })).error).toEqual(["EOrder:Post only order"]);
    expect(await client.fetchOpenOrders()).toMatchObject([{ id: placed.id, amount: 0.1, price: 40000 }]);
    const { result } = await edit({ volume: "0.3", price: "41000" });
    expect(result).toMatchObject({
      status: "ok",
      originaltxid: placed.id,
      orders_cancelled: 1,
      volume: "0.30000000",
      price: "41000",
    });
    expect(result["txid"]).not.toBe(placed.id);
    expect(await client.fetchOpenOrders()).toMatchObject([{ id: result["txid"], amount: 0.3, price: 41000 }]);
  });

  it("cancels in bulk and counts", async () => {
    const ids: string[] = [];
    for (const price of [40000, 40001, 40002, 40003])
      ids.push(idOf(await client.createOrder("BTC/USD", "limit", "buy", 0.01, price)));
    const [batch] = await client.cancelOrders(ids.slice(0, 2));
    expect(batch?.info.result).toEqual({ count: 2 });
    const [all] = await client.cancelAllOrders();
    expect(all?.info.result).toEqual({ count: 2 });
    expect(await client.fetchOpenOrders()).toEqual([]);
  });

  it("cancels everything when the dead man's switch is not renewed, and nothing when it is switched off", async () => {
    await client.createOrder("BTC/USD", "limit", "buy", 0.01, 40000);
    const armed = await client.cancelAllOrdersAfter(1000);
    expect(armed["result"]).toEqual({ currentTime: "2026-01-01T00:00:00Z", triggerTime: "2026-01-01T00:00:01Z" });
    venue.engine.setClockSkew(999);
    expect(venue.engine.openOrders(venue.account.id)).toHaveLength(1);
    venue.engine.setClockSkew(1000);
    expect(venue.engine.openOrders(venue.account.id)).toEqual([]);
    venue.engine.setClockSkew(0);
    await client.createOrder("BTC/USD", "limit", "buy", 0.01, 40000);
    await client.cancelAllOrdersAfter(60_000);
    expect((await client.cancelAllOrdersAfter(0))["result"].triggerTime).toBe("0");
    expect((await rawPrivate(venue, "CancelAllOrdersAfter", { timeout: "86401" })).error).toEqual([
      "EGeneral:Invalid arguments:timeout",
    ]);
    expect(await client.fetchOpenOrders()).toHaveLength(1);
  });

  it("places a batch: all or nothing on malformed orders, each for itself on funds", async () => {
    const orders = [
      { type: "buy", ordertype: "limit", price: "40000", volume: "0.1", cl_ord_id: "b1" },
      { type: "buy", ordertype: "limit", price: "40000", volume: "1000" },
      { type: "sell", ordertype: "limit", price: "60000", volume: "0.1" },
    ];
    const { result } = await rawPrivate(venue, "AddOrderBatch", { pair: "XBTUSD", orders }, { json: true });
    expect(result["orders"]).toMatchObject([
      { txid: expect.stringMatching(/^O/), descr: { order: "buy 0.10000000 XBTUSD @ limit 40000.0" } },
      { error: "EOrder:Insufficient funds" },
      { txid: expect.stringMatching(/^O/) },
    ]);
    const bad = [orders[2], { type: "sell", ordertype: "limit", price: "1.23", volume: "1" }];
    const refused = await rawPrivate(venue, "AddOrderBatch", { pair: "XBTUSD", orders: bad }, { json: true });
    expect(refused.error[0]).toContain("EOrder:Invalid price");
    expect(await client.fetchOpenOrders()).toHaveLength(2);
    const created = await client.createOrders([
      { symbol: "ETH/USD", type: "limit", side: "buy", amount: 1, price: 50 },
      { symbol: "ETH/USD", type: "limit", side: "buy", amount: 2, price: 51 },
    ] as never);
    expect(created.map(({ id, amount }) => [id?.startsWith("O"), amount])).toEqual([
      [true, 1],
      [true, 2],
    ]);
  });

  it("takes JSON bodies for single calls too", async () => {
    const placed = await rawPrivate(venue, "AddOrder", { ...limitBuy, price: 40000, volume: 0.01 }, { json: true });
    expect(placed.result["descr"]).toEqual({ order: "buy 0.01000000 XBTUSD @ limit 40000.0" });
    const txid = (placed.result["txid"] as string[])[0];
    expect((await rawPrivate(venue, "CancelOrder", { txid }, { json: true })).result).toEqual({ count: 1 });
    const broken = await fetch(`${venue.origin}/0/private/AddOrder`, {
      method: "POST",
      headers: { "API-Key": "x" },
      body: "{oops",
    });
    expect(await broken.json()).toEqual({ error: ["EGeneral:Invalid arguments"] });
  });
});

describe("histories", () => {
  it("pages closed orders by offset, newest first, with the count of all", async () => {
    const ids: string[] = [];
    for (let index = 0; index < 60; index += 1) {
      venue.clock.now += 1000;
      const placed = venue.engine.place(venue.account.id, {
        symbol: "ETH/USD",
        side: "buy",
        type: "market",
        amount: new Decimal("0.1"),
        timeInForce: "IOC",
        postOnly: false,
      });
      if (placed.ok) ids.push(placed.value.order.id);
    }
    expect(ids).toHaveLength(60);
    const pages: { count: number; closed: Record<string, unknown> }[] = [];
    for (const ofs of ["0", "50"])
      pages.push((await rawPrivate(venue, "ClosedOrders", { ofs })).result as { count: number; closed: Record<string, unknown> });
    expect(pages.map((page) => page.count)).toEqual([60, 60]);
    expect(pages.flatMap((page) => Object.keys(page.closed))).toEqual(ids.toReversed());
    const trades: Record<string, { ordertxid: string }>[] = [];
    for (const ofs of ["0", "50"])
      trades.push((await rawPrivate(venue, "TradesHistory", { ofs })).result["trades"] as Record<string, { ordertxid: string }>);
    expect(trades.map((page) => Object.keys(page).length)).toEqual([50, 10]);
    expect(trades.flatMap((page) => Object.values(page).map((trade) => trade.ordertxid))).toEqual(ids.toReversed());
    const since = venue.clock.now - 5000;
    expect(await client.fetchMyTrades("ETH/USD", since)).toHaveLength(5);
    expect(await client.fetchClosedOrders("ETH/USD", since)).toHaveLength(5);
  });

  it("answers several orders at once and leaves out what does not exist", async () => {
    const a = await client.createOrder("BTC/USD", "limit", "buy", 0.01, 40000);
    const b = await client.createOrder("BTC/USD", "market", "sell", 0.01);
    const orders = await client.fetchOrdersByIds([idOf(a), idOf(b), "OAAAAA-AAAAA-AAAAAA"]);
    expect(orders.map(({ id, status }) => [id, status])).toEqual([
      [a.id, "open"],
      [b.id, "closed"],
    ]);
  });

  it("keeps a ledger whose balances follow each trade, and reports the fee tier and totals", async () => {
    await client.createOrder("BTC/USD", "market", "buy", 0.1);
    await client.createOrder("BTC/USD", "market", "sell", 0.1);
    const entries = await client.fetchLedger("USD");
    expect(entries.toReversed().map(({ direction, after }) => [direction, after])).toEqual([
      ["out", 100_000 - 5000 - 20],
      ["in", new Decimal(94_980).add("4999.99").sub("19.99996").toNumber()],
    ]);
    expect(await client.fetchTradingFee("BTC/USD")).toMatchObject({ maker: 0.0025, taker: 0.004 });
    const plain = (await rawPrivate(venue, "Balance")).result;
    expect(plain["XXBT"]).toBe("2.0000000000");
    const totals = (await rawPrivate(venue, "TradeBalance", { asset: "ZUSD" })).result;
    expect(Number(totals["eb"])).toBeGreaterThan(199_000);
  });
});

describe("fees in base", () => {
  it("takes the fee of an fcib order from the base and reports it in quote on REST", async () => {
    const placed = await client.createOrder("BTC/USD", "market", "buy", 0.1, undefined, { oflags: "fcib" });
    const balance = await client.fetchBalance();
    expect(balance["BTC"]?.total).toBe(2.0996);
    expect(balance["USD"]?.total).toBe(95_000);
    const raw = (await rawPrivate(venue, "QueryOrders", { txid: idOf(placed) })).result[idOf(placed)];
    expect(raw).toMatchObject({ fee: "20.00000", oflags: "fcib" });
  });
});

describe("call limits", () => {
  it("never meets a client that keeps to one request a second", () => {
    let now = 0;
    const calls = new DecayingCounters(DEFAULT_LIMITS.calls, "calls", () => now);
    const orders = new DecayingCounters(DEFAULT_LIMITS.orders, "orders", () => now);
    for (let second = 0; second < 3600; second += 1, now += 1000) {
      calls.add("key", 2);
      if (second % 2 === 0) orders.add("pair", 1);
      else orders.charge("pair", cancelPoints(1000));
    }
    expect(() => {
      for (let burst = 0; burst < 21; burst += 1) calls.add("key", 1);
    }).toThrow("calls");
  });

  it("refuses a burst with the documented error and lets orders through", async () => {
    const limited = await startKrakenVenue({ ...DEFAULT_LIMITS, calls: { max: 3, decayPerSecond: 0.000001 } });
    const impatient = krakenClient(limited);
    try {
      await impatient.loadMarkets();
      for (let call = 0; call < 3; call += 1) await impatient.fetchBalance();
      await expect(impatient.fetchBalance()).rejects.toThrow(ccxt.DDoSProtection);
      expect((await rawPrivate(limited, "OpenOrders")).error).toEqual(["EAPI:Rate limit exceeded"]);
      // Orders do not count as calls.
      expect((await rawPrivate(limited, "AddOrder", { ...limitBuy, price: "40000" })).error).toEqual([]);
    } finally {
      await limited.stop();
    }
  });

  it("refuses orders, never cancels, when a pair's order counter is full", async () => {
    const limited = await startKrakenVenue({ ...DEFAULT_LIMITS, orders: { max: 2, decayPerSecond: 0.000001 } });
    try {
      const place = () => rawPrivate(limited, "AddOrder", { ...limitBuy, price: "40000" });
      const txid = ((await place()).result["txid"] as string[])[0] ?? "";
      expect((await place()).error).toEqual([]);
      expect((await place()).error).toEqual(["EOrder:Rate limit exceeded"]);
      expect((await rawPrivate(limited, "CancelOrder", { txid })).result).toEqual({ count: 1 });
      const other = await rawPrivate(limited, "AddOrder", { ...limitBuy, pair: "ETHUSD", price: "50", volume: "1" });
      expect(other.error).toEqual([]);
    } finally {
      await limited.stop();
    }
  });
});

it("fills only what the book holds of a limit order and rests the remainder", async () => {
  venue.engine.setBook("BTC/USD", { bids: levels(["49999.0", 1]), asks: levels(["50000.0", "0.3"]) });
  const placed = await client.createOrder("BTC/USD", "limit", "buy", 1, 50000);
  expect(await client.fetchOrder(idOf(placed))).toMatchObject({ status: "open", filled: 0.3, remaining: 0.7 });
});
