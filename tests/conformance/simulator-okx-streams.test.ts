import ccxt from "ccxt";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { Decimal } from "#server/domain/decimal.ts";
import type { SimAccount } from "#simulator/engine/types.ts";
import { okxSignature } from "#simulator/protocols/okx/auth.ts";
import { bookChecksum } from "#simulator/protocols/okx/book-channel.ts";
import { NO_LIMITS } from "#simulator/protocols/okx/rate-limits.ts";
import { eventually } from "#tests/support/eventually.ts";
import { addAccount, idOf, okxClient, okxProClient, type OkxVenue, startOkxVenue } from "#tests/support/okx-venue.ts";
import { levels } from "#tests/support/sim-engine.ts";

let venue: OkxVenue;
const cleanups: (() => Promise<void>)[] = [];

beforeEach(async () => {
  venue = await startOkxVenue();
});

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  await venue.stop();
});

async function pro() {
  const exchange = await okxProClient(venue);
  cleanups.push(async () => exchange.close());
  await exchange.loadMarkets();
  return exchange;
}

type Message = Record<string, unknown> & {
  readonly event?: string;
  readonly arg?: Readonly<Record<string, unknown>>;
  readonly data?: readonly Record<string, unknown>[];
};

/** A bare socket that keeps every frame as text and as JSON. */
async function bareSocket(place: "public" | "private" | "business") {
  const socket = new WebSocket(`${venue.origin.replace("http", "ws")}/ws/v5/${place}`);
  const frames: string[] = [];
  let closeCode: number | null = null;
  socket.on("message", (data) => frames.push(String(data)));
  socket.on("close", (code) => {
    closeCode = code;
  });
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  cleanups.push(async () => socket.terminate());
  const parsed = () => frames.filter((text) => text.startsWith("{")).map((text) => JSON.parse(text) as Message);
  return {
    frames,
    parsed,
    closeCode: () => closeCode,
    send: (message: unknown) => socket.send(typeof message === "string" ? message : JSON.stringify(message)),
    next: (what: string, match: (message: Message) => boolean) => eventually(() => parsed().find(match), { what }),
  };
}

type Bare = Awaited<ReturnType<typeof bareSocket>>;

/** The arguments of a login as the documentation describes it. */
function loginOf(account: SimAccount, change: Record<string, string> = {}) {
  const timestamp = change["timestamp"] ?? String(Math.floor(venue.clock.now / 1_000));
  const sign = okxSignature(account.secret, `${timestamp}GET/users/self/verify`);
  return { op: "login", args: [{ apiKey: account.apiKey, passphrase: account.passphrase ?? "", timestamp, sign, ...change }] };
}

async function subscribe(socket: Bare, arg: Record<string, string>): Promise<void> {
  socket.send({ op: "subscribe", args: [arg] });
  await socket.next(
    `the answer to ${arg["channel"]}`,
    ({ event, arg: told }) => event !== undefined && told?.["channel"] === arg["channel"],
  );
}

async function loggedIn(account: SimAccount = venue.account): Promise<Bare> {
  const socket = await bareSocket("private");
  socket.send(loginOf(account));
  await socket.next("the login", ({ event }) => event === "login");
  return socket;
}

type Rung = readonly [string, string];

function moveBook(bids: readonly Rung[], asks: readonly Rung[]): void {
  venue.engine.setBook("BTC/USDT", { bids: levels(...bids), asks: levels(...asks) });
  venue.engine.publish("BTC/USDT");
}

