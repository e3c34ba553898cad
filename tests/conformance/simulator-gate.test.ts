import ccxt, { type Exchange } from "ccxt";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  gateCall,
  gateClient,
  type GateVenue,
  idOf,
  PAIR,
  rawGet,
  setKnownBook,
  startGateVenue,
  SYMBOL,
} from "#tests/support/gate-venue.ts";

let venue: GateVenue;
let client: Exchange;
let ids = 0;
const freshId = (): string => `nija${Date.now().toString(36)}${++ids}`;

beforeAll(async () => {
  venue = await startGateVenue();
  client = gateClient(venue);
  await client.loadMarkets();
});
afterAll(() => venue.close());
beforeEach(() => setKnownBook(venue));

describe("market data", () => {
  test("a default load with keys finds the spot markets with their rules and nothing of other products", async () => {
    const full = gateClient(venue, venue.account, {});
    const markets = await full.loadMarkets();
    expect(Object.keys(markets).sort()).toEqual(
      venue.engine
        .markets()
        .map(({ symbol }) => symbol)
        .sort(),
    );
    const [market, rules] = [full.market(SYMBOL), venue.engine.market(SYMBOL)];
    expect(market).toMatchObject({ id: PAIR, type: "spot", active: true, taker: Number(rules?.takerFee) });
    expect(market.precision.price).toBe(Number(rules?.priceTick));
    expect(market.precision.amount).toBe(Number(rules?.amountStep));
    expect(market.limits.cost?.min).toBe(Number(rules?.costMin));
    expect(full.currencies["BTC"]).toBeDefined();
  });

  test("clock, tickers, book, candles and trades are the engine's", async () => {
    expect(Math.abs(((await client.fetchTime()) ?? 0) - venue.engine.now())).toBeLessThan(5_000);
    expect(await client.fetchTicker(SYMBOL)).toMatchObject({ bid: 49_999, ask: 50_000 });
    expect(Object.keys(await client.fetchTickers())).toHaveLength(venue.engine.markets().length);
    const book = await client.fetchOrderBook(SYMBOL, 5);
    expect([book.bids.length, book.asks[0], book.nonce]).toEqual([5, [50_000, 2], venue.engine.book(SYMBOL)?.sequence]);
    const candles = await client.fetchOHLCV(SYMBOL, "1h", undefined, 24);
    expect(candles).toHaveLength(24);
    const later = await client.fetchOHLCV(SYMBOL, "1h", Number(candles[3]?.[0]), 4);
    expect(later.map((bar) => bar[0])).toEqual(candles.slice(3, 7).map((bar) => bar[0]));
    await client.createOrder(SYMBOL, "limit", "buy", 0.001, 50_000, { timeInForce: "IOC" });
    expect((await client.fetchTrades(SYMBOL, undefined, 5)).at(-1)).toMatchObject({ side: "buy", amount: 0.001, price: 50_000 });
  });

  test("public calls answer in the documented form, and complain in it", async () => {
    const pair = await rawGet(venue, `/spot/currency_pairs/${PAIR}`);
    expect(pair.body).toMatchObject({ id: PAIR, base: "BTC", precision: 2, amount_precision: 4, trade_status: "tradable" });
    const book = await rawGet(venue, `/spot/order_book?currency_pair=${PAIR}&limit=1`);
    expect(book.body).toEqual({
      current: expect.any(Number),
      update: expect.any(Number),
      asks: [["50000", "2"]],
      bids: [["49999", "2"]],
    });
    const wrong = [
      ["/spot/order_book?currency_pair=NO_SUCH", 400, "INVALID_CURRENCY_PAIR"],
      ["/spot/order_book", 400, "MISSING_REQUIRED_PARAM"],
      ["/spot/trades?currency_pair=BTC_USDT&limit=2000", 400, "INVALID_PARAM_VALUE"],
      ["/spot/candlesticks?currency_pair=BTC_USDT&interval=3m", 400, "INVALID_PARAM_VALUE"],
      ["/spot/candlesticks?currency_pair=BTC_USDT&limit=5&from=1700000000", 400, "INVALID_PARAM_VALUE"],
      ["/spot/nothing", 404, "NOT_FOUND"],
    ] as const;
    for (const [path, status, label] of wrong) {
      const answer = await rawGet(venue, path);
      expect([answer.status, answer.body]).toEqual([status, { label, message: expect.any(String) }]);
    }
  });
});

