import { createHash, createHmac } from "node:crypto";
import ccxt from "ccxt";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Decimal } from "#server/domain/decimal.ts";
import { NO_LIMITS } from "#simulator/protocols/kraken/call-limits.ts";
import { idOf, krakenClient, type KrakenVenue, rawPrivate, startKrakenVenue } from "#tests/support/kraken-venue.ts";
import { levels, simAccount } from "#tests/support/sim-engine.ts";

let venue: KrakenVenue;
let client: ReturnType<typeof krakenClient>;

beforeEach(async () => {
  venue = await startKrakenVenue(NO_LIMITS);
  client = krakenClient(venue);
});

afterEach(async () => {
  await venue.stop();
});

describe("public market data through ccxt", () => {
  it("answers the venue's clock and status", async () => {
    expect(await client.fetchTime()).toBe(venue.clock.now);
    expect((await client.fetchStatus()).status).toBe("ok");
  });

  it("lists markets and currencies under kraken's own names", async () => {
    const markets = await client.loadMarkets();
    const names = ["BTC/USD", "ETH/USD", "SOL/USD", "BTC/USDT"].map((symbol) => [
      markets[symbol]?.id,
      markets[symbol]?.info.wsname,
    ]);
    expect(names).toEqual([
      ["XXBTZUSD", "XBT/USD"],
      ["XETHZUSD", "ETH/USD"],
      ["SOLUSD", "SOL/USD"],
      ["XBTUSDT", "XBT/USDT"],
    ]);
    expect(markets["BTC/USD"]).toMatchObject({
      baseId: "BTC",
      maker: 0.0025,
      taker: 0.004,
      precision: { price: 0.1, amount: 1e-8 },
      limits: { amount: { min: 0.00005 }, cost: { min: 0.5 } },
      active: true,
    });
    expect(client.currencies["BTC"]?.id).toBe("XXBT");
    expect(client.currencies["USD"]?.id).toBe("ZUSD");
  });

  it("gives tickers, book, trades and candles of one market", async () => {
    venue.engine.addPublicTrade("BTC/USD", { price: new Decimal("50000"), amount: new Decimal("0.25"), takerSide: "buy" });
    venue.engine.setHistory("BTC/USD", {
      day: () => ({
        open: new Decimal(49000),
        high: new Decimal(50500),
        low: new Decimal(48000),
        baseVolume: new Decimal(10),
        quoteVolume: new Decimal(495000),
      }),
      candles: (frame, _since, limit) =>
        Array.from({ length: Math.min(limit, 3) }, (_, index) => ({
          openAt: venue.clock.now - (3 - index) * frame,
          open: new Decimal(49900 + index),
          high: new Decimal(50100),
          low: new Decimal(49800),
          close: new Decimal(50000),
          volume: new Decimal("1.5"),
        })),
    });
    expect(await client.fetchTicker("BTC/USD")).toMatchObject({
      bid: 49999.9,
      ask: 50000,
      last: 50000,
      open: 49000,
      baseVolume: 10,
    });
    expect(Object.keys(await client.fetchTickers(["BTC/USD", "SOL/USD"])).sort()).toEqual(["BTC/USD", "SOL/USD"]);
    const book = await client.fetchOrderBook("BTC/USD", 2);
    expect(book.asks.map((row) => row.slice(0, 2))).toEqual([
      [50000, 0.5],
      [50001, 2],
    ]);
    expect(book.bids).toHaveLength(2);
    expect(await client.fetchTrades("BTC/USD")).toMatchObject([{ side: "buy", price: 50000, amount: 0.25 }]);
    const candles = await client.fetchOHLCV("BTC/USD", "5m");
    expect(candles).toHaveLength(3);
    expect(candles[0]).toEqual([venue.clock.now - 900_000, 49900, 50100, 49800, 50000, 1.5]);
    expect(await client.fetchOHLCV("BTC/USD", "5m", venue.clock.now - 300_000)).toHaveLength(1);
  });

  it("takes a pair under any of its names and refuses an unknown one", async () => {
    for (const name of ["XXBTZUSD", "XBTUSD", "XBT/USD", "BTC/USD"]) {
      const answer = (await (await fetch(`${venue.origin}/0/public/Ticker?pair=${name}`)).json()) as { result: object };
      expect(Object.keys(answer.result)).toEqual(["XXBTZUSD"]);
    }
    const response = await fetch(`${venue.origin}/0/public/Ticker?pair=NOPE`);
    expect([response.status, await response.json()]).toEqual([200, { error: ["EQuery:Unknown asset pair"] }]);
  });
});