describe("public streams through ccxt.pro", () => {
  it("watches ticker, best bid and ask, trades and candles", async () => {
    const [open, high, low, close, volume] = [1, 3, 1, 2, 4].map((value) => new Decimal(value)) as [
      Decimal,
      Decimal,
      Decimal,
      Decimal,
      Decimal,
    ];
    venue.engine.setHistory("BTC/USDT", {
      day: () => ({ open, high, low, baseVolume: volume, quoteVolume: volume }),
      candles: () => [{ openAt: venue.clock.now, open, high, low, close, volume }],
    });
    const exchange = await pro();
    expect(await exchange.watchTicker("BTC/USDT")).toMatchObject({ bid: 49_999.9, ask: 50_000, bidVolume: 1 });
    expect((await exchange.watchBidsAsks(["ETH/USDT"]))["ETH/USDT"]).toMatchObject({ bid: 99.99, ask: 100.01 });
    expect(await exchange.watchOHLCV("BTC/USDT", "1m")).toEqual([[venue.clock.now, 1, 3, 1, 2, 4]]);
    const trades = exchange.watchTrades("BTC/USDT");
    const heard = eventually(
      async () => {
        venue.engine.addPublicTrade("BTC/USDT", { price: new Decimal(50_000), amount: new Decimal("0.125"), takerSide: "sell" });
        return (await Promise.race([trades, Promise.resolve(null)])) !== null;
      },
      { what: "a trade" },
    );
    expect((await trades)[0]).toMatchObject({ side: "sell", price: 50_000, amount: 0.125, symbol: "BTC/USDT" });
    await heard;
  });

  it("keeps ccxt's book equal to the venue's through changes, and its sequence unbroken", async () => {
    const exchange = await pro();
    expect((await exchange.watchOrderBook("BTC/USDT")).asks[0]).toEqual([50_000, 0.5]);
    for (const step of [1, 2, 3]) {
      const update = exchange.watchOrderBook("BTC/USDT");
      moveBook(
        [
          [`${49_900 - step}`, "1.5"],
          ["49000", `${step}`],
        ],
        [
          [`${50_000 + step}`, "0.25"],
          ["51000", "3"],
        ],
      );
      const book = await update;
      expect(book.asks).toEqual([
        [50_000 + step, 0.25],
        [51_000, 3],
      ]);
      expect(book.bids).toEqual([
        [49_900 - step, 1.5],
        [49_000, step],
      ]);
    }
  });

  it("answers five levels and the best one whole, when they change", async () => {
    const exchange = await pro();
    expect((await exchange.watchOrderBook("BTC/USDT", 5)).asks).toHaveLength(3);
    const update = exchange.watchOrderBook("BTC/USDT", 5);
    moveBook([["49000", "1"]], [["50500", "2"]]);
    expect((await update).asks).toMatchObject([{ 0: 50_500, 1: 2 }]);
    expect((await exchange.watchOrderBook("BTC/USDT", 1)).bids).toMatchObject([{ 0: 49_000, 1: 1 }]);
  });
});

/** 25 levels a side as OKX sent them on 2022-05-13, best first, and the checksum that came with them. */
const REAL_BIDS =
  "30243.4:0.0012029 30236.6:0.007903 30236.1:0.05452 30235.9:0.1016 30235:0.0002 30234.1:0.16 30234:0.07239171 30233.9:0.79685801 30232:0.01 30230.8:0.28156443 30230.2:0.85 30230.1:0.12784965 30229.3:0.00798335 30229.2:5.04689973 30228.9:0.07189416 30228.7:0.85286652 30228.6:0.01223199 30227.7:0.16 30226.8:0.12158052 30225.2:0.02098 30225.1:0.05 30224.8:0.01137 30223.4:0.33086945 30222.8:0.12 30222.5:0.00662176";
const REAL_ASKS =
  "30243.5:1.44679 30244:0.08 30246.1:0.05426064 30247.5:0.635 30248.1:0.0132 30249.1:0.09999997 30249.4:0.16562579 30249.7:0.06523858 30251.8:0.00047612 30251.9:0.1808 30252.3:0.27412546 30252.6:0.01648681 30252.9:0.19984 30254:0.05 30255:0.16 30255.2:0.04844827 30257:0.02484658 30257.1:0.93333757 30258.1:0.16 30259.5:0.00052769 30259.6:0.1 30260.3:0.04632884 30260.4:0.28027349 30260.5:0.74399463 30261:0.03";
