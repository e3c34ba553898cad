import ccxt from "ccxt";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Decimal, ZERO } from "#server/domain/decimal.ts";
import {
  bybitCall,
  bybitClient,
  type BybitVenue,
  idOf,
  setKnownBook,
  startBybitVenue,
  SYMBOL,
} from "#tests/support/bybit-venue.ts";

const SPOT = { category: "spot", symbol: "BTCUSDT" };
const LIMIT = { ...SPOT, side: "Buy", orderType: "Limit", qty: "0.01", price: "30000" };

let venue: BybitVenue;
let client: ReturnType<typeof bybitClient>;
let ids = 0;
const freshId = (): string => `nija-${Date.now().toString(36)}_${++ids}`;

beforeAll(async () => {
  venue = await startBybitVenue();
  client = bybitClient(venue);
  await client.loadMarkets();
});
afterAll(() => venue.close());
beforeEach(() => setKnownBook(venue));
afterEach(async () => {
  venue.control.clearFaults();
  await bybitCall(venue, "POST", "/v5/order/cancel-all", { category: "spot" });
});

const place = (changes: Record<string, unknown> = {}) => bybitCall(venue, "POST", "/v5/order/create", { ...LIMIT, ...changes });
const acknowledged = async (changes: Record<string, unknown> = {}): Promise<string> => {
  const { retCode, retMsg, result } = await place(changes);
  expect([retCode, retMsg]).toEqual([0, "OK"]);
  return String(result["orderId"]);
};
const recent = async (question: Record<string, string>) =>
  (await bybitCall(venue, "GET", "/v5/order/realtime", { category: "spot", ...question })).result.list ?? [];
const fetchOne = (id: string) => client.fetchOrder(id, SYMBOL, { acknowledged: true });

describe("market data", () => {
  test("the clock is the venue's", async () => {
    const before = venue.engine.now();
    const { result } = await bybitCall(venue, "GET", "/v5/market/time", {}, { unsigned: true });
    const nano = new Decimal(String(result["timeNano"])).div(1e6).toNumber();
    expect(nano).toBeGreaterThanOrEqual(before);
    expect(await client.fetchTime()).toBeLessThanOrEqual(venue.engine.now());
  });

  test("a default load with keys finds the spot markets, its currencies, and nothing of other products", async () => {
    const markets = Object.values(await client.loadMarkets());
    expect(markets.map((market) => market?.type)).toEqual(venue.engine.markets().map(() => "spot"));
    const listed = venue.engine.market(SYMBOL);
    const market = client.market(SYMBOL);
    expect([market.id, market.active]).toEqual(["BTCUSDT", true]);
    expect(market.precision).toMatchObject({ price: Number(listed?.priceTick), amount: Number(listed?.amountStep) });
    expect(market.limits.amount?.min).toBe(Number(listed?.amountMin));
    expect(client.currencies["BTC"]).toBeDefined();
  });

  test("tickers, book, trades and candles are the engine's", async () => {
    const ticker = await client.fetchTicker(SYMBOL);
    expect([ticker.bid, ticker.ask]).toEqual([49_999, 50_000]);
    expect(Object.keys(await client.fetchTickers())).toHaveLength(venue.engine.markets().length);
    const book = await client.fetchOrderBook(SYMBOL, 5);
    expect([book.bids.length, book.asks[0]]).toEqual([5, [50_000, 2]]);
    await client.createOrder(SYMBOL, "market", "buy", 0.003);
    const [trade] = (await client.fetchTrades(SYMBOL)).slice(-1);
    expect(trade).toMatchObject({ amount: 0.003, price: 50_000, side: "buy", id: venue.engine.publicTrades(SYMBOL, 1)[0]?.id });
    const candles = await client.fetchOHLCV(SYMBOL, "1h", undefined, 24);
    expect(candles).toHaveLength(24);
    const since = Number(candles[3]?.[0]);
    const later = await client.fetchOHLCV(SYMBOL, "1h", since, 4);
    expect(later.map((candle) => candle[0])).toEqual(candles.slice(3, 7).map((candle) => candle[0]));
    const weeks = await client.fetchOHLCV(SYMBOL, "1w", undefined, 2);
    expect(weeks.map(([at]) => new Date(Number(at)).getUTCDay())).toEqual([1, 1]);
    const [month] = await client.fetchOHLCV(SYMBOL, "1M", undefined, 1);
    expect(new Date(Number(month?.[0])).getUTCDate()).toBe(1);
  });

  test("an unknown market, interval or category is told in the venue's words", async () => {
    const ask = (path: string, params: Record<string, string>) => bybitCall(venue, "GET", path, params, { unsigned: true });
    expect(await ask("/v5/market/orderbook", { category: "spot", symbol: "NOPE" })).toMatchObject({
      status: 200,
      retCode: 10001,
    });
    expect((await ask("/v5/market/kline", { ...SPOT, interval: "7" })).retMsg).toContain("Invalid period");
    expect((await ask("/v5/market/tickers", { category: "moon" })).retMsg).toContain("Illegal category");
    expect((await ask("/v5/market/tickers", { category: "linear" })).result.list).toEqual([]);
    expect(await ask("/v5/nowhere", {})).toMatchObject({ status: 404, retCode: 10017 });
  });
});

