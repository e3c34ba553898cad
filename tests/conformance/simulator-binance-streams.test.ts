import { createHmac } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  binanceCall,
  ccxtProClient,
  openSocket,
  type PaperVenue,
  type RawSocket,
  rawGet,
  startPaperVenue,
  idOf,
} from "#tests/support/paper-venue.ts";

const SYMBOL = "BTC/USDT";
const LEAN = { fetchMarkets: { types: ["spot"] }, fetchCurrencies: false };
type ProClient = Awaited<ReturnType<typeof ccxtProClient>>;

let venue: PaperVenue;
const sockets: RawSocket[] = [];

beforeAll(async () => {
  venue = await startPaperVenue("binance");
});
afterAll(() => venue.close());
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.close();
});

async function socketOn(path: string): Promise<RawSocket> {
  const socket = await openSocket(venue, path);
  sockets.push(socket);
  return socket;
}

const market = { symbol: "BTCUSDT", side: "BUY", type: "MARKET", quantity: "0.001" };
const limit = { symbol: "BTCUSDT", side: "BUY", type: "LIMIT", timeInForce: "GTC", quantity: "0.01", price: "1000" };

describe("ccxt.pro", () => {
  let pro: ProClient;
  beforeEach(async () => {
    pro = await ccxtProClient(venue, LEAN);
    await pro.loadMarkets();
  });
  afterEach(async () => {
    // close() rejects whatever is still being watched.
    await pro.close();
  });

  /** Starts watching and makes something happen until the watch has an answer. */
  async function watched<T>(watch: Promise<T>, happen: () => unknown): Promise<T> {
    let done = false;
    const answer = watch.finally(() => {
      done = true;
    });
    answer.catch(() => undefined);
    while (!done) {
      await happen();
      await Promise.race([answer, new Promise((resolve) => setTimeout(resolve, 20))]);
    }
    return answer;
  }

  test("watches the ticker, public trades and candles", async () => {
    const step = (): void => venue.simulator.control.step();
    const trade = () => binanceCall(venue, "POST", "/api/v3/order", market);
    const ticker = await watched(pro.watchTicker(SYMBOL), step);
    expect(ticker).toMatchObject({ symbol: SYMBOL, last: expect.any(Number) });
    const best = (await watched(pro.watchBidsAsks([SYMBOL]), step))[SYMBOL];
    expect(best).toMatchObject({ bid: expect.any(Number), askVolume: expect.any(Number) });
    const [first] = await watched(pro.watchTrades(SYMBOL), trade);
    expect(first).toMatchObject({ symbol: SYMBOL, amount: 0.001, side: "buy" });
    const candles = await watched(pro.watchOHLCV(SYMBOL, "1m"), trade);
    expect(candles.at(-1)).toHaveLength(6);
  });

  test("keeps a local book from snapshot and diffs that equals the venue's", async () => {
    const check = async (): Promise<void> => {
      const book = await watched(pro.watchOrderBook(SYMBOL), () => venue.simulator.control.step());
      if (book.nonce !== venue.engine.book(SYMBOL)?.sequence) return;
      const truth = venue.engine.book(SYMBOL);
      expect(book.bids.map(([price, amount]) => [price, amount])).toEqual(truth?.bids.map((level) => level.map(Number)));
      expect(book.asks.map(([price, amount]) => [price, amount])).toEqual(truth?.asks.map((level) => level.map(Number)));
      checked += 1;
    };
    let checked = 0;
    while (checked < 5) await check();
  });

  test("hears of its own orders, trades and balances by the signed ws-api subscription", async () => {
    const trade = () => binanceCall(venue, "POST", "/api/v3/order", market);
    const orders = await watched(pro.watchOrders(SYMBOL), trade);
    const order = orders.at(-1);
    expect(order?.symbol).toBe(SYMBOL);
    const [own] = await watched(pro.watchMyTrades(SYMBOL), trade);
    expect(own).toMatchObject({ symbol: SYMBOL, amount: 0.001, fee: { currency: "BTC" }, takerOrMaker: "taker" });
    const balance = await watched(pro.watchBalance(), trade);
    expect(balance["BTC"]?.free).toBeGreaterThan(0);
  });

  test("places, looks up, edits and cancels over the ws-api", async () => {
    const order = await pro.createOrderWs(SYMBOL, "limit", "buy", 0.01, 1_000);
    expect(order).toMatchObject({ status: "open", price: 1_000 });
    expect((await pro.fetchOrderWs(idOf(order), SYMBOL)).id).toBe(idOf(order));
    const edited = await pro.editOrderWs(idOf(order), SYMBOL, "limit", "buy", 0.02, 1_100);
    expect(edited).toMatchObject({ status: "open", amount: 0.02 });
    expect((await pro.cancelOrderWs(idOf(edited), SYMBOL)).status).toBe("canceled");
    await expect(pro.cancelOrderWs(idOf(edited), SYMBOL)).rejects.toThrow("Unknown order");
    expect((await pro.fetchBalanceWs())["info"]).toMatchObject({ accountType: "SPOT", balances: expect.any(Array) });
  });
});