const REAL_CHECKSUM = 47_640_993;

describe("the books channel", () => {
  const rungs = (text: string) => text.split(" ").map((level) => level.split(":") as [string, string]);

  it("makes the checksum that the venue made of the same levels", () => {
    expect(bookChecksum({ bids: levels(...rungs(REAL_BIDS)), asks: levels(...rungs(REAL_ASKS)) })).toBe(REAL_CHECKSUM);
  });

  it("lets a client that applies every change hold the venue's best 400 levels, checksum by checksum", async () => {
    const rows = (from: number, step: number, count: number, size: number): Rung[] =>
      Array.from({ length: count }, (_, index) => [String(from + step * index), String(size + index)] as const);
    moveBook(rows(49_999, -1, 450, 1), rows(50_001, 1, 450, 1));
    const socket = await bareSocket("public");
    await subscribe(socket, { channel: "books", instId: "BTC-USDT" });
    await socket.next("the snapshot", ({ action }) => action === "snapshot");
    moveBook([["50000", "7"], ...rows(49_999, -1, 450, 1)], rows(50_001, 1, 450, 2));
    moveBook(rows(49_990, -2, 5, 3), rows(50_003, 1, 4, 2));
    moveBook(rows(49_999, -1, 410, 9), rows(50_001, 1, 410, 9));
    const books = await eventually(
      () => {
        const found = socket.parsed().filter(({ action }) => action !== undefined);
        return found.length === 4 ? found : undefined;
      },
      { what: "four books" },
    );
    const sides = { bids: new Map<string, string>(), asks: new Map<string, string>() };
    const best = (side: "bids" | "asks") =>
      [...sides[side]].sort(([a], [b]) => (Number(a) - Number(b)) * (side === "asks" ? 1 : -1));
    let sequence: unknown = -1;
    for (const { data } of books) {
      const row = data?.[0] ?? {};
      expect(row["prevSeqId"]).toBe(sequence);
      sequence = row["seqId"];
      for (const side of ["bids", "asks"] as const) {
        for (const [price, size, zero, orders] of row[side] as [string, string, string, string][]) {
          expect([zero, orders]).toEqual(["0", size === "0" ? "0" : "1"]);
          if (size === "0") sides[side].delete(price);
          else sides[side].set(price, size);
        }
      }
      expect(bookChecksum({ bids: levels(...best("bids")), asks: levels(...best("asks")) })).toBe(row["checksum"]);
    }
    expect([sides.bids.size, sides.asks.size]).toEqual([400, 400]);
    expect(best("asks")[0]).toEqual(["50001", "9"]);
  });
});

describe("logging in", () => {
  it.each([
    ["an unknown key", { apiKey: "nobody" }, "60005"],
    ["a wrong passphrase", { passphrase: "wrong" }, "60024"],
    ["a forged signature", { sign: "AAAA" }, "60007"],
    ["a time that is none", { timestamp: "today" }, "60004"],
    ["a time that is over", { timestamp: "1500000000" }, "60006"],
  ])("refuses %s", async (_what, change, code) => {
    const socket = await bareSocket("private");
    socket.send(loginOf(venue.account, change));
    expect(await socket.next("an error", ({ event }) => event === "error")).toMatchObject({ code });
    socket.send({ op: "subscribe", args: [{ channel: "orders", instType: "SPOT" }] });
    await socket.next("another error", ({ code: told }) => told === "60011");
  });

  it("is once per socket, and gives nothing to a key that may not read", async () => {
    const socket = await loggedIn();
    socket.send(loginOf(venue.account));
    await socket.next("a refusal", ({ code }) => code === "60031");
    const blind = await loggedIn(addAccount(venue, { read: false, trade: true, withdraw: false }));
    blind.send({ op: "subscribe", args: [{ channel: "account" }] });
    expect(await blind.next("a refusal", ({ event }) => event === "error")).toMatchObject({ code: "50120" });
  });

  it("fails in ccxt's words", async () => {
    const exchange = await okxProClient(venue, { ...venue.account, secret: "another" });
    cleanups.push(async () => exchange.close());
    await exchange.loadMarkets().catch(() => undefined);
    exchange.setMarkets(await okxClient(venue).fetchMarkets());
    await expect(exchange.watchOrders()).rejects.toThrow(ccxt.AuthenticationError);
  });
});