describe("orders through ccxt", () => {
  test("a resting limit order: found by both ids, in the open list, amended in place, cancelled, in the history", async () => {
    const clientOrderId = freshId();
    const id = idOf(await client.createOrder(SYMBOL, "limit", "buy", 0.01, 40_000, { clientOrderId }));
    expect(await fetchOne(id)).toMatchObject({
      id,
      clientOrderId,
      status: "open",
      price: 40_000,
      amount: 0.01,
      timeInForce: "GTC",
    });
    expect((await recent({ orderLinkId: clientOrderId })).map((row) => row["orderId"])).toEqual([id]);
    expect((await client.fetchOpenOrders(SYMBOL)).map(idOf)).toEqual([id]);
    expect((await client.fetchBalance())["USDT"]?.used).toBe(400);
    expect(idOf(await client.editOrder(id, SYMBOL, "limit", "buy", 0.02, 41_000))).toBe(id);
    expect(await fetchOne(id)).toMatchObject({ price: 41_000, amount: 0.02, status: "open" });
    expect(idOf(await client.cancelOrder(id, SYMBOL))).toBe(id);
    expect(await client.fetchOpenOrders(SYMBOL)).toEqual([]);
    expect((await client.fetchCanceledOrders(SYMBOL)).at(-1)).toMatchObject({ id, clientOrderId, status: "canceled" });
    const [row] = await recent({ orderId: id });
    expect(row).toMatchObject({ orderStatus: "Cancelled", cancelType: "CancelByUser", leavesQty: "0", qty: "0.02" });
    await expect(client.cancelOrder(id, SYMBOL)).rejects.toBeInstanceOf(ccxt.OrderNotFound);
  });

  test("a market order takes base, and its trades carry the fee in what was received", async () => {
    const bought = idOf(await client.createOrder(SYMBOL, "market", "buy", 0.5));
    const sold = idOf(await client.createOrder(SYMBOL, "market", "sell", 0.5));
    expect(await fetchOne(bought)).toMatchObject({ status: "closed", filled: 0.5, average: 50_000, fee: { currency: "BTC" } });
    const trades = await client.fetchMyTrades(SYMBOL);
    const of = (id: string) => trades.find((trade) => trade.order === id);
    expect(of(bought)).toMatchObject({ takerOrMaker: "taker", fee: { currency: "BTC", cost: 0.0005, rate: 0.001 } });
    expect(of(sold)).toMatchObject({ price: 49_999, fee: { currency: "USDT", cost: 24.9995 } });
  });

  test("a cost-based market buy spends quote, and its amount stays in quote on the wire", async () => {
    const id = idOf(await client.createMarketBuyOrderWithCost(SYMBOL, 1_000));
    expect(await fetchOne(id)).toMatchObject({ status: "closed", filled: 0.02, cost: 1_000 });
    expect(await recent({ orderId: id })).toMatchObject([{ qty: "1000", marketUnit: "quoteCoin", cumExecQty: "0.02" }]);
    const sell = await acknowledged({ orderType: "Market", side: "Sell", qty: "999.98", marketUnit: "quoteCoin", price: "" });
    expect(await recent({ orderId: sell })).toMatchObject([{ qty: "999.98", cumExecQty: "0.02", cumExecValue: "999.98" }]);
  });

  test("IOC takes what is there, FOK all or nothing, post-only never takes", async () => {
    const ioc = await acknowledged({ qty: "3", price: "50000", timeInForce: "IOC" });
    expect(await recent({ orderId: ioc })).toMatchObject([
      { orderStatus: "PartiallyFilledCanceled", cumExecQty: "2", rejectReason: "EC_CancelForNoFullFill" },
    ]);
    setKnownBook(venue);
    const fok = await acknowledged({ qty: "3", price: "50000", timeInForce: "FOK" });
    const crossing = await acknowledged({ price: "50000", timeInForce: "PostOnly" });
    const resting = await acknowledged({ timeInForce: "PostOnly" });
    const states = await Promise.all([fok, crossing, resting].map(async (orderId) => (await recent({ orderId }))[0]));
    expect(states).toMatchObject([
      { orderStatus: "Cancelled", rejectReason: "EC_NoEnoughQtyToFill", cumExecQty: "0" },
      { orderStatus: "Cancelled", rejectReason: "EC_PostOnlyWillTakeLiquidity", cumExecQty: "0" },
      { orderStatus: "New", rejectReason: "EC_NoError", timeInForce: "PostOnly" },
    ]);
  });

  test("a batch does each of its orders by itself and says so for each", async () => {
    const orders = await client.createOrders([
      { symbol: SYMBOL, type: "limit", side: "buy", amount: 0.01, price: 40_000 },
      { symbol: SYMBOL, type: "limit", side: "buy", amount: 1_000, price: 40_000 },
      { symbol: SYMBOL, type: "limit", side: "buy", amount: 0.01, price: 41_000 },
    ]);
    expect(orders.map(({ status }) => status)).toEqual([undefined, "rejected", undefined]);
    const placed = orders.flatMap(({ id }) => (id === undefined || id === "" ? [] : [id]));
    expect((await client.fetchOpenOrders(SYMBOL)).map(idOf).sort()).toEqual([...placed].sort());
    const request = placed.map((orderId) => ({ symbol: "BTCUSDT", orderId, qty: "0.02" }));
    const amended = await bybitCall(venue, "POST", "/v5/order/amend-batch", { category: "spot", request });
    expect(amended.retExtInfo["list"]).toEqual([
      { code: 0, msg: "OK" },
      { code: 0, msg: "OK" },
    ]);
    await client.cancelOrders([...placed, "1"], SYMBOL);
    expect(await client.fetchOpenOrders(SYMBOL)).toEqual([]);
    const tooMany = Array.from({ length: 11 }, () => LIMIT);
    expect((await bybitCall(venue, "POST", "/v5/order/create-batch", { category: "spot", request: tooMany })).retCode).toBe(
      10001,
    );
  });

  test("an order that waits for a price shows as such, and is deactivated by a cancel", async () => {
    const trigger = { kind: "stop-loss", price: "45000" } as const;
    const order = { account: venue.account.id, symbol: SYMBOL, side: "sell", type: "market", amount: "0.01", trigger } as const;
    venue.control.placeByHand(order);
    const [waiting] = await recent({ symbol: "BTCUSDT" });
    expect(waiting).toMatchObject({ orderStatus: "Untriggered", triggerPrice: "45000", stopOrderType: "tpslOrder" });
    await client.cancelOrder(String(waiting?.["orderId"]), SYMBOL);
    expect(await recent({ orderId: String(waiting?.["orderId"]) })).toMatchObject([{ orderStatus: "Deactivated" }]);
  });

  test("all open orders are cancelled at once", async () => {
    await acknowledged();
    await acknowledged();
    await client.cancelAllOrders(SYMBOL);
    expect(await client.fetchOpenOrders(SYMBOL)).toEqual([]);
  });
});

