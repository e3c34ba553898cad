import ccxt from "ccxt";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { Decimal } from "#server/domain/decimal.ts";
import { NO_LIMITS } from "#simulator/protocols/kraken/call-limits.ts";
import { startSimulator } from "#simulator/server/start-simulator.ts";
import { eventually } from "#tests/support/eventually.ts";
import {
  idOf,
  krakenClient,
  krakenProClient,
  type KrakenVenue,
  rawPrivate,
  startKrakenVenue,
} from "#tests/support/kraken-venue.ts";
import { levels, simAccount } from "#tests/support/sim-engine.ts";

let venue: KrakenVenue;
const cleanups: (() => Promise<void>)[] = [];

beforeEach(async () => {
  venue = await startKrakenVenue(NO_LIMITS);
});

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  await venue.stop();
});

async function pro() {
  const exchange = await krakenProClient(venue);
  cleanups.push(async () => exchange.close());
  await exchange.loadMarkets();
  return exchange;
}

type Message = Record<string, unknown> & { data?: readonly Record<string, unknown>[] };

/** A bare socket that keeps every frame as text and as JSON. */
async function bareSocket(path = "/v2") {
  const socket = new WebSocket(venue.origin.replace("http", "ws") + path);
  const frames: string[] = [];
  socket.on("message", (data) => frames.push(String(data)));
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  cleanups.push(async () => socket.terminate());
  const parsed = () => frames.map((text) => JSON.parse(text) as Message);
  return {
    frames,
    parsed,
    send: (message: unknown) => socket.send(typeof message === "string" ? message : JSON.stringify(message)),
    next: (what: string, match: (message: Message) => boolean) => eventually(() => parsed().find(match), { what }),
  };
}

async function token(account = venue.account): Promise<string> {
  return String((await rawPrivate(venue, "GetWebSocketsToken", {}, { account })).result["token"]);
}

function moveBook(bids: readonly (readonly [string, string])[], asks: readonly (readonly [string, string])[]): void {
  venue.engine.setBook("BTC/USD", { bids: levels(...bids), asks: levels(...asks) });
  venue.engine.publish("BTC/USD");
}

describe("public streams through ccxt.pro", () => {
  it("watches ticker, best bid and ask, trades and candles", async () => {
    const candle = { open: "1", high: "3", low: "1", close: "2", volume: "4" };
    const [open, high, low, close, volume] = Object.values(candle).map((text) => new Decimal(text)) as [
      Decimal,
      Decimal,
      Decimal,
      Decimal,
      Decimal,
    ];
    venue.engine.setHistory("BTC/USD", {
      day: () => ({ open, high, low, baseVolume: volume, quoteVolume: volume }),
      candles: () => [{ openAt: venue.clock.now, open, high, low, close, volume }],
    });
    const exchange = await pro();
    expect(await exchange.watchTicker("BTC/USD")).toMatchObject({ bid: 49999.9, ask: 50000, bidVolume: 1 });
    expect(await exchange.watchOHLCV("BTC/USD", "1m")).toEqual([[venue.clock.now, 1, 3, 1, 2, 4]]);
    const bbo = exchange.watchBidsAsks(["SOL/USD"]);
    expect((await bbo)["SOL/USD"]).toMatchObject({ bid: 99.99, ask: 100.01 });
    const trades = exchange.watchTrades("BTC/USD");
    const ticker = exchange.watchTicker("BTC/USD");
    await eventually(() =>
      venue.frames.some((frame) => (frame as Message)["method"] === "subscribe" && JSON.stringify(frame).includes('"trade"')),
    );
    venue.engine.addPublicTrade("BTC/USD", { price: new Decimal("50000"), amount: new Decimal("0.12345678"), takerSide: "sell" });
    expect(await trades).toMatchObject([{ side: "sell", price: 50000, amount: 0.12345678, symbol: "BTC/USD" }]);
    expect(await ticker).toMatchObject({ last: 50000 });
  });

  it("keeps ccxt's book equal to the venue's through changes", async () => {
    const exchange = await pro();
    expect((await exchange.watchOrderBook("BTC/USD", 10)).asks[0]).toEqual([50000, 0.5]);
    const update = exchange.watchOrderBook("BTC/USD", 10);
    moveBook(
      [
        ["49999.9", "1.5"],
        ["49990.0", "3.00000001"],
      ],
      [
        ["50000.5", "0.25"],
        ["50001.0", "2"],
        ["50010.0", "3"],
      ],
    );
    const book = await update;
    expect(book.asks).toEqual([
      [50000.5, 0.25],
      [50001, 2],
      [50010, 3],
    ]);
    expect(book.bids).toEqual([
      [49999.9, 1.5],
      [49990, 3.00000001],
    ]);
  });
});

