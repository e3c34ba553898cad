import ccxt, { type Exchange } from "ccxt";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  binanceCall,
  ccxtClient,
  type PaperVenue,
  rawGet,
  setKnownBook,
  startPaperVenue,
  idOf,
} from "#tests/support/paper-venue.ts";

const SYMBOL = "BTC/USDT";
let venue: PaperVenue;
let client: Exchange;
let ids = 0;
const freshId = (): string => `nija${Date.now().toString(36)}${++ids}`.slice(0, 18);

beforeAll(async () => {
  venue = await startPaperVenue("binance");
  client = ccxtClient(venue, venue.account, { fetchMarkets: { types: ["spot"] }, fetchCurrencies: false });
  await client.loadMarkets();
});

afterAll(() => venue.close());

beforeEach(() => setKnownBook(venue));

function best(): { bid: number; ask: number } {
  const ticker = venue.engine.ticker(SYMBOL);
  return { bid: Number(ticker?.bid), ask: Number(ticker?.ask) };
}

describe("market data", () => {
  test("the clock is the venue's", async () => {
    const before = venue.engine.now();
    const time = await client.fetchTime();
    expect(time).toBeGreaterThanOrEqual(before);
    expect(time).toBeLessThanOrEqual(venue.engine.now());
  });

  test("a default load with keys finds the spot markets with their filters and nothing of other products", async () => {
    const full = ccxtClient(venue);
    const markets = await full.loadMarkets();
    expect(Object.values(markets).every((market) => market?.type === "spot")).toBe(true);
    const engineMarket = venue.engine.market(SYMBOL);
    const market = full.market(SYMBOL);
    expect(market.precision.price).toBe(Number(engineMarket?.priceTick));
    expect(market.precision.amount).toBe(Number(engineMarket?.amountStep));
    expect(market.limits.cost?.min).toBe(Number(engineMarket?.costMin));
    expect(market.id).toBe("BTCUSDT");
    expect(full.currencies["BTC"]).toBeDefined();
  });

  test("tickers, book, candles and trades are the engine's", async () => {
    const { bid, ask } = best();
    const ticker = await client.fetchTicker(SYMBOL);
    expect([ticker.bid, ticker.ask]).toEqual([bid, ask]);
    expect(Object.keys(await client.fetchTickers())).toHaveLength(venue.engine.markets().length);
    const book = await client.fetchOrderBook(SYMBOL, 5);
    expect(book.bids).toHaveLength(5);
    expect(book.asks[0]?.[0]).toBe(ask);
    expect(book.nonce).toBe(venue.engine.book(SYMBOL)?.sequence);
    const candles = await client.fetchOHLCV(SYMBOL, "1h", undefined, 24);
    expect(candles).toHaveLength(24);
    const since = Number(candles[3]?.[0]);
    expect((await client.fetchOHLCV(SYMBOL, "1h", since, 4)).map((candle) => candle[0])).toEqual(
      candles.slice(3, 7).map((candle) => candle[0]),
    );
    const week = await client.fetchOHLCV(SYMBOL, "1w", undefined, 2);
    expect(new Date(Number(week[0]?.[0])).getUTCDay()).toBe(1);
    await client.createOrder(SYMBOL, "market", "buy", 0.001);
    const trades = await client.fetchTrades(SYMBOL, undefined, 5);
    expect(trades.at(-1)).toMatchObject({ side: "buy", amount: 0.001, price: ask });
  });

  test("documented public calls answer in the documented form", async () => {
    expect((await rawGet(venue, "/api/v3/ping")).body).toEqual({});
    const price = await rawGet(venue, "/api/v3/ticker/price?symbol=BTCUSDT");
    expect(price.body).toEqual({ symbol: "BTCUSDT", price: expect.stringMatching(/^\d+\.\d{8}$/) });
    const books = await rawGet(venue, `/api/v3/ticker/bookTicker?symbols=${encodeURIComponent('["BTCUSDT","ETHUSDT"]')}`);
    expect(books.body).toMatchObject([{ symbol: "BTCUSDT" }, { symbol: "ETHUSDT" }]);
    expect((await rawGet(venue, "/api/v3/avgPrice?symbol=BTCUSDT")).body).toMatchObject({ mins: 5 });
    const [kline] = (await rawGet(venue, "/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=1")).body as unknown[][];
    expect(kline).toHaveLength(12);
    const info = (await rawGet(venue, "/api/v3/exchangeInfo?symbol=BTCUSDT")).body as {
      symbols: { filters: { filterType: string }[] }[];
    };
    expect(info.symbols[0]?.filters.map((filter) => filter.filterType)).toEqual(
      expect.arrayContaining(["PRICE_FILTER", "LOT_SIZE", "NOTIONAL"]),
    );
    const deep = (await rawGet(venue, "/api/v3/depth?symbol=BTCUSDT&limit=5000")).body as { bids: string[][] };
    expect(deep.bids.length).toBe(venue.engine.book(SYMBOL)?.bids.length);
  });

  test.each([
    ["/api/v3/depth?symbol=NOPEUSDT", 400, -1121],
    ["/api/v3/depth", 400, -1102],
    ["/api/v3/klines?symbol=BTCUSDT&interval=7m", 400, -1120],
    ["/api/v3/depth?symbol=btc%20usdt", 400, -1100],
    ["/api/v3/ticker/price?symbol=BTCUSDT&symbols=%5B%22BTCUSDT%22%5D", 400, -1128],
  ])("%s is refused with %i %i", async (path, status, code) => {
    const answer = await rawGet(venue, path);
    expect(answer.status).toBe(status);
    expect(answer.body).toEqual({ code, msg: expect.any(String) });
  });
});

