import ccxt from "ccxt";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { levels } from "#tests/support/sim-engine.ts";
import { alpacaClient, type AlpacaVenue, idOf, place, rawCall, startAlpacaVenue } from "#tests/support/alpaca-venue.ts";

const SYMBOL = "BTC/USD";
const DAY_MS = 86_400_000;
let venue: AlpacaVenue;
let client: ReturnType<typeof alpacaClient>;

beforeAll(async () => {
  venue = await startAlpacaVenue();
  client = alpacaClient(venue);
  await client.loadMarkets();
});
afterAll(() => venue.stop());
beforeEach(() => {
  // Orders and fills of one test are never of the same moment as another's.
  venue.clock.now += 60_000;
  venue.setBook();
});

const balanceOf = (asset: string) => {
  const held = venue.engine.balances(venue.account.id).find((balance) => balance.asset === asset);
  if (held === undefined) throw new Error(`no ${asset}`);
  return held;
};

describe("what is public, and what is not although it could be", () => {
  test("the clock is New York's, to the offset of summer and winter, and needs a key", async () => {
    expect(await client.fetchTime()).toBe(venue.clock.now);
    const { body } = await rawCall(venue, "GET", "/v2/clock");
    expect(body).toMatchObject({ is_open: false, next_open: expect.stringMatching(/^2026-01-\d\dT09:30:00-05:00$/) });
    expect((await rawCall(venue, "GET", "/v2/clock", { account: null })).status).toBe(401);
    const winter = venue.clock.now;
    venue.clock.now = Date.UTC(2026, 5, 1, 15);
    const summer = await rawCall(venue, "GET", "/v2/clock");
    expect(summer.body).toMatchObject({ is_open: true, timestamp: "2026-06-01T11:00:00.000000000-04:00" });
    expect(await client.fetchTime()).toBe(venue.clock.now);
    venue.clock.now = winter;
  });

  test("the default load finds the pairs with their steps, by a key only", async () => {
    expect(Object.keys(client.markets ?? {}).sort()).toEqual(["BTC/USD", "BTC/USDT", "ETH/USD"]);
    expect(client.market(SYMBOL)).toMatchObject({ spot: true, active: true, precision: { amount: 1e-9, price: 1 } });
    await expect(alpacaClient(venue, { apiKey: "PKNOBODY", secret: "nothing" }).loadMarkets()).rejects.toBeInstanceOf(
      ccxt.PermissionDenied,
    );
    const one = await rawCall(venue, "GET", "/v2/assets/BTCUSD");
    expect(one.body).toMatchObject({ class: "crypto", symbol: SYMBOL, min_order_size: "0.000028257", tradable: true });
    expect(await rawCall(venue, "GET", "/v2/assets/DOGE%2FUSD")).toMatchObject({ status: 404, body: { code: 40410000 } });
  });

  test("tickers, books, trades and candles are the engine's and need no key", async () => {
    const nobody = alpacaClient(venue, { apiKey: "", secret: "" });
    nobody.setMarketsFromExchange(client);
    expect(await nobody.fetchTicker(SYMBOL)).toMatchObject({ bid: 49_999, ask: 50_000, bidVolume: 1, askVolume: 0.5 });
    const book = await nobody.fetchOrderBook(SYMBOL);
    expect([book.bids[0], book.asks[0]]).toEqual([
      [49_999, 1],
      [50_000, 0.5],
    ]);
    const since = venue.clock.now - 3 * 3_600_000;
    expect(await nobody.fetchOHLCV(SYMBOL, "1h", since, 2)).toEqual(
      [1, 2].map((hours) => [Math.floor(since / 3_600_000 + hours) * 3_600_000, 50_000, 50_100, 49_900, 50_050, 3]),
    );
    await place(venue, { type: "market", limit_price: undefined, qty: "0.1" });
    const trades = await nobody.fetchTrades(SYMBOL);
    expect(trades.at(-1)).toMatchObject({ price: 50_000, amount: 0.1, side: "buy", timestamp: venue.clock.now });
    const latest = await rawCall(venue, "GET", `/v1beta3/crypto/us/latest/trades?symbols=${SYMBOL}`, { account: null });
    expect(latest.body).toMatchObject({ trades: { [SYMBOL]: { p: 50_000, s: 0.1, tks: "B" } } });
    const quotes = await rawCall(venue, "GET", `/v1beta3/crypto/us/latest/quotes?symbols=${SYMBOL},NO/SUCH`, { account: null });
    expect(Object.keys(quotes.body["quotes"] as object)).toEqual([SYMBOL]);
  });

  test("lists of trades come in pages behind a token, and bad questions are told so without a code", async () => {
    for (const qty of ["0.01", "0.02", "0.03"]) await place(venue, { type: "market", limit_price: undefined, qty });
    const start = new Date(venue.clock.now).toISOString();
    const question = `/v1beta3/crypto/us/trades?symbols=${SYMBOL}&start=${start}&limit=2`;
    const first = await rawCall(venue, "GET", question, { account: null });
    const second = await rawCall(venue, "GET", `${question}&page_token=${String(first.body["next_page_token"])}`, {
      account: null,
    });
    const sizes = ({ body }: typeof first) => (body["trades"] as Record<string, { s: number }[]>)[SYMBOL]?.map(({ s }) => s);
    expect([sizes(first), sizes(second), second.body["next_page_token"]]).toEqual([[0.01, 0.02], [0.03], null]);
    for (const [path, message] of [
      ["latest/orderbooks?symbols=BTCUSD", "Invalid symbol(s)"],
      ["bars?symbols=BTC/USD&timeframe=2Fortnight", "invalid timeframe"],
      ["trades?symbols=BTC/USD&start=0", "Invalid format for parameter start"],
    ]) {
      const refused = await rawCall(venue, "GET", `/v1beta3/crypto/us/${path}`, { account: null });
      expect(refused).toMatchObject({ status: 400, body: { message: expect.stringContaining(String(message)) } });
    }
    await expect(client.fetchOHLCV(SYMBOL, "1M")).rejects.toBeInstanceOf(ccxt.BaseError);
  });
});