describe("private streams", () => {
  it("report an order's life and its fills through ccxt.pro", async () => {
    const exchange = await pro();
    const rest = okxClient(venue);
    const spy = await loggedIn();
    await subscribe(spy, { channel: "orders", instType: "SPOT", instId: "BTC-USDT" });
    const states = () =>
      spy
        .parsed()
        .flatMap(({ data }) => data ?? [])
        .map(({ state, accFillSz, tradeId }) => [state, accFillSz, tradeId !== ""]);

    const orders = exchange.watchOrders();
    const first = await eventually(
      async () => {
        const placed = await rest.createOrder("BTC/USDT", "limit", "sell", 0.001, 90_000);
        return (await Promise.race([orders, Promise.resolve(null)])) === null ? undefined : placed;
      },
      { what: "a first order on the stream" },
    );
    expect((await orders)[0]).toMatchObject({ symbol: "BTC/USDT", status: "open" });
    expect(first.id).toBeDefined();
    spy.frames.length = 0;

    const trades = exchange.watchMyTrades("BTC/USDT");
    const placed = await rest.createOrder("BTC/USDT", "limit", "buy", 1, 50_000, { clOrdId: "watchme" });
    const [trade] = await trades;
    expect(trade).toMatchObject({ order: placed.id, price: 50_000, amount: 0.5, takerOrMaker: "taker" });
    await rest.editOrder(idOf(placed), "BTC/USDT", "limit", "buy", 0.9, 50_000);
    moveBook([["48000", "1"]], [["49900", "0.1"]]);
    await rest.cancelOrder(idOf(placed), "BTC/USDT");
    await eventually(() => states().length === 5, { what: "five reports" });
    expect(states()).toEqual([
      ["live", "0", false],
      ["partially_filled", "0.5", true],
      ["partially_filled", "0.5", false],
      ["partially_filled", "0.6", true],
      ["canceled", "0.6", false],
    ]);
    const rows = spy.parsed().flatMap(({ data }) => data ?? []);
    expect(rows[1]).toMatchObject({ clOrdId: "watchme", fillFee: "-0.00075", fillFeeCcy: "BTC", execType: "T", fillSz: "0.5" });
    expect(rows[2]).toMatchObject({ amendResult: "0", sz: "0.9" });
    expect(rows[3]).toMatchObject({ execType: "M", fillPx: "50000" });
    expect(rows[4]).toMatchObject({ cancelSource: "1" });
  });

  it("tell balances at once and at every change, to their owner only", async () => {
    const exchange = await pro();
    expect((await exchange.watchBalance())["USDT"]).toMatchObject({ free: 100_000 });
    const stranger = await loggedIn(addAccount(venue, { read: true, trade: true, withdraw: false }));
    await subscribe(stranger, { channel: "account" });
    await subscribe(stranger, { channel: "orders", instType: "ANY" });
    const update = exchange.watchBalance();
    await okxClient(venue).createOrder("BTC/USDT", "limit", "buy", 0.1, 40_000);
    expect((await update)["USDT"]).toEqual({ free: 96_000, used: 4_000, total: 100_000 });
    stranger.send("ping");
    await eventually(() => stranger.frames.includes("pong"), { what: "the pong, behind whatever was sent before" });
    const told = stranger.parsed().filter(({ data }) => data !== undefined);
    expect(told.map(({ arg }) => arg?.["channel"])).toEqual(["account"]);
  });

  it("take orders, changes and cancels", async () => {
    const exchange = await pro();
    const placed = await exchange.createOrderWs("BTC/USDT", "limit", "buy", 0.2, 40_000, { clOrdId: "overws" });
    await exchange.editOrderWs(idOf(placed), "BTC/USDT", "limit", "buy", 0.3, 41_000);
    expect(await okxClient(venue).fetchOrder(idOf(placed), "BTC/USDT")).toMatchObject({ amount: 0.3, price: 41_000 });
    await exchange.cancelOrderWs(idOf(placed), "BTC/USDT");
    expect(venue.engine.openOrders(venue.account.id)).toEqual([]);
    await expect(exchange.createOrderWs("BTC/USDT", "limit", "buy", 1_000, 40_000)).rejects.toThrow(ccxt.InsufficientFunds);
    const reader = await loggedIn(addAccount(venue, { read: true, trade: false, withdraw: false }));
    const args = [{ instId: "BTC-USDT", tdMode: "cash", side: "buy", ordType: "limit", px: "100", sz: "1" }];
    reader.send({ id: "1", op: "order", args });
    await reader.next("a refusal", ({ id, code }) => id === "1" && code === "50120");
    const stranger = await bareSocket("private");
    stranger.send({ id: "2", op: "order", args });
    await stranger.next("a refusal", ({ id, code }) => id === "2" && code === "60011");
    expect(venue.engine.openOrders(venue.account.id)).toEqual([]);
  });
});

