import ccxt from "ccxt";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  ccxtClient,
  ccxtProClient,
  coinbaseCall,
  coinbaseToken,
  idOf,
  openSocket,
  type PaperVenue,
  type RawSocket,
  rawGet,
  STOPPED_CLOCK,
  startPaperVenue,
} from "#tests/support/paper-venue.ts";

const SYMBOL = "BTC/USD";
const API = "/api/v3/brokerage";
const BUY = {
  client_order_id: "one",
  product_id: "BTC-USD",
  side: "BUY",
  order_configuration: { market_market_ioc: { base_size: "0.001" } },
};

let venue: PaperVenue;
beforeAll(async () => {
  venue = await startPaperVenue("coinbase");
});
afterAll(() => venue.close());
afterEach(() => {
  venue.simulator.control.clearFaults();
});

describe("who may call", () => {
  const read = (changes: Parameters<typeof coinbaseCall>[4]) => coinbaseCall(venue, "GET", `${API}/accounts`, undefined, changes);

  test("a good token is accepted and a missing one is not", async () => {
    expect((await read({})).status).toBe(200);
    expect(await rawGet(venue, `${API}/accounts`)).toMatchObject({ status: 401, body: "Unauthorized" });
    expect(await rawGet(venue, "/v2/accounts")).toMatchObject({ status: 401, body: { errors: [{ id: "unauthorized" }] } });
  });

  test("a token signed with another key is refused", async () => {
    const other = venue.simulator.control.createAccount({ venue: "coinbase" });
    const forged = { apiKey: venue.account.apiKey, secret: other.secret };
    expect((await read({ account: forged })).status).toBe(401);
    await expect(ccxtClient(venue, forged).fetchMyTrades(SYMBOL)).rejects.toBeInstanceOf(ccxt.AuthenticationError);
    expect((await read({ kid: other.apiKey })).status).toBe(401);
    expect((await read({ kid: "organizations/nobody/apiKeys/nothing" })).status).toBe(401);
  });

  test("a token is for one method and path only", async () => {
    expect((await read({ uri: `POST api.coinbase.com${API}/accounts` })).status).toBe(401);
    expect((await read({ uri: `GET api.coinbase.com${API}/orders/historical/fills` })).status).toBe(401);
    expect((await read({ uri: `GET evil.example${API}/accounts` })).status).toBe(401);
  });

  test("a token is for its two minutes of the venue's clock only", async () => {
    expect((await read({ skewSeconds: -100 })).status).toBe(200);
    expect((await read({ skewSeconds: -121 })).status).toBe(401);
    expect((await read({ skewSeconds: 30 })).status).toBe(401);
    venue.simulator.control.setFault({ venue: "coinbase", kind: "clock-skew", ms: 600_000 });
    await expect(ccxtClient(venue).fetchBalance({ v3: true })).rejects.toBeInstanceOf(ccxt.AuthenticationError);
  });

  test("a key without trade permission reads and places nothing", async () => {
    const account = venue.simulator.control.createAccount({
      venue: "coinbase",
      balances: { USD: "1000" },
      permissions: { read: true, trade: false, withdraw: false },
    });
    expect((await read({ account })).status).toBe(200);
    expect(await coinbaseCall(venue, "POST", `${API}/orders`, BUY, { account })).toMatchObject({
      status: 403,
      body: { error: "PERMISSION_DENIED" },
    });
    await expect(ccxtClient(venue, account).createOrder(SYMBOL, "limit", "buy", 0.001, 1_000)).rejects.toBeInstanceOf(
      ccxt.PermissionDenied,
    );
    expect(venue.engine.orders(account.id, {})).toEqual([]);
  });

  test("nobody sees another account's orders", async () => {
    const order = await ccxtClient(venue).createOrder(SYMBOL, "limit", "buy", 0.001, 1_000);
    const stranger = ccxtClient(venue, venue.simulator.control.createAccount({ venue: "coinbase" }));
    await expect(stranger.fetchOrder(idOf(order))).rejects.toThrow("not found");
    await expect(stranger.cancelOrder(idOf(order))).rejects.toBeInstanceOf(ccxt.BadRequest);
    expect(await stranger.fetchOpenOrders()).toEqual([]);
  });

  test.each([
    ["insufficient-funds", ccxt.InsufficientFunds, "PREVIEW_INSUFFICIENT_FUND"],
    ["not-permitted", ccxt.PermissionDenied, "PERMISSION_DENIED"],
    ["price-tick", ccxt.ExchangeError, "INVALID_PRICE_PRECISION"],
    ["amount-step", ccxt.ExchangeError, "INVALID_SIZE_PRECISION"],
    ["amount-min", ccxt.ExchangeError, "PREVIEW_INVALID_BASE_SIZE_TOO_SMALL"],
    ["cost-min", ccxt.ExchangeError, "PREVIEW_INVALID_QUOTE_SIZE_TOO_SMALL"],
    ["would-take", ccxt.ExchangeError, "INVALID_LIMIT_PRICE_POST_ONLY"],
    ["bad-request", ccxt.ExchangeError, "UNSUPPORTED_ORDER_CONFIGURATION"],
  ] as const)("the refusal %s reaches a ccxt user as its class with the venue's word", async (reason, expected, word) => {
    const client = ccxtClient(venue);
    await client.loadMarkets();
    venue.simulator.control.setFault({ venue: "coinbase", kind: "refuse", reason });
    const error: unknown = await client.createOrder(SYMBOL, "limit", "buy", 0.001, 1_000).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(expected);
    expect(String(error)).toContain(word);
  });

  test("injected limits and outages have the venue's bodies", async () => {
    const client = ccxtClient(venue);
    venue.simulator.control.setFault({ venue: "coinbase", kind: "rate-limited", retryAfterSeconds: 3, banned: false });
    const limited = await rawGet(venue, `${API}/time`);
    expect(limited).toMatchObject({ status: 429, body: { error: "rate_limit_exceeded" } });
    expect(limited.headers.get("retry-after")).toBe("3");
    await expect(client.fetchTime()).rejects.toBeInstanceOf(ccxt.RateLimitExceeded);
    venue.simulator.control.clearFaults();
    venue.simulator.control.setFault({ venue: "coinbase", kind: "status", status: 503, when: "before" });
    await expect(client.fetchTime()).rejects.toBeInstanceOf(ccxt.BaseError);
  });

  test("requests are counted per second with the venue's headers, public and private apart", async () => {
    const limited = await startPaperVenue("coinbase", { publicPerSecond: 2, privatePerSecond: 1 }, STOPPED_CLOCK);
    try {
      const first = await rawGet(limited, `${API}/time`);
      expect([first.headers.get("x-ratelimit-limit"), first.headers.get("x-ratelimit-remaining")]).toEqual(["2", "1"]);
      await rawGet(limited, `${API}/time`);
      expect(await rawGet(limited, `${API}/time`)).toMatchObject({ status: 429, body: { error: "rate_limit_exceeded" } });
      expect((await coinbaseCall(limited, "GET", `${API}/accounts`)).status).toBe(200);
      expect((await coinbaseCall(limited, "GET", `${API}/accounts`)).status).toBe(429);
    } finally {
      await limited.close();
    }
  });
});

