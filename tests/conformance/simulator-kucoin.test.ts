import ccxt from "ccxt";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  idOf,
  kucoinCall,
  kucoinClient,
  type KucoinVenue,
  MARKET_ID,
  publicCall,
  setKnownBook,
  startKucoinVenue,
  SYMBOL,
} from "#tests/support/kucoin-venue.ts";

const LEAN = { uta: false, hf: true, fetchMarkets: { types: ["spot"], fetchTickersFees: false } };
let venue: KucoinVenue;
let client: ReturnType<typeof kucoinClient>;
let ids = 0;
const freshId = (): string => `nija${Date.now().toString(36)}${++ids}`.slice(0, 18);

beforeAll(async () => {
  venue = await startKucoinVenue();
  client = kucoinClient(venue, LEAN);
  await client.loadMarkets();
});
afterAll(() => venue.close());
beforeEach(() => setKnownBook(venue));

describe("market data", () => {
  test("the clock is the venue's and the venue is open", async () => {
    const before = venue.engine.now();
    const time = await client.fetchTime();
    expect(time).toBeGreaterThanOrEqual(before);
    expect(time).toBeLessThanOrEqual(venue.engine.now());
    expect((await client.fetchStatus()).status).toBe("ok");
  });

  test("a default load with keys finds the spot markets with their rules, their fees and nothing of other products", async () => {
    const full = kucoinClient(venue);
    const markets = Object.values(await full.loadMarkets());
    expect(new Set(markets.map((market) => market?.symbol))).toEqual(new Set(["BTC/USDT", "ETH/USDT"]));
    const market = full.market(SYMBOL);
    const truth = venue.engine.market(SYMBOL);
    expect([market.id, market.type, market.active, market.margin]).toEqual([MARKET_ID, "spot", true, false]);
    expect([market.precision.price, market.precision.amount]).toEqual([Number(truth?.priceTick), Number(truth?.amountStep)]);
    expect(market.limits.amount?.min).toBe(Number(truth?.amountMin));
    expect([market.taker, market.maker]).toEqual([Number(truth?.takerFee), Number(truth?.makerFee)]);
    expect(Object.keys(full.currencies).sort()).toEqual(["BTC", "ETH", "USDT"]);
    // The library finds out by itself that this is no unified account, and which endpoints its orders go to.
    expect([full.options["uta"], full.options["hf"]]).toEqual([false, true]);
  });

  test("tickers, book, candles and trades are the engine's", async () => {
    const truth = venue.engine.ticker(SYMBOL);
    const ticker = await client.fetchTicker(SYMBOL);
    expect([ticker.bid, ticker.ask, ticker.last]).toEqual([truth?.bid, truth?.ask, truth?.last].map(Number));
    expect(Object.keys(await client.fetchTickers()).sort()).toEqual(["BTC/USDT", "ETH/USDT"]);
    const book = await client.fetchOrderBook(SYMBOL, 20);
    expect(book.asks[0]).toEqual([50_000, 2]);
    expect(book.nonce).toBe(venue.engine.book(SYMBOL)?.sequence);
    const whole = await client.fetchOrderBook(SYMBOL);
    expect(whole.bids).toHaveLength(venue.engine.book(SYMBOL)?.bids.length ?? 0);
    const candles = await client.fetchOHLCV(SYMBOL, "1h", undefined, 24);
    expect(candles.length).toBeGreaterThanOrEqual(23);
    const since = Number(candles[3]?.[0]);
    const later = await client.fetchOHLCV(SYMBOL, "1h", since, 4);
    expect(later.slice(0, 4).map((candle) => candle[0])).toEqual(candles.slice(3, 7).map((candle) => candle[0]));
    const [open, high, low, close] = (later[0] ?? []).slice(1).map(Number);
    expect(Math.max(Number(open), Number(close))).toBeLessThanOrEqual(Number(high));
    expect(Math.min(Number(open), Number(close))).toBeGreaterThanOrEqual(Number(low));
    const week = await client.fetchOHLCV(SYMBOL, "1w", undefined, 3);
    expect(new Date(Number(week.at(-1)?.[0])).getUTCDay()).toBe(1);
    await client.createOrder(SYMBOL, "market", "buy", 0.001);
    const trades = await client.fetchTrades(SYMBOL);
    expect(trades.at(-1)).toMatchObject({ side: "buy", amount: 0.001, price: 50_000 });
  });

  test("documented public calls answer in the documented form", async () => {
    const level1 = await publicCall(venue, `/api/v1/market/orderbook/level1?symbol=${MARKET_ID}`);
    expect(level1).toMatchObject({ status: 200, body: { code: "200000", data: { bestAsk: "50000", bestAskSize: "2" } } });
    const symbol = await publicCall(venue, `/api/v2/symbols/${MARKET_ID}`);
    expect(symbol.body.data).toMatchObject({ baseIncrement: "0.00000001", priceIncrement: "0.1", feeCurrency: "USDT" });
    const currency = await publicCall(venue, "/api/v3/currencies/BTC");
    expect(currency.body.data).toMatchObject({ currency: "BTC", precision: 8, chains: [{ chainId: "btc" }] });
    const candles = await publicCall<string[][]>(venue, `/api/v1/market/candles?symbol=${MARKET_ID}&type=1min&startAt=0`);
    const times = candles.body.data?.map(([time]) => Number(time)) ?? [];
    expect(times.length).toBeGreaterThan(1);
    expect(times).toEqual([...times].sort((a, b) => b - a));
    expect(candles.body.data?.[0]).toHaveLength(7);
  });

  test.each([
    ["/api/v1/market/stats?symbol=NO-SUCH", 200, "900001"],
    ["/api/v1/market/stats", 200, "400100"],
    [`/api/v1/market/candles?symbol=${MARKET_ID}&type=7min`, 200, "400100"],
    ["/api/v1/no/such", 404, "404000"],
  ])("%s is refused with %i %s", async (path, status, code) => {
    expect(await publicCall(venue, path)).toMatchObject({ status, body: { code, msg: expect.any(String) } });
  });
});