describe("the book channel's checksum", () => {
  /** CRC-32 (IEEE) written out bit by bit: independent of the face's. */
  function crc(text: string): number {
    let value = 0xffffffff;
    for (const byte of Buffer.from(text, "latin1")) {
      value ^= byte;
      for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
    }
    return (value ^ 0xffffffff) >>> 0;
  }

  type Side = Map<number, readonly [price: string, qty: string]>;

  /** Applies one raw frame to a client's book, keeping the digits as they were on the wire. */
  function applyFrame(text: string, bids: Side, asks: Side, depth: number): number {
    const data = /"data":\[(.*)\]/.exec(text)?.[1] ?? "";
    for (const [name, side, better] of [
      ["bids", bids, -1],
      ["asks", asks, 1],
    ] as const) {
      const list = new RegExp(`"${name}":\\[(.*?)\\]`).exec(data)?.[1] ?? "";
      for (const [, price = "", qty = ""] of list.matchAll(/"price":([\d.]+),"qty":([\d.]+)/g)) {
        if (Number(qty) === 0) side.delete(Number(price));
        else side.set(Number(price), [price, qty]);
      }
      const kept = [...side].sort(([a], [b]) => (a - b) * better).slice(0, depth);
      side.clear();
      for (const [price, level] of kept) side.set(price, level);
    }
    return Number(/"checksum":(\d+)/.exec(data)?.[1]);
  }

  function checksumOf(bids: Side, asks: Side): number {
    const strip = (digits: string) => digits.replace(".", "").replace(/^0+/, "");
    const side = (levels: Side) =>
      [...levels.values()]
        .slice(0, 10)
        .map(([price, qty]) => strip(price) + strip(qty))
        .join("");
    return crc(side(asks) + side(bids));
  }

  it("is CRC-32: the well-known check value holds for the computation of this test", () => {
    expect(crc("123456789")).toBe(0xcbf43926);
  });

  it.each([10, 25])(
    "holds at depth %i for the snapshot and every update, with levels coming, going and pushed out",
    async (depth) => {
      const rows = (from: number, step: number, count: number, size: number) =>
        Array.from(
          { length: count },
          (_, index) => [(from + step * index).toFixed(1), (size + index / 1000).toFixed(8)] as const,
        );
      moveBook(rows(49999, -1, 30, 0.00012), rows(50001, 1, 30, 1));
      const socket = await bareSocket();
      socket.send({ method: "subscribe", params: { channel: "book", symbol: ["BTC/USD"], depth } });
      await socket.next("the snapshot", (message) => message["channel"] === "book");
      moveBook(rows(49999, -1, 30, 0.00012), [["50000.1", "0.00100000"], ...rows(50001, 1, 30, 1)]);
      moveBook([["49999.9", "7"], ["49999.5", "8"], ...rows(49999, -1, 30, 0.00012)], rows(50003, 1, 30, 1));
      moveBook(rows(49990, -2, 5, 3), rows(50003, 1, 4, 2));
      moveBook(rows(49990, -2, 40, 3), rows(50000, 0.5, 40, 2));
      const books = await eventually(() => {
        const found = socket.frames.filter((text) => text.startsWith('{"channel":"book"'));
        return found.length === 5 ? found : undefined;
      });
      const [bids, asks]: [Side, Side] = [new Map(), new Map()];
      for (const text of books) {
        const told = applyFrame(text, bids, asks, depth);
        expect(checksumOf(bids, asks), text.slice(0, 200)).toBe(told);
      }
      expect([bids.size, asks.size]).toEqual([depth, depth]);
      expect(books[0]).toContain('"qty":0.00012000');
      // A level that better ones pushed out is not deleted on the wire: cutting to the depth drops it.
      expect(books[1]).not.toContain('"qty":0.00000000');
    },
  );
});