describe("sockets", () => {
  const sockets: RawSocket[] = [];
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.close();
  });
  const connect = async (): Promise<RawSocket> => {
    const socket = await openSocket(venue, "/");
    sockets.push(socket);
    return socket;
  };
  const eventOf = (message: Record<string, unknown>): Record<string, unknown> =>
    (message["events"] as Record<string, unknown>[] | undefined)?.[0] ?? {};
  const on = (channel: string) => (message: Record<string, unknown>) => message["channel"] === channel;

  test("ccxt.pro watches ticker, book, trades and its own orders", async () => {
    const pro = await ccxtProClient(venue);
    try {
      await pro.loadMarkets();
      expect(await pro.watchTicker(SYMBOL)).toMatchObject({ bid: Number(venue.engine.ticker(SYMBOL)?.bid) });
      const book = await pro.watchOrderBook(SYMBOL);
      const truth = venue.engine.book(SYMBOL);
      expect(book.bids.map(([price, amount]) => [price, amount])).toEqual(truth?.bids.map((level) => level.map(Number)));
      await coinbaseCall(venue, "POST", `${API}/orders`, { ...BUY, client_order_id: "fortrades" });
      const trades = await pro.watchTrades(SYMBOL);
      expect(trades.at(-1)).toMatchObject({ symbol: SYMBOL, amount: 0.001 });
      const order = await pro.createOrder(SYMBOL, "limit", "buy", 0.001, 1_000);
      const [watched] = (await pro.watchOrders(SYMBOL)).filter((row) => row.id === idOf(order));
      expect(watched).toMatchObject({ status: "open", price: 1_000, side: "buy" });
      const next = pro.watchOrders(SYMBOL);
      await pro.cancelOrder(idOf(order), SYMBOL);
      expect((await next).at(-1)).toMatchObject({ id: idOf(order), status: "canceled" });
    } finally {
      await pro.close();
    }
  });

  test("level2 rebuilds the book exactly, and no sequence number is missing", async () => {
    const socket = await connect();
    socket.send({ type: "subscribe", channel: "level2", product_ids: ["BTC-USD"] });
    await socket.next(on("l2_data"), "the snapshot");
    for (let count = 0; count < 5; count += 1) venue.simulator.control.step();
    const last = venue.engine.book(SYMBOL);
    const sides = { bid: new Map<string, string>(), offer: new Map<string, string>() };
    await socket.next((message) => on("l2_data")(message) && eventOf(message)["type"] === "update", "an update");
    socket.send({ type: "subscribe", channel: "heartbeats" });
    await socket.next(on("heartbeats"), "a heartbeat, sent after the updates");
    for (const message of socket.messages.filter(on("l2_data"))) {
      const updates = eventOf(message)["updates"] as { side: "bid" | "offer"; price_level: string; new_quantity: string }[];
      for (const { side, price_level: price, new_quantity: quantity } of updates) {
        if (quantity === "0") sides[side].delete(price);
        else sides[side].set(price, quantity);
      }
    }
    expect(sides.bid).toEqual(new Map(last?.bids.map(([price, amount]) => [price.toFixed(), amount.toFixed()])));
    expect(sides.offer).toEqual(new Map(last?.asks.map(([price, amount]) => [price.toFixed(), amount.toFixed()])));
    expect(socket.messages.map((message) => message["sequence_num"])).toEqual(socket.messages.map((_, index) => index));
  });

  test("the user channel needs a good token and tells each change of an order", async () => {
    const socket = await connect();
    socket.send({ type: "subscribe", channel: "user", product_ids: ["BTC-USD"] });
    expect(await socket.next((message) => message["type"] === "error", "the refusal")).toEqual({
      type: "error",
      message: "authentication failure",
    });
    socket.send({ type: "subscribe", channel: "user", product_ids: ["BTC-USD"], jwt: await coinbaseToken(venue, undefined) });
    expect(eventOf(await socket.next(on("user"), "the snapshot"))).toMatchObject({ type: "snapshot" });
    await coinbaseCall(venue, "POST", `${API}/orders`, { ...BUY, client_order_id: "userchannel" });
    const rows = (): Record<string, unknown>[] =>
      socket.messages.filter(on("user")).flatMap((message) => eventOf(message)["orders"] as Record<string, unknown>[]);
    const isFilled = (message: Record<string, unknown>): boolean =>
      on("user")(message) &&
      JSON.stringify(message).includes('"status":"FILLED"') &&
      JSON.stringify(message).includes("userchannel");
    await socket.next(isFilled, "the fill");
    const own = rows().filter((row) => row["client_order_id"] === "userchannel");
    expect(own[0]).toMatchObject({ status: "OPEN", order_side: "BUY", order_type: "Market", product_id: "BTC-USD" });
    const [fill] = venue.engine.fills(venue.account.id, { orderId: String(own[0]?.["order_id"]) });
    expect(own.at(-1)).toMatchObject({
      status: "FILLED",
      cumulative_quantity: "0.001",
      leaves_quantity: "0",
      total_fees: fill?.fee.toFixed(),
    });
  });

  test("subscriptions are listed as they change and nonsense is refused", async () => {
    const socket = await connect();
    socket.send({ type: "subscribe", channel: "ticker", product_ids: ["BTC-USD", "ETH-USD"] });
    expect(eventOf(await socket.next(on("subscriptions"), "the list"))).toEqual({
      subscriptions: { ticker: ["BTC-USD", "ETH-USD"] },
    });
    socket.send({ type: "unsubscribe", channel: "ticker", product_ids: ["BTC-USD"] });
    await socket.next(
      (message) => JSON.stringify(eventOf(message)) === '{"subscriptions":{"ticker":["ETH-USD"]}}',
      "the shorter list",
    );
    for (const bad of [
      "{",
      { type: "subscribe", channel: "nothing" },
      { type: "subscribe", channel: "ticker", product_ids: ["NO-PE"] },
    ])
      socket.send(bad);
    await socket.next((message) => message["message"] === "NO-PE is not a valid product", "the last complaint");
    expect(socket.messages.filter((message) => message["type"] === "error")).toHaveLength(3);
  });
});