describe("orders through ccxt", () => {
  test("a market buy fills with its fee in the quote asset", async () => {
    const clientOrderId = freshId();
    const placed = await client.createOrder(SYMBOL, "market", "buy", 0.002, undefined, { clientOrderId });
    const order = await client.fetchOrder(idOf(placed), SYMBOL);
    expect(order).toMatchObject({ status: "closed", filled: 0.002, clientOrderId, type: "market", side: "buy", cost: 100 });
    expect(order.fee).toEqual({ currency: "USDT", cost: 0.1 });
    const [trade] = await client.fetchMyTrades(SYMBOL, undefined, 1);
    expect(trade).toMatchObject({ order: placed.id, price: 50_000, amount: 0.002, takerOrMaker: "taker" });
    expect(trade?.fee).toMatchObject({ currency: "USDT", cost: 0.1, rate: 0.001 });
  });

  test("an amount of quote is spent by a buy and received by a sell", async () => {
    const bought = await client.createMarketBuyOrderWithCost(SYMBOL, 150);
    const order = await client.fetchOrder(idOf(bought), SYMBOL);
    expect(order.cost).toBeGreaterThan(149.9);
    expect(order.cost).toBeLessThanOrEqual(150);
    expect(order.info).toMatchObject({ size: "0", funds: "150" });
    const sold = await client.createMarketSellOrderWithCost(SYMBOL, 150);
    expect((await client.fetchOrder(idOf(sold), SYMBOL)).cost).toBeGreaterThan(149.9);
  });

  test("a resting limit order is found by both ids and in the open list, canceled once, and then told so", async () => {
    const clientOrderId = freshId();
    const { id = "" } = await client.createOrder(SYMBOL, "limit", "buy", 0.01, 40_000, { clientOrderId });
    expect(await client.fetchOrder(id, SYMBOL)).toMatchObject({ status: "open", price: 40_000, amount: 0.01, clientOrderId });
    expect((await client.fetchOrder("any", SYMBOL, { clientOrderId })).id).toBe(id);
    expect((await client.fetchOpenOrders(SYMBOL)).map((open) => open.id)).toContain(id);
    await client.cancelOrder("", SYMBOL, { clientOrderId });
    expect((await client.fetchOrder(id, SYMBOL)).status).toBe("canceled");
    expect((await client.fetchClosedOrders(SYMBOL)).map((order) => order.id)).toContain(id);
    await expect(client.cancelOrder(id, SYMBOL)).rejects.toBeInstanceOf(ccxt.OrderNotFound);
    await expect(client.fetchOrder("no-such-order", SYMBOL)).rejects.toBeInstanceOf(ccxt.OrderNotFound);
  });

  test("IOC and FOK leave nothing resting, and a post-only order that would take ends unfilled", async () => {
    const ioc = await client.createOrder(SYMBOL, "limit", "buy", 3, 50_000, { timeInForce: "IOC" });
    expect(await client.fetchOrder(idOf(ioc), SYMBOL)).toMatchObject({ status: "canceled", filled: 2 });
    setKnownBook(venue);
    const fok = await client.createOrder(SYMBOL, "limit", "buy", 3, 50_000, { timeInForce: "FOK" });
    expect(await client.fetchOrder(idOf(fok), SYMBOL)).toMatchObject({ status: "canceled", filled: 0 });
    const crossing = await client.createOrder(SYMBOL, "limit", "buy", 0.01, 50_000, { postOnly: true });
    expect(await client.fetchOrder(idOf(crossing), SYMBOL)).toMatchObject({ status: "canceled", filled: 0 });
    const resting = await client.createOrder(SYMBOL, "limit", "buy", 0.01, 49_000, { postOnly: true });
    expect(await client.fetchOrder(idOf(resting), SYMBOL)).toMatchObject({ status: "open", postOnly: true });
    await client.cancelAllOrders(SYMBOL);
    expect(await client.fetchOpenOrders(SYMBOL)).toEqual([]);
  });

  test("a change of an order cancels it and places another under the same client id", async () => {
    const clientOrderId = freshId();
    const { id = "" } = await client.createOrder(SYMBOL, "limit", "buy", 0.01, 40_000, { clientOrderId });
    const edited = await client.editOrder(id, SYMBOL, "limit", "buy", 0.02, 41_000);
    expect(edited.id).not.toBe(id);
    expect((await client.fetchOrder(id, SYMBOL)).status).toBe("canceled");
    const order = await client.fetchOrder(idOf(edited), SYMBOL);
    expect(order).toMatchObject({ status: "open", price: 41_000, amount: 0.02, clientOrderId });
    await client.cancelAllOrders();
  });

  test("balances and fees are the account's", async () => {
    const balance = await client.fetchBalance();
    for (const { asset, free, locked } of venue.engine.balances(venue.account.id)) {
      expect([balance[asset]?.free, balance[asset]?.used], asset).toEqual([Number(free), Number(locked)]);
    }
    expect(await client.fetchTradingFee(SYMBOL)).toMatchObject({ maker: 0.001, taker: 0.001 });
  });
});