describe("orders", () => {
  test("a resting order is open by both its ids until it is cancelled, and by the venue's alone after that", async () => {
    const clientOrderId = freshId();
    const placed = await client.createOrder(SYMBOL, "limit", "buy", 0.01, 40_000, { clientOrderId });
    expect(placed).toMatchObject({ status: "open", clientOrderId: `t-${clientOrderId}`, amount: 0.01, price: 40_000 });
    const byText = await client.fetchOrder("", SYMBOL, { clientOrderId });
    expect(byText.id).toBe(placed.id);
    expect((await client.fetchOpenOrders(SYMBOL)).map(({ id }) => id)).toContain(placed.id);
    const canceled = await client.cancelOrder(`t-${clientOrderId}`, SYMBOL);
    expect(canceled).toMatchObject({ id: placed.id, status: "canceled", filled: 0 });
    expect((await client.fetchOrder(idOf(placed), SYMBOL)).status).toBe("canceled");
    expect((await client.fetchClosedOrders(SYMBOL))[0]).toBeDefined();
    await expect(client.fetchOrder("", SYMBOL, { clientOrderId })).rejects.toBeInstanceOf(ccxt.OrderNotFound);
    const again = await gateCall(venue, "DELETE", `/spot/orders/${placed.id}?currency_pair=${PAIR}`);
    expect([again.status, again.body]).toMatchObject([400, { label: "ORDER_CANCELLED" }]);
  });

  test("a taker's trades carry price, fee in what is received, role and the client's id", async () => {
    const clientOrderId = freshId();
    const order = await client.createOrder(SYMBOL, "limit", "buy", 2.5, 50_010, { clientOrderId, timeInForce: "IOC" });
    expect(order).toMatchObject({ status: "closed", filled: 2.5, cost: 2 * 50_000 + 0.5 * 50_010 });
    const trades = await client.fetchMyTrades(SYMBOL, undefined, 2);
    const told = trades.map(({ price, amount, takerOrMaker }) => [price, amount, takerOrMaker]);
    expect(told).toHaveLength(2);
    expect(told).toEqual(
      expect.arrayContaining([
        [50_000, 2, "taker"],
        [50_010, 0.5, "taker"],
      ]),
    );
    expect(trades[0]?.info).toMatchObject({ fee_currency: "BTC", role: "taker" });
    const raw = (await gateCall(venue, "GET", `/spot/my_trades?currency_pair=${PAIR}&order_id=${order.id}`)).body;
    const common = { order_id: order.id, text: `t-${clientOrderId}`, fee_currency: "BTC", gt_fee: "0" };
    expect(raw).toMatchObject([
      { ...common, price: "50010", fee: "0.001" },
      { ...common, price: "50000", fee: "0.004" },
    ]);
    expect((await client.fetchOrderTrades(idOf(order), SYMBOL)).length).toBe(2);
  });

  test("market buys spend quote, market sells sell base", async () => {
    const bought = await client.createMarketBuyOrderWithCost(SYMBOL, 5_000);
    expect(bought).toMatchObject({ status: "closed", cost: 5_000, average: 50_000 });
    const row = (await gateCall(venue, "GET", `/spot/orders/${bought.id}?currency_pair=${PAIR}`)).body;
    expect(row).toMatchObject({ amount: "5000", filled_total: "5000", filled_amount: "0.1", time_in_force: "ioc", left: "0" });
    expect(await client.createOrder(SYMBOL, "market", "sell", 0.1)).toMatchObject({ status: "closed", filled: 0.1 });
    const resting = { currency_pair: PAIR, type: "market", side: "sell", amount: "0.1", time_in_force: "gtc" };
    expect((await gateCall(venue, "POST", "/spot/orders", resting)).body).toMatchObject({ label: "INVALID_PARAM_VALUE" });
  });

  test("IOC leaves nothing resting; FOK that cannot fill is refused and listed as cancelled", async () => {
    const order = { currency_pair: PAIR, type: "limit", side: "buy", amount: "3", price: "50000", text: `t-${freshId()}` };
    const ioc = await gateCall(venue, "POST", "/spot/orders", { ...order, time_in_force: "ioc" });
    expect([ioc.status, ioc.body]).toMatchObject([201, { status: "cancelled", finish_as: "ioc", filled_amount: "2", left: "1" }]);
    const fok = await gateCall(venue, "POST", "/spot/orders", { ...order, time_in_force: "fok" });
    expect([fok.status, fok.body]).toMatchObject([400, { label: "FOK_NOT_FILL" }]);
    const ended = await gateCall(venue, "GET", `/spot/orders?status=finished&currency_pair=${PAIR}&limit=1`);
    expect(ended.body).toMatchObject([{ status: "cancelled", finish_as: "fok", filled_amount: "0" }]);
  });

  test("a post-only order rests or is refused, and never takes", async () => {
    const resting = await client.createOrder(SYMBOL, "limit", "buy", 0.01, 49_000, { postOnly: true });
    expect(resting).toMatchObject({ status: "open", timeInForce: "PO", postOnly: true });
    await expect(client.createOrder(SYMBOL, "limit", "buy", 0.01, 50_000, { postOnly: true })).rejects.toBeInstanceOf(
      ccxt.OrderImmediatelyFillable,
    );
    await client.cancelOrder(idOf(resting), SYMBOL);
  });

  test("an amendment keeps the order's ids", async () => {
    const clientOrderId = freshId();
    const placed = await client.createOrder(SYMBOL, "limit", "buy", 0.01, 40_000, { clientOrderId });
    const edited = await client.editOrder(idOf(placed), SYMBOL, "limit", "buy", 0.02, 41_000);
    expect(edited).toMatchObject({ id: placed.id, clientOrderId: `t-${clientOrderId}`, amount: 0.02, price: 41_000 });
    const path = `/spot/orders/t-${clientOrderId}?currency_pair=${PAIR}`;
    const same = await gateCall(venue, "PATCH", path, { price: "41000" });
    expect([same.status, same.body]).toMatchObject([400, { label: "NO_CHANGE" }]);
    const raised = await gateCall(venue, "PATCH", path, { price: "41500", amend_text: "raise" });
    expect(raised.body).toMatchObject({ id: placed.id, price: "41500", amount: "0.02", amend_text: "raise" });
    await client.cancelOrder(idOf(placed), SYMBOL);
  });

  test("batches place, amend and cancel each order for itself", async () => {
    const [first, second] = await client.createOrders([
      { symbol: SYMBOL, type: "limit", side: "buy", amount: 0.01, price: 40_000 },
      { symbol: SYMBOL, type: "limit", side: "buy", amount: 100, price: 40_000 },
    ]);
    expect([first?.status, second?.status]).toEqual(["open", "rejected"]);
    expect(second?.info).toMatchObject({ succeeded: false, label: "BALANCE_NOT_ENOUGH" });
    const amended = await gateCall(venue, "POST", "/spot/amend_batch_orders", [
      { order_id: first?.id, currency_pair: PAIR, price: "40500" },
    ]);
    expect(amended.body).toMatchObject([{ succeeded: true, price: "40500" }]);
    const canceled = await gateCall(venue, "POST", "/spot/cancel_batch_orders", [
      { currency_pair: PAIR, id: first?.id },
      { currency_pair: PAIR, id: "1" },
    ]);
    expect(canceled.body).toMatchObject([{ succeeded: true }, { succeeded: false, label: "ORDER_NOT_FOUND" }]);
    await client.createOrder(SYMBOL, "limit", "buy", 0.01, 40_000);
    await client.cancelAllOrders(SYMBOL);
    expect(await client.fetchOpenOrders(SYMBOL)).toEqual([]);
  });

  test("lists page: open orders within each pair, ended ones and trades by page and time", async () => {
    for (let index = 0; index < 3; index += 1) await client.createOrder(SYMBOL, "limit", "buy", 0.01, 40_000 + index);
    await client.createOrder("ETH/USDT", "limit", "buy", 0.1, 1_000);
    const open = (await gateCall(venue, "GET", "/spot/open_orders?limit=2&page=2")).body;
    expect(open).toMatchObject([
      { currency_pair: PAIR, total: 3, orders: [{ price: "40000" }] },
      { currency_pair: "ETH_USDT", total: 1, orders: [] },
    ]);
    await client.cancelAllOrders();
    const now = Math.floor(venue.engine.now() / 1000);
    const ended = async (query: string) =>
      (await gateCall(venue, "GET", `/spot/orders?status=finished&currency_pair=${PAIR}&${query}`)).body as unknown[];
    expect(await ended("limit=2")).toHaveLength(2);
    expect(await ended(`from=${now + 60}`)).toEqual([]);
    const tooFar = await gateCall(venue, "GET", `/spot/my_trades?from=${now - 40 * 86_400}&to=${now}`);
    expect(tooFar.body).toMatchObject({ label: "INVALID_PARAM_VALUE" });
    expect((await gateCall(venue, "GET", `/spot/my_trades?to=${now - 86_400}`)).body).toEqual([]);
  });

  test("balances, fees and the key's rights are the account's", async () => {
    const resting = await client.createOrder(SYMBOL, "limit", "sell", 1, 90_000);
    const balance = await client.fetchBalance();
    expect(balance["BTC"]).toMatchObject({ used: 1 });
    await client.cancelOrder(idOf(resting), SYMBOL);
    expect(await client.fetchTradingFee(SYMBOL)).toMatchObject({ maker: 0.002, taker: 0.002 });
    const keys = (await gateCall(venue, "GET", "/account/main_keys")).body as readonly { key: string }[];
    expect(keys).toMatchObject([{ state: 1, perms: expect.arrayContaining([{ name: "spot", read_only: false }]) }]);
    expect(keys[0]?.key).not.toContain(venue.account.apiKey);
  });

  test("the countdown cancels everything when it is not renewed, and nothing when it is switched off", async () => {
    const arm = (timeout: unknown) => gateCall(venue, "POST", "/spot/countdown_cancel_all", { timeout });
    await client.createOrder(SYMBOL, "limit", "buy", 0.01, 40_000);
    const armed = (await arm(30)).body as { readonly triggerTime: string };
    expect(Math.abs(Number(armed.triggerTime) - venue.engine.now() - 30_000)).toBeLessThan(5_000);
    expect((await arm(0)).body).toEqual({ triggerTime: "0" });
    venue.engine.setClockSkew(60_000);
    expect(venue.engine.openOrders(venue.account.id)).toHaveLength(1);
    venue.engine.setClockSkew(0);
    await arm(30);
    venue.engine.setClockSkew(60_000);
    venue.engine.setClockSkew(0);
    expect(await client.fetchOpenOrders(SYMBOL)).toEqual([]);
    for (const timeout of [4, "x"]) expect((await arm(timeout)).body).toMatchObject({ label: "INVALID_PARAM_VALUE" });
    expect((await arm(undefined)).body).toMatchObject({ label: "MISSING_REQUIRED_PARAM" });
  });
});