describe("the socket itself", () => {
  it("answers a bare ping with a bare pong", async () => {
    const socket = await bareSocket("public");
    socket.send("ping");
    await eventually(() => socket.frames.includes("pong"), { what: "the pong" });
  });

  it("refuses what it does not know, and channels of another address or tier", async () => {
    const socket = await bareSocket("public");
    socket.send("{");
    await socket.next("an error", ({ code }) => code === "60012");
    socket.send({ op: "dance", args: [] });
    await eventually(() => socket.parsed().filter(({ code }) => code === "60012").length === 2, { what: "another" });
    for (const arg of [
      { channel: "tickers", instId: "NO-SUCH" },
      { channel: "candle1m", instId: "BTC-USDT" },
      { channel: "orders", instType: "SPOT" },
    ]) {
      const before = socket.frames.length;
      socket.send({ op: "subscribe", args: [arg] });
      await eventually(() => socket.frames.length > before, { what: "an answer" });
      expect(socket.parsed().at(-1)).toMatchObject({ event: "error", code: "60018" });
    }
    socket.send({ op: "subscribe", args: [{ channel: "books-l2-tbt", instId: "BTC-USDT" }] });
    await socket.next("a refusal", ({ code }) => code === "64003");
  });

  it("says nothing more of a channel that is unsubscribed", async () => {
    const socket = await bareSocket("public");
    await subscribe(socket, { channel: "tickers", instId: "BTC-USDT" });
    await socket.next("a ticker", ({ data }) => data !== undefined);
    socket.send({ op: "unsubscribe", args: [{ instId: "BTC-USDT", channel: "tickers" }] });
    await socket.next("the end", ({ event }) => event === "unsubscribe");
    const before = socket.frames.length;
    moveBook([["100", "1"]], [["101", "1"]]);
    socket.send("ping");
    await eventually(() => socket.frames.includes("pong"), { what: "the pong" });
    expect(socket.frames.length).toBe(before + 1);
  });

  it("is closed when nobody says anything for too long", async () => {
    await venue.stop();
    venue = await startOkxVenue({ ...NO_LIMITS, socketIdleMs: 200 });
    const socket = await bareSocket("public");
    await eventually(() => socket.closeCode() !== null, { what: "the end" });
    expect(socket.closeCode()).toBe(4004);
  });
});