describe("the classic endpoints serve the same orders", () => {
  test("place, find, list, cancel and trade through them", async () => {
    const classic = kucoinClient(venue, { ...LEAN, hf: false });
    await classic.loadMarkets();
    const clientOrderId = freshId();
    const { id = "" } = await classic.createOrder(SYMBOL, "limit", "buy", 0.01, 40_000, { clientOrderId });
    expect(await classic.fetchOrder(id, SYMBOL)).toMatchObject({ status: "open", clientOrderId, amount: 0.01 });
    expect((await classic.fetchOrder("any", SYMBOL, { clientOrderId })).id).toBe(id);
    expect((await classic.fetchOpenOrders()).map((order) => order.id)).toContain(id);
    expect((await client.fetchOrder(id, SYMBOL)).clientOrderId).toBe(clientOrderId);
    await classic.cancelOrder("", SYMBOL, { clientOrderId });
    expect((await classic.fetchClosedOrders(SYMBOL)).find((order) => order.id === id)?.status).toBe("canceled");
    await expect(classic.cancelOrder(id, SYMBOL)).rejects.toBeInstanceOf(ccxt.OrderNotFound);
    const taken = await classic.createOrder(SYMBOL, "market", "sell", 0.001);
    const trades = await classic.fetchMyTrades(SYMBOL);
    expect(trades.find((trade) => trade.order === taken.id)).toMatchObject({ amount: 0.001, fee: { currency: "USDT" } });
    expect((await classic.fetchBalance())["BTC"]?.free).toBe((await client.fetchBalance())["BTC"]?.free);
  });

  test("a batch has an answer for each of its orders", async () => {
    const order = { symbol: MARKET_ID, side: "buy", type: "limit", price: "1000" };
    const orderList = [
      { ...order, clientOid: freshId(), size: "0.01" },
      { ...order, clientOid: freshId(), size: "0.000000001" },
    ];
    const classic = await kucoinCall(venue, "POST", "/api/v1/orders/multi", { symbol: MARKET_ID, orderList });
    expect(classic.body.data).toMatchObject({ data: [{ status: "success" }, { status: "fail", id: null }] });
    const fresh = orderList.map((item) => ({ ...item, clientOid: freshId() }));
    const fast = await kucoinCall(venue, "POST", "/api/v1/hf/orders/multi/sync", { orderList: fresh });
    expect(fast.body.data).toMatchObject([
      { success: true, status: "open", remainSize: "0.01" },
      { success: false, failMsg: "Order size increment invalid." },
    ]);
    const all = await kucoinCall(venue, "DELETE", "/api/v1/hf/orders/cancelAll");
    expect(all.body.data).toEqual({ succeedSymbols: [MARKET_ID], failedSymbols: [] });
  });

  test("the dead man's switch cancels everything when it is not renewed, and nothing when it is switched off", async () => {
    const set = (timeout: unknown, more: object = {}) =>
      kucoinCall<{ currentTime: number; triggerTime: number }>(venue, "POST", "/api/v1/hf/orders/dead-cancel-all", {
        timeout,
        ...more,
      });
    await client.createOrder(SYMBOL, "limit", "buy", 0.01, 40_000);
    const { data } = (await set(30)).body;
    expect(data?.triggerTime).toBe((data?.currentTime ?? 0) + 30);
    expect((await set(-1)).body.data).toMatchObject({ triggerTime: 0 });
    venue.engine.setClockSkew(60_000);
    expect(venue.engine.openOrders(venue.account.id)).toHaveLength(1);
    venue.engine.setClockSkew(0);
    await set(30);
    venue.engine.setClockSkew(60_000);
    venue.engine.setClockSkew(0);
    expect(venue.engine.openOrders(venue.account.id)).toEqual([]);
    for (const timeout of [4, 86_401, 0, "x"]) expect((await set(timeout)).body.code).toBe("400100");
    expect((await set(30, { symbols: MARKET_ID })).body.code).toBe("400100");
  });
});