describe("private streams through ccxt.pro", () => {
  it("reports an order's life and its fills", async () => {
    const exchange = await pro();
    const rest = krakenClient(venue);
    const orders = exchange.watchOrders("BTC/USD");
    await eventually(() => venue.frames.some((frame) => (frame as Message)["channel"] === "executions"));
    const placed = await rest.createOrder("BTC/USD", "limit", "buy", 0.2, 49000, { clientOrderId: "watch-me" });
    expect(await orders).toMatchObject([{ id: placed.id, status: "open", amount: 0.2, price: 49000 }]);
    const trades = exchange.watchMyTrades("BTC/USD");
    moveBook([["48000.0", "1"]], [["48900.0", "5"]]);
    expect(await trades).toMatchObject([
      { order: placed.id, price: 49000, amount: 0.2, takerOrMaker: "maker", fee: { currency: "USD", cost: 24.5 } },
    ]);
    await eventually(() =>
      exchange.orders?.some((order: { id: string; status: string }) => order.id === placed.id && order.status === "closed"),
    );
    const kinds = venue.frames
      .filter((frame) => (frame as Message)["channel"] === "executions")
      .map((frame) => (frame as Message).data?.[0]);
    expect(kinds.map((report) => report?.["exec_type"])).toEqual([undefined, "pending_new", "new", "trade", "filled"]);
    expect(kinds[3]).toMatchObject({
      order_id: placed.id,
      cl_ord_id: "watch-me",
      liquidity_ind: "m",
      order_status: "partially_filled",
    });
  });

  it("gives open orders and last trades to a late subscriber", async () => {
    const rest = krakenClient(venue);
    const open = await rest.createOrder("BTC/USD", "limit", "buy", 0.1, 40000, { userref: 9 });
    const done = await rest.createOrder("BTC/USD", "market", "sell", 0.1);
    const exchange = await pro();
    expect(await exchange.watchMyTrades()).toMatchObject([{ order: done.id, amount: 0.1, takerOrMaker: "taker" }]);
    await eventually(() => exchange.orders?.length === 1);
    expect(exchange.orders?.[0]).toMatchObject({ id: open.id, clientOrderId: "9", status: "open" });
  });

  it("watches the balance and follows a trade", async () => {
    const exchange = await pro();
    expect((await exchange.watchBalance())["BTC"]).toMatchObject({ total: 2 });
    const update = exchange.watchBalance();
    await krakenClient(venue).createOrder("BTC/USD", "market", "sell", 0.1);
    await update;
    await eventually(() => exchange.balance["spot"]?.["BTC"]?.total === 1.9);
  });

  it("places, changes and cancels over the socket", async () => {
    const exchange = await pro();
    const placed = await exchange.createOrderWs("BTC/USD", "limit", "buy", 0.1, 40000, { clientOrderId: "socket1" });
    const id = idOf(placed);
    expect(venue.engine.order(venue.account.id, id)).toMatchObject({ clientOrderId: "socket1", status: "open" });
    await exchange.editOrderWs(id, "BTC/USD", "limit", "buy", 0.2, 41000);
    expect(venue.engine.order(venue.account.id, id)?.price?.toFixed()).toBe("41000");
    const canceled = (await exchange.cancelOrderWs(id)) as unknown as Message;
    expect(canceled).toMatchObject({ method: "cancel_order", success: true, result: { order_id: id } });
    await expect(exchange.cancelOrderWs(id)).rejects.toThrow(ccxt.OrderNotFound);
    await expect(exchange.createOrderWs("BTC/USD", "limit", "buy", 1000, 40000)).rejects.toThrow(ccxt.ExchangeError);
    await exchange.createOrderWs("BTC/USD", "limit", "buy", 0.1, 40000);
    expect(await exchange.cancelAllOrdersWs()).toMatchObject({ result: { count: 1 } });
  });
});

