import ccxt from "ccxt";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  authArguments,
  bybitCall,
  bybitClient,
  bybitProClient,
  type BybitSocket,
  type BybitVenue,
  idOf,
  openBybitSocket,
  setKnownBook,
  startBybitVenue,
  SYMBOL,
} from "#tests/support/bybit-venue.ts";

const MARKET = { category: "spot", symbol: "BTCUSDT", side: "Buy", orderType: "Market", qty: "0.001", marketUnit: "baseCoin" };

let venue: BybitVenue;
const sockets: BybitSocket[] = [];
beforeAll(async () => {
  venue = await startBybitVenue();
});
afterAll(() => venue.close());
beforeEach(() => setKnownBook(venue));
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.close();
});

async function socketOn(path: string): Promise<BybitSocket> {
  const socket = await openBybitSocket(venue, path);
  sockets.push(socket);
  return socket;
}

const trade = (changes: Record<string, unknown> = {}) => bybitCall(venue, "POST", "/v5/order/create", { ...MARKET, ...changes });
const step = (): void => venue.control.step();

describe("ccxt.pro", () => {
  let pro: Awaited<ReturnType<typeof bybitProClient>>;
  beforeEach(async () => {
    pro = await bybitProClient(venue);
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

  test("watches the ticker, the best prices, public trades and candles", async () => {
    expect(await watched(pro.watchTicker(SYMBOL), step)).toMatchObject({ symbol: SYMBOL, last: expect.any(Number) });
    const best = (await watched(pro.watchBidsAsks([SYMBOL]), step))[SYMBOL];
    expect(best).toMatchObject({ bid: expect.any(Number), askVolume: expect.any(Number) });
    const [first] = await watched(pro.watchTrades(SYMBOL), trade);
    expect(first).toMatchObject({ symbol: SYMBOL, amount: 0.001, side: "buy" });
    const candles = await watched(pro.watchOHLCV(SYMBOL, "1m"), trade);
    expect(candles.at(-1)).toHaveLength(6);
  });

  test("keeps a local book from snapshot and deltas that is one of the venue's, level for level", async () => {
    let mid = 50_000;
    const seen = new Set<number>();
    while (seen.size < 5) {
      const book = await watched(pro.watchOrderBook(SYMBOL, 50), () => {
        mid += 7;
        setKnownBook(venue, mid);
      });
      const best = Number(book.asks[0]?.[0]);
      const ladder = (first: number, step: number) => [2, 3, 3, 3, 3, 3].map((amount, index) => [first + step * index, amount]);
      const kept = (side: readonly (readonly unknown[])[]) => Array.from(side, ([price, amount]) => [price, amount]);
      expect(kept(book.asks)).toEqual(ladder(best, 10));
      expect(kept(book.bids)).toEqual(ladder(best - 1, -10));
      seen.add(best);
    }
  });

  test("hears of its own orders, trades and balances after it has logged in", async () => {
    const order = (await watched(pro.watchOrders(SYMBOL), trade)).at(-1);
    expect(order?.symbol).toBe(SYMBOL);
    const [own] = await watched(pro.watchMyTrades(SYMBOL), trade);
    expect(own).toMatchObject({ symbol: SYMBOL, amount: 0.001, fee: { currency: "BTC" }, takerOrMaker: "taker" });
    const balance = await watched(pro.watchBalance(), trade);
    expect(balance["BTC"]?.total).toBe(
      Number(venue.engine.balances(venue.account.id).find(({ asset }) => asset === "BTC")?.free),
    );
  });

  test("places, amends and cancels over the trading socket, and is refused there as over REST", async () => {
    const placed = await pro.createOrderWs(SYMBOL, "limit", "buy", 0.01, 30_000, { clientOrderId: "by-socket" });
    const id = idOf(placed);
    expect(venue.engine.order(venue.account.id, id)).toMatchObject({ clientOrderId: "by-socket", status: "open" });
    await pro.editOrderWs(id, SYMBOL, "limit", "buy", 0.02, 31_000);
    expect(venue.engine.order(venue.account.id, id)?.price?.toFixed()).toBe("31000");
    await pro.cancelOrderWs(id, SYMBOL);
    expect(venue.engine.order(venue.account.id, id)?.status).toBe("canceled");
    await expect(pro.createOrderWs(SYMBOL, "limit", "buy", 1_000, 30_000)).rejects.toBeInstanceOf(ccxt.InsufficientFunds);
  });

  test("cannot log in with a wrong secret", async () => {
    const other = venue.control.createAccount({ venue: "bybit" });
    const wrong = await bybitProClient(venue, { apiKey: venue.account.apiKey, secret: other.secret });
    // Its markets and its kind of account come from a good client: only the socket is in question.
    wrong.setMarkets((await bybitClient(venue).fetchMarkets()).filter((market) => market !== undefined));
    Object.assign(wrong.options, { enableUnifiedMargin: false, enableUnifiedAccount: true });
    await expect(wrong.watchOrders(SYMBOL)).rejects.toBeInstanceOf(ccxt.ExchangeError);
    await wrong.close();
  });
});

describe("the documented sockets", () => {
  test("a book's deltas follow its snapshot without a gap and rebuild it exactly", async () => {
    const socket = await socketOn("/v5/public/spot");
    socket.send({ op: "subscribe", req_id: "7", args: ["orderbook.50.BTCUSDT"] });
    const answer = await socket.next(({ op }) => op === "subscribe", "the answer");
    expect(answer).toMatchObject({ success: true, req_id: "7", conn_id: expect.any(String) });
    for (let count = 0; count < 5; count += 1) step();
    setKnownBook(venue, 60_000);
    interface Book {
      readonly b: [string, string][];
      readonly a: [string, string][];
      readonly u: number;
      readonly seq: number;
    }
    const sequence = venue.engine.book(SYMBOL)?.sequence;
    await socket.next(({ data }) => (data as Book | undefined)?.seq === sequence, "the delta of the last book");
    const books = socket.messages.filter(({ topic }) => topic === "orderbook.50.BTCUSDT");
    expect(books.map(({ type }) => type)).toEqual(["snapshot", ...books.slice(1).map(() => "delta")]);
    const data = books.map((message) => message["data"] as Book);
    data.slice(1).forEach((delta, index) => expect(delta.u).toBe((data[index]?.u ?? 0) + 1));
    const [bids, asks] = [new Map(data[0]?.b), new Map(data[0]?.a)];
    const change = (side: Map<string, string>, levels: [string, string][]) => {
      for (const [price, amount] of levels) {
        if (amount === "0") side.delete(price);
        else side.set(price, amount);
      }
    };
    for (const { b, a } of data.slice(1)) {
      change(bids, b);
      change(asks, a);
    }
    const truth = venue.engine.book(SYMBOL, 50);
    expect(bids).toEqual(new Map(truth?.bids.map(([price, amount]) => [price.toFixed(), amount.toFixed()])));
    expect(asks).toEqual(new Map(truth?.asks.map(([price, amount]) => [price.toFixed(), amount.toFixed()])));
  });

  test("two listeners of one book share its numbers, and one level comes whole each time", async () => {
    const [first, second] = [await socketOn("/v5/public/spot"), await socketOn("/v5/public/spot")];
    first.send({ op: "subscribe", args: ["orderbook.200.BTCUSDT", "orderbook.1.BTCUSDT"] });
    await first.next(({ topic }) => topic === "orderbook.1.BTCUSDT", "the first snapshots");
    setKnownBook(venue, 61_000);
    second.send({ op: "subscribe", args: ["orderbook.200.BTCUSDT"] });
    const snapshot = await second.next(({ type }) => type === "snapshot", "the second snapshot");
    const last = () => first.messages.filter(({ topic }) => topic === "orderbook.200.BTCUSDT").at(-1);
    expect(last()?.["data"]).toMatchObject({ u: (snapshot["data"] as { u: number }).u });
    const best = first.messages.filter(({ topic }) => topic === "orderbook.1.BTCUSDT");
    expect(best.map(({ type }) => type)).toEqual(["snapshot", "snapshot"]);
    expect(best[1]?.["data"]).toMatchObject({ b: [["60999", "2"]], a: [["61000", "2"]] });
  });

  test("pings are answered, and what is unknown is told without ending the connection", async () => {
    const open = await socketOn("/v5/public/spot");
    open.send({ op: "ping", req_id: "1" });
    expect(await open.next(({ op }) => op === "ping", "the pong")).toMatchObject({ success: true, ret_msg: "pong", req_id: "1" });
    for (const args of [["tickers.NOPE"], ["weather.BTCUSDT"], ["orderbook.7.BTCUSDT"], ["kline.7.BTCUSDT"]]) {
      open.send({ op: "subscribe", req_id: args[0], args });
      expect(await open.next(({ req_id: id }) => id === args[0], "the refusal")).toMatchObject({ success: false });
    }
    open.send({ op: "subscribe", req_id: "many", args: Array.from({ length: 11 }, () => "tickers.BTCUSDT") });
    expect(await open.next(({ req_id: id }) => id === "many", "the refusal")).toMatchObject({ success: false });
    open.send("not json");
    open.send({ op: "dance", req_id: "2" });
    await open.next(({ req_id: id }) => id === "2", "the complaint");
    const own = await socketOn("/v5/private");
    own.send({ op: "ping", req_id: "3" });
    expect(await own.next(({ op }) => op === "pong", "the pong")).toMatchObject({ req_id: "3", args: [expect.any(String)] });
  });

  test("the account's socket tells nothing before a good login, and afterwards each change in order", async () => {
    const socket = await socketOn("/v5/private");
    const topics = ["order", "execution", "execution.fast", "wallet"];
    socket.send({ op: "subscribe", req_id: "early", args: topics });
    expect(await socket.next(({ req_id: id }) => id === "early", "the refusal")).toMatchObject({ success: false });
    socket.send({ op: "auth", req_id: "late", args: authArguments(venue.account, venue.engine.now() - 1) });
    expect(await socket.next(({ req_id: id }) => id === "late", "the refusal")).toMatchObject({ success: false, op: "auth" });
    socket.send({ op: "auth", req_id: "good", args: authArguments(venue.account, venue.engine.now() + 10_000) });
    expect(await socket.next(({ req_id: id }) => id === "good", "the login")).toMatchObject({ success: true });
    socket.send({ op: "subscribe", req_id: "own", args: topics });
    await socket.next(({ req_id: id }) => id === "own", "the subscription");
    const stranger = venue.control.createAccount({ venue: "bybit", balances: { USDT: "1000" } });
    venue.control.placeByHand({ account: stranger.id, symbol: SYMBOL, side: "buy", type: "market", amount: "0.001" });
    const orderId = String((await trade({ orderLinkId: "streamed", qty: "50", marketUnit: "quoteCoin" })).result["orderId"]);
    await socket.next(({ topic }) => topic === "wallet", "the wallet");
    const told = socket.messages.flatMap(({ topic, data }) =>
      topic === undefined ? [] : [{ topic, row: (data as Record<string, unknown>[])[0] }],
    );
    expect(told.map(({ topic }) => topic)).toEqual(["order", "order", "execution", "execution.fast", "wallet"]);
    const named = { category: "spot", orderId, orderLinkId: "streamed" };
    expect(told[0]?.row).toMatchObject({ ...named, orderStatus: "New", cumExecQty: "0", qty: "50", marketUnit: "quoteCoin" });
    expect(told[1]?.row).toMatchObject({ ...named, orderStatus: "Filled", cumExecQty: "0.001" });
    const [fill] = venue.engine.fills(venue.account.id, { orderId });
    expect(told[2]?.row).toMatchObject({ ...named, execId: fill?.id, execFee: fill?.fee.toFixed(), feeCurrency: "BTC" });
    expect(told[3]?.row).not.toHaveProperty("execFee");
    expect(told[4]?.row).toMatchObject({ accountType: "UNIFIED", coin: expect.any(Array) });
    socket.send({ op: "unsubscribe", req_id: "bye", args: topics });
    await socket.next(({ req_id: id }) => id === "bye", "the farewell");
    const count = socket.messages.length;
    await trade();
    expect(socket.messages).toHaveLength(count);
  });

  test("the trading socket checks login, time and permission like REST", async () => {
    const socket = await socketOn("/v5/trade");
    const header = () => ({ "X-BAPI-TIMESTAMP": String(venue.engine.now()), "X-BAPI-RECV-WINDOW": "5000" });
    const ask = async (reqId: string, op: string, args: readonly unknown[], changed: Record<string, string> = {}) => {
      socket.send({ reqId, op, args, header: { ...header(), ...changed } });
      return socket.next((message) => message["reqId"] === reqId, reqId);
    };
    expect(await ask("1", "order.create", [MARKET])).toMatchObject({ retCode: 10003 });
    expect(await ask("2", "auth", ["nobody", 1, "x"])).toMatchObject({ retCode: 10004 });
    expect(await ask("3", "auth", authArguments(venue.account, venue.engine.now() + 10_000))).toMatchObject({ retCode: 0 });
    expect(await ask("4", "order.create", [MARKET], { "X-BAPI-TIMESTAMP": "1" })).toMatchObject({ retCode: 10002 });
    expect(await ask("5", "order.dance", [MARKET])).toMatchObject({ retCode: 10404 });
    const done = await ask("6", "order.create", [MARKET]);
    expect(done).toMatchObject({ retCode: 0, op: "order.create", data: { orderId: expect.any(String) } });
    expect(done["header"]).toMatchObject({ "X-Bapi-Limit": expect.any(String), Timenow: expect.any(String) });
  });
});