describe("the documented streams", () => {
  test("diffs have no gap, begin after the snapshot's id, and rebuild the book exactly", async () => {
    const socket = await socketOn("/ws/btcusdt@depth@100ms");
    venue.simulator.control.step();
    await socket.next((message) => message["e"] === "depthUpdate", "the first diff");
    const snapshot = (await rawGet(venue, "/api/v3/depth?symbol=BTCUSDT&limit=5000")).body as {
      lastUpdateId: number;
      bids: [string, string][];
      asks: [string, string][];
    };
    for (let count = 0; count < 5; count += 1) venue.simulator.control.step();
    await binanceCall(venue, "POST", "/api/v3/order", limit);
    venue.simulator.control.step();
    const last = venue.engine.book(SYMBOL);
    await socket.next((message) => message["u"] === last?.sequence, "the diff of the last book");
    const diffs = socket.messages as unknown as { U: number; u: number; b: [string, string][]; a: [string, string][] }[];
    diffs.slice(1).forEach((diff, index) => expect(diff.U).toBe((diffs[index]?.u ?? 0) + 1));
    const [bids, asks] = [new Map(snapshot.bids), new Map(snapshot.asks)];
    const news = diffs.filter((diff) => diff.u > snapshot.lastUpdateId);
    expect(news[0]?.U).toBeLessThanOrEqual(snapshot.lastUpdateId + 1);
    for (const { b, a } of news) {
      for (const [side, changes] of [
        [bids, b],
        [asks, a],
      ] as const) {
        for (const [price, amount] of changes) {
          if (Number(amount) === 0) side.delete(price);
          else side.set(price, amount);
        }
      }
    }
    const truth = (levels: typeof last): [Map<string, string>, Map<string, string>] => [
      new Map(levels?.bids.map(([price, amount]) => [price.toFixed(8), amount.toFixed(8)])),
      new Map(levels?.asks.map(([price, amount]) => [price.toFixed(8), amount.toFixed(8)])),
    ];
    expect([bids, asks]).toEqual(truth(last));
    await binanceCall(venue, "DELETE", "/api/v3/openOrders", { symbol: "BTCUSDT" });
  });

  test("combined streams name their stream; SUBSCRIBE, LIST and UNSUBSCRIBE answer by id", async () => {
    const socket = await socketOn("/stream?streams=btcusdt@ticker/ethusdt@bookTicker");
    const ticker = await socket.next((message) => message["stream"] === "btcusdt@ticker", "the ticker");
    expect(ticker["data"]).toMatchObject({ e: "24hrTicker", s: "BTCUSDT" });
    expect((await socket.next((message) => message["stream"] === "ethusdt@bookTicker", "the best prices"))["data"]).toMatchObject(
      { s: "ETHUSDT", u: expect.any(Number) },
    );
    socket.send({ method: "SUBSCRIBE", params: ["btcusdt@depth5", "btcusdt@kline_1m"], id: 7 });
    expect(await socket.next((message) => message["id"] === 7, "the acknowledgement")).toEqual({ result: null, id: 7 });
    const partial = await socket.next((message) => message["stream"] === "btcusdt@depth5", "the partial book");
    expect((partial["data"] as { bids: unknown[] }).bids).toHaveLength(5);
    const kline = await socket.next((message) => message["stream"] === "btcusdt@kline_1m", "the candle");
    expect(kline["data"]).toMatchObject({ e: "kline", k: { i: "1m", x: false } });
    socket.send({ method: "UNSUBSCRIBE", params: ["btcusdt@ticker"], id: 8 });
    socket.send({ method: "LIST_SUBSCRIPTIONS", id: 9 });
    const list = await socket.next((message) => message["id"] === 9, "the list");
    expect(list["result"]).toEqual(["ethusdt@bookTicker", "btcusdt@depth5", "btcusdt@kline_1m"]);
    socket.send("not json");
    await socket.next((message) => (message["error"] as { code?: number } | undefined)?.code === 3, "the complaint");
  });

  test("a listen key carries the account's reports in the venue's order, with every fill's own fee", async () => {
    const { body } = await binanceCall(venue, "POST", "/api/v3/userDataStream");
    const { listenKey } = body as { listenKey: string };
    expect((await binanceCall(venue, "POST", "/api/v3/userDataStream")).body).toEqual({ listenKey });
    expect((await binanceCall(venue, "PUT", "/api/v3/userDataStream", { listenKey })).body).toEqual({});
    const socket = await socketOn(`/ws/${listenKey}`);
    const placed = (await binanceCall(venue, "POST", "/api/v3/order", { ...market, quantity: "0.002" })).body as {
      orderId: number;
    };
    const done = await socket.next((message) => message["x"] === "TRADE" && message["X"] === "FILLED", "the fill");
    const [fill] = venue.engine.fills(venue.account.id, { orderId: String(placed.orderId) });
    expect(done).toMatchObject({
      i: placed.orderId,
      t: Number(fill?.id),
      n: fill?.fee.toFixed(8),
      N: "BTC",
      z: "0.00200000",
      l: fill?.amount.toFixed(8),
    });
    await socket.next((message) => message["e"] === "outboundAccountPosition", "the balances");
    const reports = socket.messages.filter((message) => message["e"] === "executionReport");
    expect(reports[0]).toMatchObject({ x: "NEW", X: "NEW", z: "0.00000000" });
    await binanceCall(venue, "POST", "/api/v3/order", { symbol: "BTCUSDT", side: "BUY", type: "MARKET", quoteOrderQty: 250 });
    await socket.next((message) => message["x"] === "NEW" && message["Q"] === "250.00000000", "the cost-based order");
    const resting = (await binanceCall(venue, "POST", "/api/v3/order", { ...limit, newClientOrderId: "restinghere" })).body as {
      orderId: number;
    };
    await binanceCall(venue, "DELETE", "/api/v3/order", { symbol: "BTCUSDT", orderId: resting.orderId });
    const canceled = await socket.next((message) => message["x"] === "CANCELED", "the cancel");
    expect(canceled).toMatchObject({ i: resting.orderId, X: "CANCELED", C: "restinghere" });
    expect((await binanceCall(venue, "DELETE", "/api/v3/userDataStream", { listenKey })).body).toEqual({});
    expect((await binanceCall(venue, "PUT", "/api/v3/userDataStream", { listenKey })).body).toMatchObject({ code: -1125 });
  });

  test("a ws-api subscription with a wrong signature hears nothing and is told why", async () => {
    const socket = await socketOn("/ws-api/v3");
    const params = { apiKey: venue.account.apiKey, timestamp: venue.engine.now() };
    const sign = (secret: string): string =>
      createHmac("sha256", secret).update(`apiKey=${params.apiKey}&timestamp=${params.timestamp}`).digest("hex");
    socket.send({ id: "a", method: "userDataStream.subscribe.signature", params: { ...params, signature: sign("wrong") } });
    expect(await socket.next((message) => message["id"] === "a", "the refusal")).toMatchObject({
      status: 400,
      error: { code: -1022 },
    });
    socket.send({
      id: "b",
      method: "userDataStream.subscribe.signature",
      params: { ...params, signature: sign(venue.account.secret) },
    });
    expect(await socket.next((message) => message["id"] === "b", "the subscription")).toMatchObject({
      status: 200,
      result: { subscriptionId: 0 },
    });
    await binanceCall(venue, "POST", "/api/v3/order", market);
    const event = await socket.next((message) => message["subscriptionId"] === 0, "an event");
    expect(event["event"]).toMatchObject({ e: "executionReport", x: "NEW" });
    socket.send({ id: "c", method: "no.such.thing", params: {} });
    expect(await socket.next((message) => message["id"] === "c", "the complaint")).toMatchObject({
      status: 400,
      error: { code: -1020 },
    });
    socket.send({ id: "d", method: "depth", params: { symbol: "BTCUSDT", limit: 5 } });
    expect(await socket.next((message) => message["id"] === "d", "the book")).toMatchObject({
      status: 200,
      result: { lastUpdateId: expect.any(Number) },
    });
  });
});