describe("authentication", () => {
  it("accepts the signature of kraken's documented example", async () => {
    const { krakenSignature } = await import("#simulator/protocols/kraken/auth.ts");
    const secret = "kQH5HW/8p1uGOVjbgWA7FunAmGO8lsSUXNsu3eow76sz84Q18fWxnyRzBHCd3pd5nE9qa99HAZtuZuj6F1huXg==";
    const nonce = "1616492376594";
    const body = `nonce=${nonce}&ordertype=limit&pair=XBTUSD&price=37500&type=buy&volume=1.25`;
    expect(krakenSignature(secret, "/0/private/AddOrder", nonce, body).toString("base64")).toBe(
      "4/dpxb3iT4tp/ZCVEwSnEsLxx0bqyhLpdfOpc6fn7OR8+UClSV5n9E6aSS8MPtnRfp32bAb0nmbRn6H8ndwLUQ==",
    );
  });

  it("refuses a forged signature, an unknown key and a body changed after signing", async () => {
    const secret = Buffer.from("another secret").toString("base64");
    await expect(krakenClient(venue, { apiKey: venue.account.apiKey, secret }).fetchBalance()).rejects.toThrow(
      "EAPI:Invalid signature",
    );
    await expect(krakenClient(venue, { apiKey: "nobody", secret }).fetchBalance()).rejects.toThrow(ccxt.AuthenticationError);
    const nonce = "99999999999999999";
    const digest = createHash("sha256").update(`${nonce}nonce=${nonce}&volume=1`).digest();
    const key = Buffer.from(venue.account.secret, "base64");
    const signature = createHmac("sha512", key).update("/0/private/AddOrder").update(digest).digest("base64");
    const answer = await rawPrivate(venue, "AddOrder", { volume: "2" }, { nonce, signature });
    expect(answer.error).toEqual(["EAPI:Invalid signature"]);
  });

  it("wants a nonce above every earlier one of the key, and a forged call does not burn one", async () => {
    expect((await rawPrivate(venue, "Balance", {}, { nonce: "5000" })).error).toEqual([]);
    expect((await rawPrivate(venue, "Balance", {}, { nonce: "9000", signature: "AAAA" })).error).toEqual([
      "EAPI:Invalid signature",
    ]);
    for (const nonce of ["5000", "4999", "-1", "x", "18446744073709551616"]) {
      expect((await rawPrivate(venue, "Balance", {}, { nonce })).error).toEqual(["EAPI:Invalid nonce"]);
    }
    expect((await rawPrivate(venue, "Balance", {}, { nonce: "5001" })).error).toEqual([]);
    client.nonce = () => 5000;
    await expect(client.fetchBalance()).rejects.toThrow(ccxt.InvalidNonce);
  });

  it("holds a key to its permissions", async () => {
    const secret = Buffer.from("read only").toString("base64");
    const reader = simAccount("kraken", {
      id: "r",
      apiKey: "reader",
      secret,
      permissions: { read: true, trade: false, withdraw: false },
    });
    const trader = simAccount("kraken", {
      id: "t",
      apiKey: "trader",
      secret,
      permissions: { read: false, trade: true, withdraw: true },
    });
    venue.engine.addAccount(reader, new Map([["USD", new Decimal(1000)]]));
    venue.engine.addAccount(trader, new Map([["USD", new Decimal(1000)]]));
    await expect(krakenClient(venue, reader).createOrder("BTC/USD", "limit", "buy", 0.001, 100)).rejects.toThrow(
      ccxt.PermissionDenied,
    );
    expect((await krakenClient(venue, reader).fetchBalance())["USD"]).toMatchObject({ total: 1000 });
    await expect(krakenClient(venue, trader).fetchBalance()).rejects.toThrow(ccxt.PermissionDenied);
    const info = await rawPrivate(venue, "GetApiKeyInfo", {}, { account: trader });
    expect(info.result["permissions"]).toEqual(["modify-trades", "close-trades", "withdraw-funds"]);
  });

  it("does not let one account see or cancel another's order", async () => {
    const secret = Buffer.from("stranger").toString("base64");
    venue.engine.addAccount(simAccount("kraken", { id: "s", apiKey: "stranger", secret }));
    const stranger = krakenClient(venue, { apiKey: "stranger", secret });
    const order = await client.createOrder("BTC/USD", "limit", "buy", 0.01, 40000, { clientOrderId: "mine1" });
    await expect(stranger.fetchOrder(idOf(order))).rejects.toThrow(ccxt.OrderNotFound);
    await expect(stranger.cancelOrder(idOf(order))).rejects.toThrow(ccxt.OrderNotFound);
    expect(await stranger.fetchOpenOrders(undefined, undefined, undefined, { clientOrderId: "mine1" })).toEqual([]);
    expect((await client.fetchOrder(idOf(order))).status).toBe("open");
  });
});