describe("the account", () => {
  test("balances are to the last digit, with what orders lock; fees and the kind of account are told", async () => {
    const account = venue.control.createAccount({ venue: "bybit", balances: { USDT: "1000.12345678", BTC: "0" } });
    await bybitCall(venue, "POST", "/v5/order/create", LIMIT, { account });
    const { result } = await bybitCall(venue, "GET", "/v5/account/wallet-balance", { accountType: "UNIFIED" }, { account });
    const coins = result.list?.[0]?.["coin"] as Record<string, string>[];
    expect(coins).toMatchObject([{ coin: "USDT", walletBalance: "1000.12345678", locked: "300", availableToWithdraw: "" }]);
    expect((await bybitCall(venue, "GET", "/v5/account/wallet-balance", { accountType: "SPOT" }, { account })).retCode).toBe(
      10001,
    );
    expect(await client.fetchTradingFee(SYMBOL)).toMatchObject({ maker: 0.001, taker: 0.001 });
    expect(await client.isUnifiedEnabled()).toEqual([false, true]);
  });

  test("a key tells what it may do", async () => {
    const info = async (permissions: { read: boolean; trade: boolean; withdraw: boolean }) => {
      const account = venue.control.createAccount({ venue: "bybit", permissions });
      return (await bybitCall(venue, "GET", "/v5/user/query-api", {}, { account })).result;
    };
    expect(await info({ read: true, trade: true, withdraw: false })).toMatchObject({
      readOnly: 0,
      uta: 1,
      permissions: { Spot: ["SpotTrade"], Wallet: [] },
    });
    expect(await info({ read: true, trade: false, withdraw: false })).toMatchObject({ readOnly: 1 });
    expect((await info({ read: true, trade: true, withdraw: true }))["permissions"]).toMatchObject({
      Wallet: expect.arrayContaining(["Withdraw"]),
    });
  });

  test("pages follow the cursor, newest first, without a gap or a repeat, and end with an empty page", async () => {
    const account = venue.control.createAccount({ venue: "bybit", balances: { USDT: "1000000" } });
    for (let count = 0; count < 7; count += 1) {
      venue.control.placeByHand({ account: account.id, symbol: SYMBOL, side: "buy", type: "market", amount: "0.001" });
    }
    const pagesOf = async (path: string, name: string) => {
      const seen: string[][] = [];
      let cursor = "";
      do {
        const question = { category: "spot", limit: "3", ...(cursor === "" ? {} : { cursor }) };
        const { result } = await bybitCall(venue, "GET", path, question, { account });
        seen.push((result.list ?? []).map((row) => String(row[name])));
        cursor = String(result["nextPageCursor"]);
      } while (cursor !== "");
      return seen;
    };
    const fills = venue.engine.fills(account.id, {});
    const executions = await pagesOf("/v5/execution/list", "execId");
    expect(executions.map((page) => page.length)).toEqual([3, 3, 1, 0]);
    expect(executions.flat()).toEqual(fills.map(({ id }) => id).reverse());
    const orders = await pagesOf("/v5/order/history", "orderId");
    expect(orders.flat()).toEqual(fills.map(({ orderId }) => orderId).reverse());
    const sum = fills.reduce((total, { amount }) => total.plus(amount), ZERO);
    expect(sum.toFixed()).toBe("0.007");
    const lost = await bybitCall(venue, "GET", "/v5/execution/list", { category: "spot", cursor: "1:2,3:4" }, { account });
    expect(lost.retCode).toBe(10001);
  });

  test("lists answer seven days at most, and only closed orders are history", async () => {
    const openId = await acknowledged();
    const now = venue.engine.now();
    const history = (window: Record<string, string>) => bybitCall(venue, "GET", "/v5/order/history", { ...SPOT, ...window });
    const tooLong = { startTime: String(now - 8 * 86_400_000), endTime: String(now) };
    expect((await history(tooLong)).retCode).toBe(10001);
    expect((await history({ startTime: String(now), endTime: String(now - 1) })).retCode).toBe(10001);
    const listed = (await history({ startTime: String(now - 86_400_000) })).result.list ?? [];
    expect(listed.length).toBeGreaterThan(0);
    expect(listed.map((row) => row["orderId"])).not.toContain(openId);
    expect((await history({ startTime: String(now - 9 * 86_400_000) })).result.list).toEqual([]);
    const closed = await recent({ openOnly: "1" });
    expect(closed.length).toBeGreaterThan(0);
    expect(closed.map((row) => row["orderStatus"])).not.toContain("New");
  });
});