describe("orders through ccxt", () => {
  test("a market buy fills with its fee in the received asset and its trades in the answer", async () => {
    const id = freshId();
    const order = await client.createOrder(SYMBOL, "market", "buy", 0.002, undefined, { clientOrderId: id });
    expect(order).toMatchObject({ status: "closed", filled: 0.002, clientOrderId: id, type: "market", side: "buy" });
    const [fill] = venue.engine.fills(venue.account.id, { orderId: idOf(order) });
    expect(order.trades[0]).toMatchObject({ id: fill?.id, price: best().ask, fee: { currency: "BTC", cost: Number(fill?.fee) } });
    expect(order.info).toMatchObject({ status: "FILLED", executedQty: "0.00200000", fills: [{ commissionAsset: "BTC" }] });
  });

  test("a cost-based buy spends at most its cost", async () => {
    const order = await client.createOrder(SYMBOL, "market", "buy", 0, undefined, { cost: 150 });
    expect(order.status).toBe("closed");
    expect(order.cost).toBeLessThanOrEqual(150);
    expect(order.cost).toBeGreaterThan(149);
    expect(order.info).toMatchObject({ origQuoteOrderQty: "150.00000000" });
    const sold = await binanceCall(venue, "POST", "/api/v3/order", {
      symbol: "BTCUSDT",
      side: "SELL",
      type: "MARKET",
      quoteOrderQty: 100,
    });
    expect(sold.body).toMatchObject({ status: "FILLED", origQuoteOrderQty: "100.00000000" });
  });

  test("a resting limit order is found by both ids, in the open list, canceled once, and then told so", async () => {
    const id = freshId();
    const order = await client.createOrder(SYMBOL, "limit", "buy", 0.01, 40_000, { clientOrderId: id });
    expect(order).toMatchObject({ status: "open", price: 40_000, amount: 0.01, timeInForce: "GTC" });
    expect((await client.fetchOrder(idOf(order), SYMBOL)).clientOrderId).toBe(id);
    expect((await client.fetchOrder("", SYMBOL, { origClientOrderId: id })).id).toBe(idOf(order));
    expect((await client.fetchOpenOrders(SYMBOL)).map((open) => open.id)).toContain(idOf(order));
    const balance = await client.fetchBalance();
    expect(balance["USDT"]?.used).toBe(400);
    expect((await client.cancelOrder(idOf(order), SYMBOL)).status).toBe("canceled");
    await expect(client.cancelOrder(idOf(order), SYMBOL)).rejects.toBeInstanceOf(ccxt.OrderNotFound);
    expect((await client.fetchOrder(idOf(order), SYMBOL)).status).toBe("canceled");
    expect((await client.fetchOrders(SYMBOL)).map((known) => known.id)).toContain(idOf(order));
  });

  test("IOC, FOK and post-only do what they say", async () => {
    const { bid, ask } = best();
    const ioc = await client.createOrder(SYMBOL, "limit", "buy", 2.5, ask, { timeInForce: "IOC" });
    expect(ioc).toMatchObject({ status: "expired", filled: 2 });
    setKnownBook(venue);
    const fok = await client
      .createOrder(SYMBOL, "limit", "buy", 4, best().ask, { timeInForce: "FOK" })
      .catch((error: unknown) => error);
    expect(fok).toMatchObject({ status: "expired", filled: 0 });
    await expect(client.createOrder(SYMBOL, "limit", "buy", 0.01, best().ask + 10, { postOnly: true })).rejects.toBeInstanceOf(
      ccxt.OrderImmediatelyFillable,
    );
    const maker = await client.createOrder(SYMBOL, "limit", "buy", 0.01, bid - 5_000, { postOnly: true });
    expect(maker.info).toMatchObject({ type: "LIMIT_MAKER", status: "NEW" });
    await client.cancelOrder(idOf(maker), SYMBOL);
  });

  test("an edit cancels and replaces; cancel-all leaves nothing", async () => {
    const order = await client.createOrder(SYMBOL, "limit", "buy", 0.01, 40_000);
    const edited = await client.editOrder(idOf(order), SYMBOL, "limit", "buy", 0.02, 41_000);
    expect(edited).toMatchObject({ status: "open", price: 41_000, amount: 0.02 });
    expect((await client.fetchOrder(idOf(order), SYMBOL)).status).toBe("canceled");
    await client.createOrder(SYMBOL, "limit", "buy", 0.01, 39_000);
    const canceled = await client.cancelAllOrders(SYMBOL);
    expect(canceled).toHaveLength(2);
    expect(await client.fetchOpenOrders(SYMBOL)).toEqual([]);
    await expect(client.cancelAllOrders(SYMBOL)).rejects.toBeInstanceOf(ccxt.OrderNotFound);
  });

  test("a replace that cannot pay is told as half done, and a malformed one cancels nothing", async () => {
    const order = await client.createOrder(SYMBOL, "limit", "buy", 0.01, 40_000);
    const replace = {
      symbol: "BTCUSDT",
      side: "BUY",
      type: "LIMIT",
      timeInForce: "GTC",
      cancelReplaceMode: "STOP_ON_FAILURE",
      cancelOrderId: idOf(order),
    };
    const malformed = await binanceCall(venue, "POST", "/api/v3/order/cancelReplace", {
      ...replace,
      quantity: "0.01",
      price: "40000.001",
    });
    expect(malformed).toMatchObject({ status: 400, body: { code: -1013, msg: "Filter failure: PRICE_FILTER" } });
    expect((await client.fetchOrder(idOf(order), SYMBOL)).status).toBe("open");
    const poor = await binanceCall(venue, "POST", "/api/v3/order/cancelReplace", { ...replace, quantity: "800", price: "40000" });
    expect(poor).toMatchObject({
      status: 409,
      body: { code: -2021, data: { cancelResult: "SUCCESS", newOrderResult: "FAILURE", newOrderResponse: { code: -2010 } } },
    });
    const again = await binanceCall(venue, "POST", "/api/v3/order/cancelReplace", {
      ...replace,
      quantity: "0.01",
      price: "40000",
    });
    expect(again).toMatchObject({
      status: 400,
      body: {
        code: -2022,
        data: {
          cancelResult: "FAILURE",
          newOrderResult: "NOT_ATTEMPTED",
          cancelResponse: { code: -2011 },
          newOrderResponse: null,
        },
      },
    });
  });

  test("own trades come by symbol, window, order and page, oldest first and complete", async () => {
    const start = venue.engine.now();
    const placed = [];
    for (let count = 0; count < 5; count += 1) placed.push(await client.createOrder(SYMBOL, "market", "buy", 0.001));
    const trades = await client.fetchMyTrades(SYMBOL, start);
    expect(trades.map((trade) => trade.order)).toEqual(placed.map((order) => idOf(order)));
    expect(trades[0]?.fee).toMatchObject({ currency: "BTC" });
    const one = await client.fetchMyTrades(SYMBOL, undefined, undefined, { orderId: placed[2]?.id });
    expect(one.map((trade) => trade.order)).toEqual([placed[2]?.id]);
    const seen: string[] = [];
    let fromId = Number(trades[0]?.id);
    for (;;) {
      const page = await client.fetchMyTrades(SYMBOL, undefined, 2, { fromId });
      seen.push(...page.map((trade) => String(trade.id)));
      if (page.length < 2) break;
      fromId = Number(page.at(-1)?.id) + 1;
    }
    expect(seen).toEqual(trades.map((trade) => trade.id));
    const day = 86_400_000;
    const window = await binanceCall(venue, "GET", "/api/v3/myTrades", {
      symbol: "BTCUSDT",
      startTime: start - 2 * day,
      endTime: start,
    });
    expect(window.body).toMatchObject({ code: -1127 });
    const mixed = await binanceCall(venue, "GET", "/api/v3/myTrades", { symbol: "BTCUSDT", startTime: start, fromId: 1 });
    expect(mixed.body).toMatchObject({ code: -1128 });
    expect((await client.fetchClosedOrders(SYMBOL, start)).map((order) => idOf(order))).toEqual(
      placed.map((order) => idOf(order)),
    );
  });

  test("balances, fees and key permissions are the account's", async () => {
    const balance = await client.fetchBalance();
    for (const { asset, free, locked } of venue.engine.balances(venue.account.id)) {
      expect(balance[asset]).toMatchObject({ free: Number(free), used: Number(locked) });
    }
    const market = venue.engine.market(SYMBOL);
    expect(await client.fetchTradingFee(SYMBOL)).toMatchObject({
      maker: Number(market?.makerFee),
      taker: Number(market?.takerFee),
    });
    expect(Object.keys(await client.fetchTradingFees())).toContain(SYMBOL);
    const restrictions = await binanceCall(venue, "GET", "/sapi/v1/account/apiRestrictions");
    expect(restrictions.body).toMatchObject({ enableReading: true, enableSpotAndMarginTrading: true, enableWithdrawals: false });
  });
});