describe("placing orders through ccxt", () => {
  it("acknowledges a market order with its id only; its fills come from the order and the trades", async () => {
    const placed = await client.createOrder("BTC/USD", "market", "buy", 0.6);
    expect(Object.keys(placed.info)).toEqual(["txid", "descr"]);
    expect(placed).toMatchObject({ side: "buy", type: "market", symbol: "BTC/USD", amount: 0.6 });
    expect(placed.filled).toBeUndefined();
    const order = await client.fetchOrder(idOf(placed));
    // 0.5 at 50000 and 0.1 at 50001, 40 bps in USD.
    expect(order).toMatchObject({ status: "closed", filled: 0.6 });
    expect(order.info).toMatchObject({ cost: "30000.10000", fee: "120.00040", price: "50000.16667", oflags: "fciq" });
    expect([order.fee?.currency, Number(order.fee?.cost)]).toEqual(["USD", 120.0004]);
    expect(order.trades).toHaveLength(2);
    const trades = await client.fetchMyTrades("BTC/USD");
    expect(trades.map(({ order: id, price, amount, takerOrMaker }) => [id, price, amount, takerOrMaker])).toEqual(
      expect.arrayContaining([
        [placed.id, 50000, 0.5, "taker"],
        [placed.id, 50001, 0.1, "taker"],
      ]),
    );
    const byIds = await client.fetchOrderTrades(idOf(placed), undefined, undefined, undefined, { trades: order.trades });
    expect(byIds.map((trade) => Number(trade.fee?.cost)).toSorted((a, b) => a - b)).toEqual([20.0004, 100]);
    const balance = await client.fetchBalance();
    expect(balance["USD"]?.total).toBe(69_879.8996);
    expect(balance["BTC"]?.total).toBe(2.6);
  });

  it("buys for an amount of quote with viqc", async () => {
    const placed = await client.createMarketBuyOrderWithCost("BTC/USD", 1000);
    expect(placed.info.descr.order).toBe("buy 1000.00000000 XBTUSD @ market");
    const order = await client.fetchOrder(idOf(placed));
    expect([order.filled, order.cost]).toEqual([0.02, 1000]);
    expect(order.info.oflags).toContain("viqc");
    await expect(client.createOrder("BTC/USD", "market", "sell", 1000, undefined, { oflags: "viqc" })).rejects.toThrow(
      ccxt.InvalidOrder,
    );
  });

  it("rests a limit order, finds it by client id, and cancels it by client id", async () => {
    const placed = await client.createOrder("BTC/USD", "limit", "sell", 0.5, 60000, { clientOrderId: "abc123def456ghi789" });
    expect(placed).toMatchObject({ price: 60000, amount: 0.5, side: "sell" });
    const [open] = await client.fetchOpenOrders("BTC/USD", undefined, undefined, { clientOrderId: "abc123def456ghi789" });
    expect(open).toMatchObject({ id: placed.id, clientOrderId: "abc123def456ghi789", status: "open", filled: 0 });
    expect((await client.fetchBalance())["BTC"]).toEqual({ free: 1.5, used: 0.5, total: 2 });
    const canceled = await client.cancelOrder("", undefined, { clientOrderId: "abc123def456ghi789" });
    expect(canceled.info).toEqual({ error: [], result: { count: 1 } });
    const [closed] = await client.fetchClosedOrders("BTC/USD", undefined, undefined, { clientOrderId: "abc123def456ghi789" });
    expect(closed).toMatchObject({ id: placed.id, status: "canceled" });
    expect((await client.fetchBalance())["BTC"]?.used).toBe(0);
  });

  it("fills a resting order as maker when the market reaches it", async () => {
    const placed = await client.createOrder("BTC/USD", "limit", "buy", 0.2, 49000);
    venue.engine.setBook("BTC/USD", { bids: levels(["48000.0", 1]), asks: levels(["48900.0", 5]) });
    expect(await client.fetchOrder(idOf(placed))).toMatchObject({ status: "closed", average: 49000, info: { fee: "24.50000" } });
    expect(await client.fetchMyTrades()).toMatchObject([{ takerOrMaker: "maker", price: 49000, amount: 0.2 }]);
  });

  it("cancels what an IOC leaves and kills an FOK that does not fit", async () => {
    const ioc = await client.createOrder("BTC/USD", "limit", "buy", 1, 50000, { timeInForce: "IOC" });
    expect(await client.fetchOrder(idOf(ioc))).toMatchObject({ status: "canceled", filled: 0.5 });
    const fok = await client.createOrder("BTC/USD", "limit", "buy", 1.4, 50000, { timeInForce: "FOK" });
    expect(await client.fetchOrder(idOf(fok))).toMatchObject({ status: "canceled", filled: 0 });
  });

  it("refuses a post-only order that would take and rests one that would not", async () => {
    await expect(client.createOrder("BTC/USD", "limit", "buy", 0.1, 50000, { postOnly: true })).rejects.toThrow(
      "EOrder:Post only order",
    );
    const placed = await client.createOrder("BTC/USD", "limit", "buy", 0.1, 49999, { postOnly: true });
    expect(await client.fetchOrder(idOf(placed))).toMatchObject({ status: "open", postOnly: true });
  });

  it("validates without placing", async () => {
    const checked = await client.createOrder("BTC/USD", "limit", "buy", 1.25, 27500, { validate: true });
    expect(checked.info).toEqual({ descr: { order: "buy 1.25000000 XBTUSD @ limit 27500.0" } });
    expect(await client.fetchOpenOrders()).toEqual([]);
  });

  it("keeps a user reference and cancels by it", async () => {
    await client.createOrder("BTC/USD", "limit", "buy", 0.1, 40000, { userref: 77 });
    await client.createOrder("BTC/USD", "limit", "buy", 0.1, 41000, { userref: 77 });
    await client.createOrder("BTC/USD", "limit", "buy", 0.1, 42000, { userref: 78 });
    expect(await client.fetchOpenOrders(undefined, undefined, undefined, { userref: 77 })).toHaveLength(2);
    expect((await rawPrivate(venue, "CancelOrder", { txid: "77" })).result).toEqual({ count: 2 });
    expect(await client.fetchOpenOrders()).toMatchObject([{ price: 42000, clientOrderId: "78" }]);
  });
});

