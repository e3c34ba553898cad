import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Decimal } from "#server/domain/decimal.ts";
import { eventually } from "#tests/support/eventually.ts";
import {
  bulletAddress,
  kucoinCall,
  kucoinProClient,
  type KucoinVenue,
  MARKET_ID,
  type Message,
  openSocket,
  publicCall,
  type RawSocket,
  startKucoinVenue,
  SYMBOL,
} from "#tests/support/kucoin-venue.ts";

const LEAN = { uta: false, hf: true, fetchMarkets: { types: ["spot"], fetchTickersFees: false } };
const PLACE = "/api/v1/hf/orders/sync";
const market = { symbol: MARKET_ID, side: "buy", type: "market", size: "0.001" };
const limit = { symbol: MARKET_ID, side: "buy", type: "limit", size: "0.01", price: "1000" };

let venue: KucoinVenue;
const sockets: RawSocket[] = [];
beforeAll(async () => {
  venue = await startKucoinVenue();
});
afterAll(() => venue.close());
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.close();
});

/** A socket that has been welcomed. */
async function socketOf(kind: "public" | "private"): Promise<RawSocket> {
  const socket = openSocket(await bulletAddress(venue, kind));
  sockets.push(socket);
  await socket.next(({ type, id }) => type === "welcome" && id === "test", "the welcome");
  return socket;
}

async function subscribe(socket: RawSocket, topic: string, id = topic): Promise<void> {
  socket.send({ id, type: "subscribe", topic, response: true });
  await socket.next((message) => message["id"] === id && message["type"] === "ack", `the acknowledgement of ${topic}`);
}

const step = (): void => venue.simulator.control.step();
const buy = () => kucoinCall(venue, "POST", PLACE, market);

describe("ccxt.pro", () => {
  let pro: Awaited<ReturnType<typeof kucoinProClient>>;
  beforeEach(async () => {
    pro = await kucoinProClient(venue, LEAN);
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
    const ticker = await watched(pro.watchTicker(SYMBOL), step);
    const now = venue.engine.ticker(SYMBOL);
    expect(ticker).toMatchObject({ symbol: SYMBOL, high: Number(now?.high24h), baseVolume: expect.any(Number) });
    const all = await watched(pro.watchTickers([SYMBOL, "ETH/USDT"]), step);
    expect(Object.values(all)[0]).toMatchObject({ bid: expect.any(Number), ask: expect.any(Number) });
    const best = (await watched(pro.watchBidsAsks([SYMBOL]), step))[SYMBOL];
    expect(best?.bid).toBeLessThan(Number(best?.ask));
    const [first] = await watched(pro.watchTrades(SYMBOL), buy);
    expect(first).toMatchObject({ symbol: SYMBOL, amount: 0.001, side: "buy" });
    const candles = await watched(pro.watchOHLCV(SYMBOL, "1m"), step);
    expect(candles.at(-1)).toHaveLength(6);
  });

  test("keeps a local book from the changes and a snapshot that equals the venue's", async () => {
    let checked = 0;
    while (checked < 5) {
      const book = await watched(pro.watchOrderBook(SYMBOL), step);
      const truth = venue.engine.book(SYMBOL);
      if (book.nonce !== truth?.sequence) continue;
      // The library begins with the best hundred levels.
      const best = (levels: readonly (readonly unknown[])[] | undefined) =>
        levels?.slice(0, 50).map((level) => level.map(Number));
      expect(best(book.bids)).toEqual(best(truth?.bids));
      expect(best(book.asks)).toEqual(best(truth?.asks));
      checked += 1;
    }
  });

  test("whole books of fifty levels are the venue's", async () => {
    const book = await watched(pro.watchOrderBook(SYMBOL, 50), () => undefined);
    expect(book.bids.length).toBe(Math.min(50, venue.engine.book(SYMBOL)?.bids.length ?? 0));
    expect(book.asks[0]?.[0]).toBe(Number(venue.engine.book(SYMBOL)?.asks[0]?.[0]));
  });

  test("hears of its own orders, trades and balances", async () => {
    const orders = await watched(pro.watchOrders(), () =>
      kucoinCall(venue, "POST", PLACE, { ...limit, clientOid: `own-${Date.now()}` }),
    );
    expect(orders.at(-1)).toMatchObject({ symbol: SYMBOL, status: "open", price: 1_000, amount: 0.01, filled: 0 });
    await pro.cancelAllOrders(SYMBOL);
    const [own] = await watched(pro.watchMyTrades(SYMBOL), buy);
    expect(own).toMatchObject({ symbol: SYMBOL, amount: 0.001, side: "buy", takerOrMaker: "taker" });
    const balance = await watched(pro.watchBalance(), buy);
    expect(balance["BTC"]?.free).toBeGreaterThan(0);
  });

  test("an order that is filled at once ends as closed with what it cost", async () => {
    await watched(pro.watchOrders(SYMBOL), buy);
    const { id = "" } = await pro.createOrder(SYMBOL, "market", "buy", 0.002);
    const closed = () => pro.orders?.find((one: Message) => one["id"] === id && one["status"] === "closed");
    const order = await eventually(closed, { what: "the filled order" });
    const truth = venue.engine.order(venue.account.id, id);
    expect(order).toMatchObject({ filled: 0.002, cost: Number(truth?.cost) });
  });
});