describe("the documented order API", () => {
  const limit = { symbol: "BTCUSDT", side: "BUY", type: "LIMIT", timeInForce: "GTC", quantity: "0.01", price: "40000" };

  test("answers ACK, RESULT and FULL as asked, with parameters in the query, the body or both", async () => {
    const ack = await binanceCall(venue, "POST", "/api/v3/order", { ...limit, newOrderRespType: "ACK" }, { place: "body" });
    expect(Object.keys(ack.body as object).sort()).toEqual(["clientOrderId", "orderId", "orderListId", "symbol", "transactTime"]);
    const result = await binanceCall(
      venue,
      "POST",
      "/api/v3/order",
      { ...limit, newOrderRespType: "RESULT" },
      { place: "split" },
    );
    expect(result.body).toMatchObject({ status: "NEW", executedQty: "0.00000000", price: "40000.00000000" });
    expect(result.body).not.toHaveProperty("fills");
    expect((await binanceCall(venue, "POST", "/api/v3/order", limit)).body).toMatchObject({
      fills: [],
      clientOrderId: expect.stringMatching(/^\w{22}$/),
    });
    await client.cancelAllOrders(SYMBOL);
  });

  test("order/test places nothing and still checks", async () => {
    const before = venue.engine.orders(venue.account.id, {}).length;
    expect((await binanceCall(venue, "POST", "/api/v3/order/test", limit)).body).toEqual({});
    const bad = await binanceCall(venue, "POST", "/api/v3/order/test", { ...limit, quantity: "0.000000011" });
    expect(bad.body).toMatchObject({ code: -1111 });
    expect(venue.engine.orders(venue.account.id, {})).toHaveLength(before);
  });

  test.each([
    [{ ...limit, symbol: "NOPEUSDT" }, -1121, "Invalid symbol."],
    [{ ...limit, side: "LEFT" }, -1117, "Invalid side."],
    [{ ...limit, type: "MAGIC" }, -1116, "Invalid orderType."],
    [{ ...limit, timeInForce: "DAY" }, -1115, "Invalid timeInForce."],
    [{ ...limit, price: "1e5" }, -1100, expect.stringContaining("parameter 'price'")],
    [{ ...limit, quantity: "-1" }, -1100, expect.stringContaining("parameter 'quantity'")],
    [{ ...limit, quantity: "NaN" }, -1100, expect.stringContaining("parameter 'quantity'")],
    [{ ...limit, price: "40000.001" }, -1013, "Filter failure: PRICE_FILTER"],
    [{ ...limit, quantity: "0.0000001" }, -1013, "Filter failure: LOT_SIZE"],
    [{ ...limit, quantity: "0.00001", price: "1000" }, -1013, "Filter failure: NOTIONAL"],
    [{ ...limit, quantity: "800" }, -2010, "Account has insufficient balance for requested action."],
    [{ ...limit, type: "STOP_LOSS_LIMIT", stopPrice: "1" }, -2010, "Order would trigger immediately."],
    [{ ...limit, type: "STOP_LOSS_LIMIT" }, -1102, expect.stringContaining("'stopPrice'")],
    [{ ...limit, stopPrice: "90000" }, -1106, "Parameter 'stopPrice' sent when not required."],
    [{ ...limit, type: "STOP_LOSS_LIMIT", stopPrice: "90000.001" }, -1013, "Filter failure: PRICE_FILTER"],
    [{ symbol: "BTCUSDT", side: "BUY", type: "MARKET", quantity: "0.01", timeInForce: "GTC" }, -1106, expect.any(String)],
    [{ symbol: "BTCUSDT", side: "BUY", type: "MARKET" }, -1102, expect.any(String)],
    [{ ...limit, newClientOrderId: "has space" }, -1100, expect.any(String)],
  ])("refuses %j with %i", async (params, code, msg) => {
    const before = venue.engine.balances(venue.account.id);
    expect(await binanceCall(venue, "POST", "/api/v3/order", params)).toMatchObject({ status: 400, body: { code, msg } });
    expect(venue.engine.balances(venue.account.id)).toEqual(before);
  });

  test("a client id may be used again only after its order has ended", async () => {
    const id = freshId();
    const named = { ...limit, newClientOrderId: id };
    expect((await binanceCall(venue, "POST", "/api/v3/order", named)).status).toBe(200);
    expect((await binanceCall(venue, "POST", "/api/v3/order", named)).body).toEqual({
      code: -2010,
      msg: "Duplicate order sent.",
    });
    const canceled = await binanceCall(venue, "DELETE", "/api/v3/order", { symbol: "BTCUSDT", origClientOrderId: id });
    expect(canceled.body).toMatchObject({ status: "CANCELED", origClientOrderId: id });
    expect((await binanceCall(venue, "POST", "/api/v3/order", named)).status).toBe(200);
    await client.cancelAllOrders(SYMBOL);
  });

  test("a closed market takes no order and says so", async () => {
    venue.simulator.control.setMarket({ venue: "binance", symbol: SYMBOL, open: false });
    try {
      await expect(client.createOrder(SYMBOL, "limit", "buy", 0.01, 40_000)).rejects.toBeInstanceOf(ccxt.MarketClosed);
    } finally {
      venue.simulator.control.setMarket({ venue: "binance", symbol: SYMBOL, open: true });
    }
  });

  test("an unknown order does not exist, and an unknown key is no key", async () => {
    expect((await binanceCall(venue, "GET", "/api/v3/order", { symbol: "BTCUSDT", orderId: 1 })).body).toEqual({
      code: -2013,
      msg: "Order does not exist.",
    });
    await expect(client.fetchOrder("1", SYMBOL)).rejects.toBeInstanceOf(ccxt.OrderNotFound);
    expect((await rawGet(venue, "/nothing/here")).status).toBe(404);
  });
});