describe("orders through ccxt", () => {
  test("a resting order holds its dollars, is listed, found by both ids and canceled without a body", async () => {
    const order = await client.createOrder(SYMBOL, "limit", "buy", 0.01, 40_000, { clientOrderId: "resting-one" });
    // The venue answers before it has matched anything.
    expect(order.info).toMatchObject({ status: "pending_new", filled_qty: "0", client_order_id: "resting-one" });
    expect(await client.fetchOpenOrders(SYMBOL)).toMatchObject([
      { id: idOf(order), price: 40_000, amount: 0.01, timeInForce: "GTC" },
    ]);
    const balance = await client.fetchBalance();
    expect([balance["USD"]?.free, balance["USD"]?.used]).toEqual([balanceOf("USD").free.toNumber(), 400]);
    const byClientId = await rawCall(venue, "GET", "/v2/orders:by_client_order_id?client_order_id=resting-one");
    expect(byClientId.body).toMatchObject({ id: idOf(order), status: "new", asset_class: "crypto", symbol: SYMBOL });
    expect(await rawCall(venue, "DELETE", `/v2/orders/${idOf(order)}`)).toMatchObject({ status: 204, body: {} });
    expect((await client.fetchOrder(idOf(order))).status).toBe("canceled");
    expect((await client.fetchClosedOrders(SYMBOL)).map(({ id }) => id)).toContain(idOf(order));
    const again = await rawCall(venue, "DELETE", `/v2/orders/${idOf(order)}`);
    expect(again).toMatchObject({ status: 422, body: { code: 42210000, message: 'order is already in "canceled" state' } });
  });

  test("a buy is charged in the coin, a sell in dollars, and the fills say nothing of it", async () => {
    const [coins, dollars] = [balanceOf("BTC").free, balanceOf("USD").free];
    const bought = await client.createOrder(SYMBOL, "market", "buy", 0.1);
    expect(balanceOf("BTC").free.minus(coins).toFixed()).toBe("0.09975");
    expect(dollars.minus(balanceOf("USD").free).toFixed()).toBe("5000");
    const before = balanceOf("USD").free;
    await client.createOrder(SYMBOL, "market", "sell", 0.1);
    expect(balanceOf("USD").free.minus(before).toFixed()).toBe("4987.40025");
    const trades = (await client.fetchMyTrades(SYMBOL)).filter((trade) => trade.order === idOf(bought));
    expect(trades).toMatchObject([{ price: 50_000, amount: 0.1, side: "buy", info: { activity_type: "FILL", type: "fill" } }]);
    // A time and something unique; the next page of the list is asked for by it.
    expect(trades[0]?.id).toBe(venue.engine.fills(venue.account.id, { orderId: idOf(bought) })[0]?.id);
    expect(trades[0]?.id).toMatch(/^20260101\d{9}::[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(Object.keys(trades[0]?.info ?? {}).filter((name) => /fee|commission|liquidity/.test(name))).toEqual([]);
  });

  test("the fees are written down when New York's day is over, in coins and in dollars", async () => {
    await place(venue, { type: "market", limit_price: undefined, qty: "0.1" });
    await place(venue, { type: "market", limit_price: undefined, side: "sell", qty: "0.1" });
    const fees = () => rawCall(venue, "GET", "/v2/account/activities?activity_types=CFEE,FEE&direction=desc&page_size=2");
    const today = (await fees()).list;
    venue.clock.now += DAY_MS;
    const { list } = await fees();
    expect(list).not.toEqual(today);
    expect(list).toMatchObject([
      { activity_type: "FEE", net_amount: "-12.49975", qty: "0", symbol: "BTCUSD" },
      { activity_type: "CFEE", net_amount: "0", qty: "-0.00025", symbol: "BTCUSD", price: "50000" },
    ]);
  });

  test("orders for an amount of money spend it, and cannot be changed", async () => {
    const bought = await client.createMarketBuyOrderWithCost(SYMBOL, 1_000);
    expect(await client.fetchOrder(idOf(bought))).toMatchObject({
      status: "closed",
      filled: 0.02,
      info: { notional: "1000", qty: null },
    });
    const resting = await place(venue, { qty: undefined, notional: "400" });
    expect((await client.fetchOrder(String(resting.body["id"]))).info).toMatchObject({ status: "new", notional: "400" });
    const changed = await rawCall(venue, "PATCH", `/v2/orders/${String(resting.body["id"])}`, { body: { limit_price: "41000" } });
    expect(changed).toMatchObject({ status: 422, body: { code: 42210000 } });
    const both = await place(venue, { notional: "400" });
    expect(both).toMatchObject({ status: 422, body: { code: 40010001 } });
    expect(await rawCall(venue, "DELETE", "/v2/orders")).toMatchObject({ status: 207, list: [{ status: 200 }] });
  });

  test("an edit makes another order with another id, and a refused edit leaves the first one alone", async () => {
    const order = await client.createOrder(SYMBOL, "limit", "buy", 0.01, 40_000);
    await expect(client.editOrder(idOf(order), SYMBOL, "limit", "buy", 100, 40_000)).rejects.toBeInstanceOf(
      ccxt.InsufficientFunds,
    );
    expect((await client.fetchOrder(idOf(order))).status).toBe("open");
    const edited = await client.editOrder(idOf(order), SYMBOL, "limit", "buy", 0.02, 41_000);
    expect(idOf(edited)).not.toBe(idOf(order));
    const { body } = await rawCall(venue, "GET", `/v2/orders/${idOf(order)}`);
    expect(body).toMatchObject({ status: "replaced", replaced_by: idOf(edited), canceled_at: null });
    expect(await client.fetchOrder(idOf(edited))).toMatchObject({ status: "open", amount: 0.02, price: 41_000 });
    await client.cancelAllOrders();
    expect(balanceOf("USD").locked.isZero()).toBe(true);
  });

  test("an immediate order takes what is there, and what is left of it is canceled", async () => {
    const { body } = await place(venue, { qty: "1", limit_price: "50000", time_in_force: "ioc" });
    const order = await client.fetchOrder(String(body["id"]));
    expect(order).toMatchObject({ status: "canceled", filled: 0.5, amount: 1, average: 50_000, timeInForce: "IOC" });
  });

  test("a stop limit waits out of the book for its price and then works", async () => {
    const order = await client.createOrder(SYMBOL, "limit", "sell", 0.01, 44_000, { triggerPrice: 45_000 });
    expect(await client.fetchOrder(idOf(order))).toMatchObject({ status: "open", triggerPrice: 45_000, filled: 0 });
    expect((await rawCall(venue, "GET", `/v2/orders/${idOf(order)}`)).body).toMatchObject({
      status: "accepted",
      type: "stop_limit",
    });
    expect(venue.engine.order(venue.account.id, idOf(order))?.trigger).toMatchObject({ kind: "stop-loss", triggeredAt: null });
    expect(await place(venue, { type: "stop_limit" })).toMatchObject({ status: 422, body: { code: 40010001 } });
    venue.engine.setBook(SYMBOL, { bids: levels(["44900", "1"]), asks: levels(["44910", "1"]) });
    venue.engine.publish(SYMBOL);
    expect(await client.fetchOrder(idOf(order))).toMatchObject({ status: "closed", filled: 0.01, average: 44_900 });
  });

  test("lists begin after and end before the times they are given, newest first unless asked otherwise", async () => {
    const ids: string[] = [];
    for (let count = 0; count < 3; count += 1) {
      ids.push(String((await place(venue)).body["id"]));
      venue.clock.now += 1_000;
    }
    const [first, , third] = ids.map((id) => venue.engine.order(venue.account.id, id)?.createdAt ?? 0);
    const between = `after=${new Date(first ?? 0).toISOString()}&until=${new Date(third ?? 0).toISOString()}`;
    const idsOf = async (query: string) => (await rawCall(venue, "GET", `/v2/orders?${query}`)).list.map(({ id }) => id);
    expect(await idsOf(between)).toEqual([ids[1]]);
    expect(await idsOf("limit=2")).toEqual([ids[2], ids[1]]);
    expect(await idsOf("limit=2&direction=asc")).toEqual([ids[0], ids[1]]);
    expect(await idsOf("symbols=ETH/USD")).toEqual([]);
    expect(await client.cancelAllOrders()).toHaveLength(3);
  });
});