describe("the documented streams", () => {
  test("a bullet names the address by which it was asked, and a private one needs a key", async () => {
    const address = await bulletAddress(venue, "public");
    expect(address.startsWith(`${venue.origin.replace("http", "ws")}/endpoint?token=`)).toBe(true);
    const other = await publicCall<{ instanceServers: { endpoint: string }[] }>(venue, "/api/v1/bullet-public", {
      method: "POST",
      headers: { "x-forwarded-proto": "https" },
    });
    expect(other.body.data?.instanceServers[0]?.endpoint).toBe(`${venue.origin.replace("http", "wss")}/endpoint`);
    const refused = await publicCall(venue, "/api/v1/bullet-private", { method: "POST" });
    expect(refused).toMatchObject({ status: 401, body: { code: "400001" } });
  });

  test("a socket without a good token is told so and closed", async () => {
    const socket = openSocket(`${venue.origin.replace("http", "ws")}/endpoint?token=made-up&connectId=7`);
    const error = await socket.next(({ type }) => type === "error", "the error");
    expect(error).toEqual({ id: "7", type: "error", code: 401, data: "token is expired" });
    await eventually(() => socket.closed(), { what: "the end of the socket" });
  });

  test("pings, and what cannot be subscribed to", async () => {
    const socket = await socketOf("public");
    socket.send({ id: "p1", type: "ping" });
    expect(await socket.next(({ id }) => id === "p1", "the pong")).toMatchObject({ type: "pong", timestamp: expect.any(Number) });
    const refusals: readonly (readonly [unknown, number])[] = [
      [{ id: "e1", type: "subscribe", topic: "/market/ticker:NO-SUCH", response: true }, 404],
      [{ id: "e2", type: "subscribe", topic: "/no/such:BTC-USDT", response: true }, 404],
      [{ id: "e3", type: "subscribe", topic: "/market/candles:BTC-USDT_7min", response: true }, 404],
      [{ id: "e4", type: "subscribe", topic: "/account/balance", privateChannel: true, response: true }, 401],
      [{ id: "e5", type: "publish", topic: "/market/ticker:BTC-USDT" }, 415],
    ];
    for (const [request] of refusals) socket.send(request);
    for (const [index, [, code]] of refusals.entries()) {
      expect(await socket.next(({ id }) => id === `e${index + 1}`, "an error")).toMatchObject({ type: "error", code });
    }
    socket.send("not json");
    await socket.next(({ code }) => code === 400, "the complaint");
  });

  test("changes have no gap, begin before the snapshot ends, and rebuild the book exactly", async () => {
    const socket = await socketOf("public");
    await subscribe(socket, `/market/level2:${MARKET_ID}`);
    const updates = () =>
      socket.messages.flatMap((message) => (message["subject"] === "trade.l2update" ? [changeOf(message)] : []));
    step();
    await eventually(() => updates().length > 0, { what: "the first change" });
    const path = `/api/v3/market/orderbook/level2?symbol=${MARKET_ID}`;
    const snapshot = (await kucoinCall<{ sequence: string; bids: Row[]; asks: Row[] }>(venue, "GET", path)).body.data;
    for (let count = 0; count < 5; count += 1) step();
    await kucoinCall(venue, "POST", PLACE, limit);
    step();
    const truth = venue.engine.book(SYMBOL);
    await eventually(() => updates().at(-1)?.sequenceEnd === truth?.sequence, { what: "the last change" });
    const all = updates();
    all.slice(1).forEach((update, index) => expect(update.sequenceStart).toBe((all[index]?.sequenceEnd ?? 0) + 1));
    const news = all.filter(({ sequenceEnd }) => sequenceEnd > Number(snapshot?.sequence));
    expect(news[0]?.sequenceStart).toBeLessThanOrEqual(Number(snapshot?.sequence) + 1);
    for (const side of ["bids", "asks"] as const) {
      const book = new Map(snapshot?.[side]);
      for (const { changes } of news) {
        for (const [price, size] of changes[side]) {
          if (size === "0") book.delete(price);
          else book.set(price, size);
        }
      }
      expect(book).toEqual(new Map(truth?.[side].map(([price, amount]) => [price.toFixed(), amount.toFixed()])));
    }
    await kucoinCall(venue, "DELETE", `/api/v1/hf/orders?symbol=${MARKET_ID}`);
  });

  test("an unsubscribed topic is silent, and the ticker of all markets names each in its subject", async () => {
    const socket = await socketOf("public");
    await subscribe(socket, "/market/ticker:all");
    await subscribe(socket, `/spotMarket/level2Depth5:${MARKET_ID}`);
    step();
    await socket.next(({ topic, subject }) => topic === "/market/ticker:all" && subject === "ETH-USDT", "the other ticker");
    const book = await socket.next(({ topic }) => topic === `/spotMarket/level2Depth5:${MARKET_ID}`, "a book");
    expect((book["data"] as { asks: unknown[] }).asks).toHaveLength(5);
    socket.send({ id: "u1", type: "unsubscribe", topic: "/market/ticker:all", response: true });
    await socket.next(({ id }) => id === "u1", "the acknowledgement");
    const before = socket.messages.length;
    step();
    await eventually(() => socket.messages.length > before, { what: "the other topic" });
    expect(socket.messages.slice(before).every(({ topic }) => topic !== "/market/ticker:all")).toBe(true);
  });

  test("an order's life is told in the venue's order of events, to its own account only", async () => {
    const [own, stranger] = [await socketOf("private"), await socketOf("public")];
    await subscribe(own, "/spotMarket/tradeOrdersV2");
    await subscribe(own, "/spotMarket/tradeOrders");
    await subscribe(own, "/account/balance");
    await subscribe(stranger, `/market/match:${MARKET_ID}`);
    const rest = await kucoinCall<{ orderId: string }>(venue, "POST", PLACE, { ...limit, clientOid: "life" });
    const id = rest.body.data?.orderId ?? "";
    await kucoinCall(venue, "DELETE", `/api/v1/hf/orders/${id}?symbol=${MARKET_ID}`);
    const taken = await kucoinCall<{ orderId: string }>(venue, "POST", PLACE, market);
    const takenId = taken.body.data?.orderId ?? "";
    const story = (topic: string, orderId: string) =>
      own.messages.filter((message) => message["topic"] === topic && dataOf(message)["orderId"] === orderId).map(dataOf);
    await eventually(() => story("/spotMarket/tradeOrders", takenId).some(({ type }) => type === "filled"), { what: "the fill" });
    const types = (topic: string, orderId: string) => story(topic, orderId).map(({ type, status }) => `${type}/${status}`);
    expect(types("/spotMarket/tradeOrdersV2", id)).toEqual(["received/new", "open/open", "canceled/done"]);
    expect(types("/spotMarket/tradeOrders", id)).toEqual(["open/open", "canceled/done"]);
    expect(types("/spotMarket/tradeOrdersV2", takenId)).toEqual(["received/new", "match/match", "filled/done"]);
    const [fill] = venue.engine.fills(venue.account.id, { orderId: takenId });
    expect(story("/spotMarket/tradeOrdersV2", takenId)[1]).toMatchObject({
      tradeId: fill?.id,
      matchPrice: fill?.price.toFixed(),
      matchSize: "0.001",
      liquidity: "taker",
      remainSize: "0",
    });
    const changes = own.messages.filter(({ subject }) => subject === "account.balance").map(dataOf);
    const held = changes.find(({ relationEvent }) => relationEvent === "trade.hold");
    expect(held).toMatchObject({ currency: "USDT", holdChange: new Decimal("10.01").toFixed() });
    const truth = venue.engine.balances(venue.account.id).find(({ asset }) => asset === "BTC");
    expect(changes.findLast(({ currency }) => currency === "BTC")).toMatchObject({ available: truth?.free.toFixed() });
    expect(stranger.messages.every(({ topic }) => topic !== "/account/balance")).toBe(true);
  });
});

type Row = [price: string, size: string];

interface Change {
  readonly sequenceStart: number;
  readonly sequenceEnd: number;
  readonly changes: { readonly bids: readonly Row[]; readonly asks: readonly Row[] };
}

function changeOf(message: Message): Change {
  return message["data"] as Change;
}

function dataOf(message: Message): Message {
  return message["data"] as Message;
}
