import { WebSocket } from "ws";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { alpacaProClient, type AlpacaVenue, place, rawCall, startAlpacaVenue } from "#tests/support/alpaca-venue.ts";
import { eventually } from "#tests/support/eventually.ts";
import { levels } from "#tests/support/sim-engine.ts";

const SYMBOL = "BTC/USD";
let venue: AlpacaVenue;

beforeAll(async () => {
  venue = await startAlpacaVenue();
});
afterAll(() => venue.stop());

type Message = Record<string, unknown>;

/** A raw socket that keeps every message, one by one. */
async function open(path: string) {
  const socket = new WebSocket(venue.origin.replace("http", "ws") + path);
  const messages: Message[] = [];
  socket.on("message", (data: Buffer) => {
    const parsed = JSON.parse(data.toString()) as Message | Message[];
    messages.push(...(Array.isArray(parsed) ? parsed : [parsed]));
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });
  onTestFinished(() => socket.terminate());
  return {
    messages,
    send: (message: unknown) => socket.send(JSON.stringify(message)),
    next: (fits: (message: Message) => boolean, what: string) => eventually(() => messages.find(fits), { what }),
  };
}

async function pro() {
  const exchange = await alpacaProClient(venue);
  onTestFinished(() => exchange.close());
  await exchange.loadMarkets();
  return exchange;
}

/** Moves the best ask of the known book. */
function setAsk(price: string, amount = "0.5"): void {
  venue.engine.setBook(SYMBOL, {
    bids: levels(["49999", "1"], ["49990", "2"]),
    asks: levels([price, amount], ["50010", "2"], ["50020", "3"]),
  });
  venue.engine.publish(SYMBOL);
}

describe("market data", () => {
  test("wants a key first and says what is wrong by number", async () => {
    const socket = await open("/v1beta3/crypto/us");
    await socket.next(({ msg }) => msg === "connected", "the greeting");
    const { apiKey: key, secret } = venue.account;
    const errors = async (message: unknown, code: number) => {
      socket.send(message);
      return socket.next((row) => row["T"] === "error" && row["code"] === code, `error ${code}`);
    };
    await errors("nonsense", 400);
    await errors({ action: "subscribe", quotes: [SYMBOL] }, 401);
    await errors({ action: "auth", key, secret: "wrong" }, 402);
    socket.send({ action: "auth", key, secret });
    await socket.next(({ msg }) => msg === "authenticated", "being known");
    expect(await errors({ action: "auth", key, secret }, 403)).toMatchObject({ msg: "already authenticated" });
  });

  test("a book comes whole and then as changes, and levels that are gone have no size", async () => {
    setAsk("50000");
    const exchange = await pro();
    const first = await exchange.watchOrderBook(SYMBOL);
    expect([first.bids[0], first.asks[0]]).toEqual([
      [49_999, 1],
      [50_000, 0.5],
    ]);
    const watched = exchange.watchOrderBook(SYMBOL);
    setAsk("50001", "0.25");
    const next = await watched;
    expect(next.asks.map((level) => [...level])).toEqual([
      [50_001, 0.25],
      [50_010, 2],
      [50_020, 3],
    ]);
  });

  test("tickers and trades follow, and nothing more after unsubscribing", async () => {
    setAsk("50000");
    const exchange = await pro();
    const ticker = exchange.watchTicker(SYMBOL);
    const trades = exchange.watchTrades(SYMBOL);
    const raw = await open("/v1beta2/crypto");
    raw.send({ action: "auth", key: venue.account.apiKey, secret: venue.account.secret });
    raw.send({ action: "subscribe", trades: ["*"], quotes: [SYMBOL] });
    await raw.next(({ T }) => T === "subscription", "the subscription");
    await eventually(async () => {
      await place(venue, { type: "market", limit_price: undefined, qty: "0.001" });
      setAsk("50000");
      return (await Promise.race([trades, Promise.resolve(null)])) !== null;
    });
    expect((await trades)[0]).toMatchObject({ symbol: SYMBOL, price: 50_000, amount: 0.001, side: "buy" });
    expect(await ticker).toMatchObject({ symbol: SYMBOL, bid: 49_999, ask: 50_000 });
    await raw.next(({ T, tks }) => T === "t" && tks === "B", "a trade of any pair");
    raw.send({ action: "unsubscribe", trades: ["*"], quotes: [SYMBOL] });
    const ended = await raw.next((row) => row["T"] === "subscription" && String(row["trades"]) === "", "the end of it");
    expect(ended).toMatchObject({ trades: [], quotes: [] });
    const heard = raw.messages.length;
    await place(venue, { type: "market", limit_price: undefined, qty: "0.001" });
    raw.send({ action: "subscribe", bars: [SYMBOL] });
    await raw.next((row) => row["T"] === "subscription" && String(row["bars"]) === SYMBOL, "the next subscription");
    expect(raw.messages.slice(heard).map(({ T }) => T)).toEqual(["subscription"]);
  });

  test("a bar is told when its minute is over", async () => {
    const exchange = await pro();
    const bars = exchange.watchOHLCV(SYMBOL);
    const minutes: number[] = [];
    await eventually(async () => {
      minutes.push(Math.floor(venue.clock.now / 60_000) * 60_000);
      venue.clock.now += 60_000;
      setAsk("50000");
      return (await Promise.race([bars, Promise.resolve(null)])) !== null;
    });
    const [bar] = await bars;
    expect(minutes).toContain(bar?.[0]);
    expect(bar?.slice(1)).toEqual([50_000, 50_100, 49_900, 50_050, 3]);
  });
});