describe("the bare v2 socket", () => {
  it("greets, answers pings, acknowledges subscriptions and beats while nothing else is sent", async () => {
    const socket = await bareSocket();
    expect(await socket.next("the status", ({ channel }) => channel === "status")).toMatchObject({
      data: [{ api_version: "v2", system: "online" }],
    });
    socket.send({ method: "ping", req_id: 101 });
    expect(await socket.next("the pong", ({ method }) => method === "pong")).toMatchObject({
      req_id: 101,
      time_in: expect.any(String),
    });
    socket.send({
      method: "subscribe",
      params: { channel: "ticker", symbol: ["BTC/USD", "SOL/USD"], event_trigger: "bbo" },
      req_id: 7,
    });
    const acks = await eventually(() => {
      const found = socket.parsed().filter(({ method }) => method === "subscribe");
      return found.length === 2 ? found : undefined;
    });
    expect(acks.map((ack) => [ack["success"], ack["req_id"], (ack["result"] as Message)["symbol"]])).toEqual([
      [true, 7, "BTC/USD"],
      [true, 7, "SOL/USD"],
    ]);
    moveBook([["49999.8", "1"]], [["50000.0", "0.5"]]);
    expect(
      await socket.next("an update", (message) => message["channel"] === "ticker" && message["type"] === "update"),
    ).toMatchObject({
      data: [{ symbol: "BTC/USD", bid: 49999.8 }],
    });
    await socket.next("a heartbeat", ({ channel }) => channel === "heartbeat");
    socket.send({ method: "unsubscribe", params: { channel: "ticker", symbol: ["BTC/USD"] } });
    await socket.next("the end", ({ method, success }) => method === "unsubscribe" && success === true);
  });

  it("publishes the precisions that the checksum needs", async () => {
    const socket = await bareSocket();
    socket.send({ method: "subscribe", params: { channel: "instrument" } });
    const { data } = (await socket.next("instruments", ({ channel }) => channel === "instrument")) as unknown as {
      data: { pairs: readonly Record<string, unknown>[] };
    };
    expect(data.pairs[0]).toMatchObject({
      symbol: "BTC/USD",
      price_precision: 1,
      qty_precision: 8,
      qty_min: 0.00005,
      tick_size: 0.1,
    });
  });

  it("refuses what is malformed, unknown or not allowed, and stays open", async () => {
    const socket = await bareSocket();
    const secret = Buffer.from("reader").toString("base64");
    const reader = simAccount("kraken", {
      id: "r",
      apiKey: "reader",
      secret,
      permissions: { read: true, trade: false, withdraw: false },
    });
    venue.engine.addAccount(reader);
    const readerToken = await token(reader);
    const order = { order_type: "limit", side: "buy", symbol: "BTC/USD", order_qty: 0.1, limit_price: 40000 };
    const cases: readonly [message: unknown, error: string][] = [
      ["{oops", "Malformed request"],
      [{ method: "dance", req_id: 1 }, "Unsupported method"],
      [{ method: "add_order", params: { ...order, token: {} } }, "EGeneral:Invalid arguments:token"],
      [{ method: "add_order", params: { ...order, token: await token(), order_qty: [] } }, "EGeneral:Invalid arguments:volume"],
      [{ method: "cancel_order", params: { token: await token(), order_id: [{}] } }, "EGeneral:Invalid arguments:order_id"],
      [{ method: "subscribe", params: { channel: [] } }, "EGeneral:Invalid arguments:channel"],
      [{ method: "subscribe", params: { channel: "book", symbol: ["XBT/USD"] } }, "Currency pair not supported XBT/USD"],
      [{ method: "subscribe", params: { channel: "book", symbol: ["BTC/USD"], depth: 11 } }, "Subscription depth not supported"],
      [{ method: "subscribe", params: { channel: "nothing" } }, "Subscription name invalid"],
      [{ method: "subscribe", params: { channel: "executions", token: "forged" } }, "ESession:Invalid session"],
      [{ method: "add_order", params: { ...order, token: "forged" } }, "ESession:Invalid session"],
      [{ method: "add_order", params: { ...order, token: readerToken } }, "EAccount:Invalid permissions"],
      [{ method: "cancel_order", params: { token: await token(), order_id: ["OAAAAA-AAAAA-AAAAAA"] } }, "EOrder:Unknown order"],
      [{ method: "add_order", params: { ...order, token: await token(), order_qty: 0.00001 } }, "EOrder:Order minimum not met"],
      [
        { method: "add_order", params: { ...order, token: await token(), triggers: { price: 1 } } },
        "EGeneral:Invalid arguments:trigger",
      ],
    ];
    for (const [message] of cases) socket.send(message);
    const errors = await eventually(() => {
      const found = socket.parsed().filter(({ success }) => success === false);
      return found.length === cases.length ? found : undefined;
    });
    expect(errors.map((answer) => answer["error"])).toEqual(cases.map(([, error]) => error));
    expect(venue.engine.openOrders(venue.account.id)).toEqual([]);
  });

  it("shows an account only its own executions and balances", async () => {
    const secret = Buffer.from("other").toString("base64");
    const other = simAccount("kraken", { id: "o", apiKey: "other", secret });
    venue.engine.addAccount(other);
    const [mine, theirs] = [await bareSocket(), await bareSocket()];
    const [myToken, theirToken] = [await token(), await token(other)];
    for (const channel of ["executions", "balances"]) {
      mine.send({ method: "subscribe", params: { channel, token: myToken } });
      theirs.send({ method: "subscribe", params: { channel, token: theirToken } });
    }
    await theirs.next("their snapshot", ({ channel, type }) => channel === "balances" && type === "snapshot");
    await mine.next("my snapshot", ({ channel, type }) => channel === "balances" && type === "snapshot");
    mine.send({
      method: "add_order",
      params: { token: myToken, order_type: "market", side: "buy", symbol: "BTC/USD", cash_order_qty: 100 },
    });
    await mine.next("my change", ({ channel, type }) => channel === "balances" && type === "update");
    const reports = mine.parsed().filter(({ channel, type }) => channel === "executions" && type === "update");
    expect(reports.map(({ data }) => data?.[0]?.["exec_type"])).toEqual(["pending_new", "new", "trade", "filled"]);
    expect(reports.map((report) => report["sequence"])).toEqual([2, 3, 4, 5]);
    theirs.send({ method: "ping" });
    await theirs.next("a pong after all that", ({ method }) => method === "pong");
    expect(theirs.parsed().filter(({ type, channel }) => type === "update" && channel !== "status")).toEqual([]);
  });

  it("lets a token live fifteen minutes", async () => {
    const socket = await bareSocket();
    const old = await token();
    venue.clock.now += 15 * 60_000 + 1;
    socket.send({ method: "subscribe", params: { channel: "balances", token: old } });
    expect(await socket.next("the refusal", ({ success }) => success === false)).toMatchObject({
      error: "ESession:Invalid session",
    });
  });

  it("places and cancels batches and sends an IOC's end after its fills", async () => {
    const socket = await bareSocket();
    const session = await token();
    socket.send({ method: "subscribe", params: { channel: "executions", token: session, snap_orders: false } });
    const ioc = {
      order_type: "limit",
      side: "buy",
      order_qty: 1,
      limit_price: 50000,
      time_in_force: "ioc",
      fee_preference: "base",
    };
    const resting = { order_type: "limit", side: "buy", order_qty: 0.1, limit_price: 40000, cl_ord_id: "batch1" };
    socket.send({ method: "batch_add", params: { token: session, symbol: "BTC/USD", orders: [ioc, resting] }, req_id: 3 });
    const added = await socket.next("the batch", ({ method }) => method === "batch_add");
    expect(added["result"]).toMatchObject([{ order_id: expect.any(String) }, { cl_ord_id: "batch1" }]);
    const first = (added["result"] as { order_id: string }[])[0]?.order_id;
    const reports = () =>
      socket
        .parsed()
        .filter(({ channel, type, data }) => channel === "executions" && type === "update" && data?.[0]?.["order_id"] === first);
    await eventually(() => reports().at(-1)?.data?.[0]?.["exec_type"] === "canceled");
    expect(reports().map(({ data }) => data?.[0]?.["exec_type"])).toEqual(["pending_new", "new", "trade", "canceled"]);
    expect(reports()[2]?.data?.[0]?.["fees"]).toEqual([{ asset: "BTC", qty: 0.002 }]);
    socket.send({ method: "batch_cancel", params: { token: session, cl_ord_id: ["batch1", "missing"] } });
    expect(await socket.next("the count", ({ method }) => method === "batch_cancel")).toMatchObject({
      result: { orders_cancelled: 1 },
    });
  });

  it("answers the frozen v1 socket in its own words", async () => {
    const socket = await bareSocket("/");
    await socket.next("the greeting", ({ event }) => event === "systemStatus");
    socket.send({ event: "ping", reqid: 4 });
    expect(await socket.next("the pong", ({ event }) => event === "pong")).toMatchObject({ reqid: 4 });
    socket.send({ event: "subscribe", pair: ["XBT/USD"], subscription: { name: "book" } });
    expect(await socket.next("the refusal", ({ event }) => event === "error")).toMatchObject({
      errorMessage: "Event(s) not found",
    });
  });
});

it("serves the whole simulator's recorded markets: a market buy fills from the book that the socket shows", async () => {
  const simulator = await startSimulator({ portBase: 0, feed: "manual" });
  try {
    const [account] = simulator.engines.kraken.accounts();
    if (account === undefined || simulator.urls.kraken === undefined) throw new Error("the simulator has no kraken");
    const rest = krakenClient({ ...venue, origin: simulator.urls.kraken }, account);
    const book = await rest.fetchOrderBook("BTC/USD", 10);
    const [price = 0, amount = 0] = book.asks[0] ?? [];
    const placed = await rest.createOrder("BTC/USD", "market", "buy", Math.min(0.001, Number(amount)));
    expect(await rest.fetchOrder(idOf(placed))).toMatchObject({ status: "closed", average: price });
  } finally {
    await simulator.close();
  }
});