describe("refusals become the right ccxt class", () => {
  const cases: readonly [name: string, params: Record<string, string>, error: string][] = [
    ["too little money", { volume: "1000" }, "EOrder:Insufficient funds"],
    ["below the minimum amount", { volume: "0.00001" }, "EOrder:Order minimum not met"],
    ["below the minimum cost", { volume: "0.0001", price: "100" }, "EOrder:Cost minimum not met"],
    ["too many decimals", { price: "40000.01" }, "EOrder:Invalid price:XXBTZUSD price can only be specified up to 1 decimals."],
    ["off the amount step", { volume: "0.0100000001" }, "EGeneral:Invalid arguments:volume"],
    ["an unknown pair", { pair: "NOPE" }, "EQuery:Unknown asset pair"],
    ["a negative volume", { volume: "-1" }, "EGeneral:Invalid arguments:volume"],
    ["a volume that is no number", { volume: "NaN" }, "EGeneral:Invalid arguments:volume"],
    ["no price", { price: "" }, "EGeneral:Invalid arguments:price"],
    ["an order type that is not offered", { ordertype: "trailing-stop" }, "EGeneral:Invalid arguments:ordertype"],
    ["a stop without its limit", { ordertype: "stop-loss-limit", price: "90000" }, "EGeneral:Invalid arguments:price2"],
    [
      "a stop by the index price",
      { ordertype: "stop-loss", price: "90000", trigger: "index" },
      "EGeneral:Invalid arguments:trigger",
    ],
    ["a second price of an order without a trigger", { price2: "90000" }, "EGeneral:Invalid arguments:price2"],
    ["a side that is none", { type: "hold" }, "EGeneral:Invalid arguments:type"],
    ["a client id that is too long", { cl_ord_id: "a".repeat(19) }, "EGeneral:Invalid arguments:cl_ord_id"],
    ["a client id beside a user reference", { cl_ord_id: "a", userref: "1" }, "EGeneral:Invalid arguments"],
    ["a good-till-date order", { timeinforce: "GTD", expiretm: "+60" }, "EGeneral:Invalid arguments:expiretm"],
    ["a deadline that is over", { deadline: "2020-01-01T00:00:00Z" }, "EService:Deadline elapsed"],
    ["an unknown flag", { oflags: "post,foo" }, "EGeneral:Invalid arguments:oflags"],
  ];

  it.each(cases)("refuses %s and changes nothing", async (_name, change, error) => {
    const order = { pair: "XBTUSD", type: "buy", ordertype: "limit", price: "40000", volume: "0.01", ...change };
    expect(await rawPrivate(venue, "AddOrder", order)).toEqual({ status: 200, error: [error] });
    expect((await rawPrivate(venue, "OpenOrders")).result).toEqual({ open: {} });
    expect(venue.engine.balances(venue.account.id).every(({ locked }) => locked.isZero())).toBe(true);
  });

  it("throws ccxt's classes", async () => {
    await expect(client.createOrder("BTC/USD", "limit", "buy", 1000, 40000)).rejects.toThrow(ccxt.InsufficientFunds);
    await expect(client.createOrder("BTC/USD", "limit", "buy", 0.00001, 40000)).rejects.toThrow(ccxt.InvalidOrder);
    await expect(client.cancelOrder("OAAAAA-AAAAA-AAAAAA")).rejects.toThrow(ccxt.OrderNotFound);
    await expect(client.fetchOrder("OAAAAA-AAAAA-AAAAAA")).rejects.toThrow(ccxt.OrderNotFound);
    await expect(client.editOrder("OAAAAA-AAAAA-AAAAAA", "BTC/USD", "limit", "buy", 1, 40000)).rejects.toThrow(ccxt.InvalidOrder);
    await expect(client.fetchTicker("NOPE/USD")).rejects.toThrow(ccxt.BadSymbol);
  });

  it("refuses a client id that an open order has, and takes it again when that order is done", async () => {
    const first = await client.createOrder("BTC/USD", "limit", "buy", 0.01, 40000, { clientOrderId: "twice" });
    await expect(client.createOrder("BTC/USD", "limit", "buy", 0.01, 40000, { clientOrderId: "twice" })).rejects.toThrow(
      ccxt.InvalidOrder,
    );
    await client.cancelOrder(idOf(first));
    const second = await client.createOrder("BTC/USD", "limit", "buy", 0.01, 40000, { clientOrderId: "twice" });
    expect(second.id).not.toBe(first.id);
  });

  it("only cancels while a market is closed", async () => {
    const placed = await client.createOrder("BTC/USD", "limit", "buy", 0.01, 40000);
    venue.engine.setOpen("BTC/USD", false);
    await expect(client.createOrder("BTC/USD", "limit", "buy", 0.01, 40000)).rejects.toThrow(ccxt.OnMaintenance);
    await client.cancelOrder(idOf(placed));
    expect(await client.fetchOpenOrders()).toEqual([]);
  });

  it("maps every reason of the engine and every injected failure to a documented body", async () => {
    const classOf = async (body: unknown, status = 200) => {
      try {
        client.handleErrors(status, "", "", "POST", {}, JSON.stringify(body), body, {}, {});
      } catch (error) {
        return error;
      }
      return undefined;
    };
    const expected = [
      ["insufficient-funds", ccxt.InsufficientFunds],
      ["price-tick", ccxt.InvalidOrder],
      ["amount-step", ccxt.InvalidOrder],
      ["amount-min", ccxt.InvalidOrder],
      ["cost-min", ccxt.ExchangeError],
      ["would-take", ccxt.ExchangeError],
      ["duplicate-client-id", ccxt.InvalidOrder],
      ["unknown-order", ccxt.InvalidOrder],
      ["unknown-symbol", ccxt.BadSymbol],
      ["bad-request", ccxt.BadRequest],
      ["not-permitted", ccxt.PermissionDenied],
    ] as const;
    for (const [reason, type] of expected) expect(await classOf(venue.face.refusal(reason).body), reason).toBeInstanceOf(type);
    const limited = venue.face.failure({ kind: "rate-limited", retryAfterSeconds: 5, banned: false });
    expect(limited).toEqual({ status: 200, body: { error: ["EAPI:Rate limit exceeded"] } });
    expect(await classOf(limited.body)).toBeInstanceOf(ccxt.DDoSProtection);
    const down = venue.face.failure({ kind: "unavailable", status: 503 });
    expect(down.status).toBe(503);
    expect(await classOf(down.body, 503)).toBeInstanceOf(ccxt.ExchangeNotAvailable);
  });
});