describe("the account's own stream", () => {
  test("knows both ways to log in, and tells nothing to who is not known", async () => {
    const socket = await open("/stream");
    const { apiKey, secret } = venue.account;
    socket.send({ action: "listen", data: { streams: ["trade_updates"] } });
    await socket.next(({ data }) => (data as Message)["status"] === "unauthorized", "the refusal to listen");
    socket.send({ action: "authenticate", data: { key_id: apiKey, secret_key: "wrong" } });
    await socket.next(({ data }) => String((data as Message)["message"]).includes("verification failed"), "the wrong secret");
    await place(venue);
    for (const message of [
      { action: "authenticate", data: { key_id: apiKey, secret_key: secret } },
      { action: "auth", key: apiKey, secret },
    ]) {
      socket.send(message);
      await socket.next(
        ({ data }) => (data as Message)["status"] === "authorized" && (data as Message)["action"] === message.action,
        "being known",
      );
    }
    expect(socket.messages.some(({ stream }) => stream === "trade_updates")).toBe(false);
    socket.send({ action: "listen", data: { streams: ["trade_updates", "no_such"] } });
    const listening = await socket.next(({ stream }) => stream === "listening", "the streams");
    expect(listening).toEqual({ stream: "listening", data: { streams: ["trade_updates"] } });
  });

  test("an order's life: new, partly filled, canceled, with what each execution was", async () => {
    setAsk("50000", "0.004");
    const socket = await open("/stream");
    socket.send({ action: "auth", key: venue.account.apiKey, secret: venue.account.secret });
    socket.send({ action: "listen", data: { streams: ["trade_updates"] } });
    await socket.next(({ stream }) => stream === "listening", "the stream");
    const { body } = await place(venue, { qty: "0.01", limit_price: "50000" });
    await rawCall(venue, "DELETE", `/v2/orders/${String(body["id"])}`);
    const updates = () => socket.messages.filter(({ stream }) => stream === "trade_updates").map(({ data }) => data as Message);
    await eventually(() => updates().some(({ event }) => event === "canceled"), { what: "the cancel" });
    expect(updates().map(({ event }) => event)).toEqual(["new", "partial_fill", "canceled"]);
    expect(updates()[1]).toMatchObject({
      price: "50000",
      qty: "0.004",
      order: { id: body["id"], status: "partially_filled", filled_qty: "0.004", filled_avg_price: "50000" },
    });
    expect(updates()[2]).toMatchObject({ order: { status: "canceled", filled_qty: "0.004" } });
  });

  test("a stop is accepted, then new when its price is reached, then filled", async () => {
    setAsk("50000", "0.5");
    const socket = await open("/stream");
    socket.send({ action: "auth", key: venue.account.apiKey, secret: venue.account.secret });
    socket.send({ action: "listen", data: { streams: ["trade_updates"] } });
    await socket.next(({ stream }) => stream === "listening", "the stream");
    await place(venue, { type: "stop_limit", stop_price: "50500", limit_price: "51000" });
    venue.engine.setBook(SYMBOL, { bids: levels(["50590", "1"]), asks: levels(["50600", "1"]) });
    venue.engine.publish(SYMBOL);
    const updates = () => socket.messages.filter(({ stream }) => stream === "trade_updates").map(({ data }) => data as Message);
    await eventually(() => updates().some(({ event }) => event === "fill"), { what: "the fill" });
    expect(updates().map(({ event }) => event)).toEqual(["accepted", "new", "fill"]);
  });

  test("ccxt hears of orders and of its own trades", async () => {
    setAsk("50000");
    const exchange = await pro();
    const orders = exchange.watchOrders(SYMBOL);
    const trades = exchange.watchMyTrades(SYMBOL);
    await eventually(async () => {
      await place(venue, { type: "market", limit_price: undefined, qty: "0.001" });
      return (await Promise.race([trades, Promise.resolve(null)])) !== null;
    });
    expect((await orders)[0]).toMatchObject({ symbol: SYMBOL, type: "market", side: "buy" });
    expect((await trades)[0]).toMatchObject({ symbol: SYMBOL, price: 50_000, amount: 0.001 });
  });

  test("a replaced order ends as replaced, and the new one begins", async () => {
    const socket = await open("/stream");
    socket.send({ action: "auth", key: venue.account.apiKey, secret: venue.account.secret });
    socket.send({ action: "listen", data: { streams: ["trade_updates"] } });
    await socket.next(({ stream }) => stream === "listening", "the stream");
    const { body } = await place(venue);
    await rawCall(venue, "PATCH", `/v2/orders/${String(body["id"])}`, { body: { limit_price: "41000" } });
    const updates = () => socket.messages.filter(({ stream }) => stream === "trade_updates").map(({ data }) => data as Message);
    await eventually(() => updates().length >= 3, { what: "three updates" });
    expect(updates().map(({ event, order }) => [event, (order as Message)["limit_price"]])).toEqual([
      ["new", "40000"],
      ["replaced", "40000"],
      ["new", "41000"],
    ]);
  });
});
