import ccxt from "ccxt";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  gateCall,
  gateProClient,
  type GateVenue,
  idOf,
  openGateSocket,
  PAIR,
  type RawSocket,
  rawGet,
  setKnownBook,
  socketAuth,
  startGateVenue,
  SYMBOL,
} from "#tests/support/gate-venue.ts";

type ProClient = Awaited<ReturnType<typeof gateProClient>>;

let venue: GateVenue;
const sockets: RawSocket[] = [];

beforeAll(async () => {
  venue = await startGateVenue();
});
afterAll(() => venue.close());
beforeEach(() => setKnownBook(venue));
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.close();
});

async function socketOn(): Promise<RawSocket> {
  const socket = await openGateSocket(venue);
  sockets.push(socket);
  return socket;
}

const limit = { currency_pair: PAIR, type: "limit", side: "buy", amount: "0.01", price: "40000" };
const place = (change: object = {}) => gateCall(venue, "POST", "/spot/orders", { ...limit, ...change });
const take = () => place({ price: "200000", time_in_force: "ioc", amount: "0.001" });

describe("ccxt.pro", () => {
  let pro: ProClient;
  beforeEach(async () => {
    pro = await gateProClient(venue);
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

  test("watches tickers, best prices, public trades and candles", async () => {
    const step = (): void => venue.simulator.control.step();
    expect(await watched(pro.watchTicker(SYMBOL), step)).toMatchObject({ symbol: SYMBOL, last: expect.any(Number) });
    const best = (await watched(pro.watchBidsAsks([SYMBOL]), step))[SYMBOL];
    expect(best).toMatchObject({ bid: expect.any(Number), askVolume: expect.any(Number) });
    const [trade] = await watched(pro.watchTrades(SYMBOL), take);
    expect(trade).toMatchObject({ symbol: SYMBOL, side: "buy", amount: 0.001 });
    const [bar] = await watched(pro.watchOHLCV(SYMBOL, "1m"), take);
    expect(bar).toHaveLength(6);
  });

  test("a watched book is the engine's after every change", async () => {
    const first = await watched(pro.watchOrderBook(SYMBOL), () => undefined);
    expect(first.asks[0]).toEqual([50_000, 2]);
    await take();
    venue.engine.publish(SYMBOL);
    const next = await watched(pro.watchOrderBook(SYMBOL), () => venue.engine.publish(SYMBOL));
    const book = venue.engine.book(SYMBOL, 50);
    expect(next.asks.map(([price, amount]) => [price, amount])).toEqual(
      book?.asks.map(([price, amount]) => [Number(price), Number(amount)]),
    );
    expect(next.nonce).toBe(book?.sequence);
  });

  test("watches its own orders through their lives, trades and balances", async () => {
    const [opened] = await watched(pro.watchOrders(SYMBOL), place);
    expect(opened).toMatchObject({ symbol: SYMBOL, status: "open", amount: 0.01 });
    const cancelAll = () => gateCall(venue, "DELETE", `/spot/orders?currency_pair=${PAIR}`);
    const [ended] = await watched(pro.watchOrders(SYMBOL), cancelAll);
    expect(ended).toMatchObject({ status: "canceled", filled: 0 });
    const [trade] = await watched(pro.watchMyTrades(SYMBOL), take);
    expect(trade).toMatchObject({ symbol: SYMBOL, side: "buy", amount: 0.001, takerOrMaker: "taker" });
    const balance = await watched(pro.watchBalance(), take);
    const held = venue.engine.balances(venue.account.id).find(({ asset }) => asset === "BTC");
    expect(balance["BTC"]?.total).toBeLessThanOrEqual(Number(held?.free.plus(held.locked)));
  });

  test("places, amends, asks about and cancels over the socket", async () => {
    const placed = await pro.createOrderWs(SYMBOL, "limit", "buy", 0.01, 41_000);
    expect(placed).toMatchObject({ status: "open", price: 41_000 });
    expect(await pro.editOrderWs(idOf(placed), SYMBOL, "limit", "buy", 0.01, 41_500)).toMatchObject({ price: 41_500 });
    expect(await pro.fetchOrderWs(idOf(placed), SYMBOL)).toMatchObject({ id: placed.id, status: "open" });
    expect(await pro.cancelOrderWs(idOf(placed), SYMBOL)).toMatchObject({ id: placed.id, status: "canceled" });
    await expect(pro.cancelOrderWs(idOf(placed), SYMBOL)).rejects.toBeInstanceOf(ccxt.InvalidOrder);
  });

  test("a wrong secret opens no private channel", async () => {
    const wrong = await gateProClient(venue, { apiKey: venue.account.apiKey, secret: "f".repeat(64) });
    await wrong.loadMarkets();
    await expect(wrong.watchOrders()).rejects.toBeInstanceOf(ccxt.AuthenticationError);
    await wrong.close();
  });
});

describe("the socket itself", () => {
  const now = (): number => Math.floor(venue.engine.now() / 1000);

  test("answers pings, and says in the documented form what it does not understand", async () => {
    const socket = await socketOn();
    socket.send({ time: now(), channel: "spot.ping", id: 5 });
    expect(await socket.next(({ id }) => id === 5, "a pong")).toMatchObject({ channel: "spot.pong", event: "", error: null });
    const wrong = [
      ["not json", { code: 1, message: expect.any(String) }],
      [
        { channel: "spot.nothing", event: "subscribe", payload: [PAIR] },
        { code: 2, message: "Unknown channel spot.nothing" },
      ],
      [
        { channel: "spot.trades", event: "subscribe", payload: ["NO_SUCH"] },
        { code: 2, message: expect.any(String) },
      ],
      [
        { channel: "spot.orders", event: "subscribe", payload: [PAIR] },
        { code: 4, message: expect.any(String) },
      ],
    ] as const;
    for (const [message, error] of wrong) {
      const before = socket.messages.length;
      socket.send(message);
      await socket.next((answer) => socket.messages.indexOf(answer) >= before, "a refusal");
      expect(socket.messages[before]).toMatchObject({ error, result: { status: "fail" } });
    }
  });

  test("a private channel needs a signature over its own words and time", async () => {
    const time = now();
    const wrong = [
      ["spot.orders", socketAuth(venue.account, "spot.usertrades", "subscribe", time), time, "INVALID_SIGNATURE"],
      ["spot.orders", socketAuth(venue.account, "spot.orders", "unsubscribe", time), time, "INVALID_SIGNATURE"],
      ["spot.orders", socketAuth(venue.account, "spot.orders", "subscribe", time - 100), time - 100, "REQUEST_EXPIRED"],
      [
        "spot.balances",
        socketAuth({ ...venue.account, apiKey: "nobody" }, "spot.balances", "subscribe", time),
        time,
        "INVALID_KEY",
      ],
    ] as const;
    const socket = await socketOn();
    for (const [index, [channel, auth, at, label]] of wrong.entries()) {
      socket.send({ id: index, time: at, channel, event: "subscribe", payload: [PAIR], auth });
      const answer = await socket.next(({ id }) => id === index, "an answer");
      expect(answer["error"]).toMatchObject({ code: 4, message: expect.stringContaining(label) });
    }
    const auth = socketAuth(venue.account, "spot.orders", "subscribe", time);
    socket.send({ id: 9, time, channel: "spot.orders", event: "subscribe", payload: ["!all"], auth });
    expect(await socket.next(({ id }) => id === 9, "an answer")).toMatchObject({ result: { status: "success" } });
    const stranger = venue.simulator.control.createAccount({ venue: "gate", balances: { USDT: "10000" } });
    await gateCall(venue, "POST", "/spot/orders", { ...limit, text: "t-strangers" }, { account: stranger });
    await place({ text: "t-mine" });
    const update = await socket.next(({ event, channel }) => event === "update" && channel === "spot.orders", "an order");
    expect(update["result"]).toMatchObject([{ text: "t-mine", event: "put", finish_as: "open", left: "0.01" }]);
    expect(JSON.stringify(socket.messages)).not.toContain("t-strangers");
  });

  test("book updates continue each other without a hole, and follow the book that REST answers with its id", async () => {
    const socket = await socketOn();
    socket.send({ time: now(), channel: "spot.order_book_update", event: "subscribe", payload: [PAIR, "100ms"] });
    await socket.next(({ event }) => event === "subscribe", "the subscription");
    const base = (await rawGet(venue, `/spot/order_book?currency_pair=${PAIR}&limit=100&with_id=true`)).body as {
      id: number;
      asks: [string, string][];
    };
    const asks = new Map(base.asks);
    for (let round = 0; round < 5; round += 1) {
      await take();
      venue.engine.publish(SYMBOL);
    }
    const last = venue.engine.book(SYMBOL);
    const results = () =>
      socket.messages.flatMap(({ event, result }) =>
        event === "update" ? [result as { U: number; u: number; a: [string, string][] }] : [],
      );
    await socket.next((message) => (message["result"] as { u?: number } | undefined)?.u === last?.sequence, "the last update");
    let sequence = base.id;
    for (const { U, u, a } of results().filter((update) => update.u > base.id)) {
      expect(U).toBe(sequence + 1);
      sequence = u;
      for (const [price, amount] of a) {
        if (amount === "0") asks.delete(price);
        else asks.set(price, amount);
      }
    }
    const truth = last?.asks.map(([price, amount]) => [price.toFixed(), amount.toFixed()] as const);
    expect(Object.fromEntries(asks)).toEqual(Object.fromEntries(truth ?? []));
  });

  test("the second version begins with the whole book, and is given once per connection", async () => {
    const socket = await socketOn();
    const subscribe = { time: now(), channel: "spot.obu", event: "subscribe", payload: [`ob.${PAIR}.50`] };
    socket.send({ ...subscribe, id: 1 });
    const full = await socket.next(({ event }) => event === "update", "the whole book");
    expect(full["result"]).toMatchObject({ full: true, s: `ob.${PAIR}.50`, u: venue.engine.book(SYMBOL)?.sequence });
    socket.send({ ...subscribe, id: 2 });
    const twice = await socket.next(({ id }) => id === 2, "an answer");
    expect(twice["error"]).toEqual({ code: 2, message: `Alert sub ob.${PAIR}.50` });
    await take();
    venue.engine.publish(SYMBOL);
    const update = await socket.next(({ result }) => (result as { U?: number } | undefined)?.U !== undefined, "an update");
    const start = (full["result"] as { u: number }).u;
    expect(update["result"]).toMatchObject({ s: `ob.${PAIR}.50`, U: start + 1, a: [["50000", expect.any(String)]] });
    socket.send({ ...subscribe, id: 3, event: "unsubscribe" });
    expect(await socket.next(({ id }) => id === 3, "an answer")).toMatchObject({ result: { status: "success" } });
    const count = socket.messages.length;
    await take();
    venue.engine.publish(SYMBOL);
    socket.send({ time: now(), channel: "spot.ping", id: 4 });
    await socket.next(({ id }) => id === 4, "a pong");
    expect(socket.messages.length).toBe(count + 1);
  });

  test("orders over the socket need a login", async () => {
    const socket = await socketOn();
    const request = { time: now(), channel: "spot.order_place", event: "api", payload: { req_id: "r1", req_param: limit } };
    socket.send(request);
    const refused = await socket.next(({ request_id: id }) => id === "r1", "a refusal");
    expect(refused).toMatchObject({ header: { status: "400" }, data: { errs: { label: "AUTHENTICATION_FAILED" } } });
  });
});
