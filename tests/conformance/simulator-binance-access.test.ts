import ccxt from "ccxt";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  binanceCall,
  ccxtClient,
  type PaperVenue,
  rawGet,
  STOPPED_CLOCK,
  startPaperVenue,
  idOf,
} from "#tests/support/paper-venue.ts";

const SYMBOL = "BTC/USDT";
const LEAN = { fetchMarkets: { types: ["spot"] }, fetchCurrencies: false };
const UNKNOWN_KEY = "A".repeat(64);

describe("who may call", () => {
  let venue: PaperVenue;
  beforeAll(async () => {
    venue = await startPaperVenue("binance");
  });
  afterAll(() => venue.close());
  afterEach(() => {
    venue.simulator.control.clearFaults();
  });

  test("a signature with another secret is refused", async () => {
    const forged = { account: { apiKey: venue.account.apiKey, secret: "not the secret" } };
    expect(await binanceCall(venue, "GET", "/api/v3/account", {}, forged)).toMatchObject({ status: 400, body: { code: -1022 } });
    const client = ccxtClient(venue, forged.account, LEAN);
    await expect(client.fetchBalance()).rejects.toBeInstanceOf(ccxt.AuthenticationError);
  });

  test("a signature covers every parameter", async () => {
    const { body } = await binanceCall(
      venue,
      "GET",
      "/api/v3/account",
      { omitZeroBalances: "true" },
      { signature: "0".repeat(64) },
    );
    expect(body).toMatchObject({ code: -1022 });
    expect((await binanceCall(venue, "GET", "/api/v3/account", {}, { signature: "zz" })).body).toMatchObject({ code: -1100 });
  });

  test("keys that are malformed, unknown or missing are told apart", async () => {
    const call = (apiKey: string) => binanceCall(venue, "GET", "/api/v3/account", {}, { account: { apiKey, secret: "x" } });
    expect(await call("short")).toMatchObject({ status: 401, body: { code: -2014, msg: "API-key format invalid." } });
    expect(await call(UNKNOWN_KEY)).toMatchObject({ status: 401, body: { code: -2015 } });
    expect(await rawGet(venue, "/api/v3/account?timestamp=1&signature=1")).toMatchObject({ status: 401, body: { code: -2014 } });
    const client = ccxtClient(venue, { apiKey: UNKNOWN_KEY, secret: "x" }, LEAN);
    await expect(client.fetchBalance()).rejects.toBeInstanceOf(ccxt.AuthenticationError);
  });

  test("a clock that is off is refused as a nonce, and the venue's own time cures it", async () => {
    const now = venue.engine.now();
    const late = await binanceCall(venue, "GET", "/api/v3/account", {}, { timestamp: now - 60_001 });
    expect(late).toMatchObject({ status: 400, body: { code: -1021 } });
    const early = await binanceCall(venue, "GET", "/api/v3/account", {}, { timestamp: now + 60_000 });
    expect(early.body).toMatchObject({ code: -1021, msg: expect.stringContaining("ahead of the server's time") });
    const wide = await binanceCall(venue, "GET", "/api/v3/account", { recvWindow: 60_001 });
    expect(wide.body).toMatchObject({ code: -1131 });
    const client = ccxtClient(venue, venue.account, LEAN);
    venue.simulator.control.setFault({ venue: "binance", kind: "clock-skew", ms: -30_000 });
    await expect(client.fetchBalance()).rejects.toBeInstanceOf(ccxt.InvalidNonce);
    await client.loadTimeDifference();
    await expect(client.fetchBalance()).resolves.toBeDefined();
  });

  test("a key without trade permission reads and places nothing", async () => {
    const reader = venue.simulator.control.createAccount({
      venue: "binance",
      balances: { USDT: "1000" },
      permissions: { read: true, trade: false, withdraw: false },
    });
    const order = { symbol: "BTCUSDT", side: "BUY", type: "MARKET", quoteOrderQty: 100 };
    const call = { account: reader };
    expect((await binanceCall(venue, "GET", "/api/v3/account", {}, call)).status).toBe(200);
    expect(await binanceCall(venue, "POST", "/api/v3/order", order, call)).toMatchObject({ status: 401, body: { code: -2015 } });
    expect((await binanceCall(venue, "GET", "/sapi/v1/account/apiRestrictions", {}, call)).body).toMatchObject({
      enableSpotAndMarginTrading: false,
    });
    const client = ccxtClient(venue, reader, LEAN);
    await expect(client.createOrder(SYMBOL, "market", "buy", 0.001)).rejects.toBeInstanceOf(ccxt.AuthenticationError);
    expect(venue.engine.orders(reader.id, {})).toEqual([]);
  });

  test("nobody sees another account's orders", async () => {
    const other = venue.simulator.control.createAccount({ venue: "binance", balances: { USDT: "1000" } });
    const client = ccxtClient(venue, venue.account, LEAN);
    const order = await client.createOrder(SYMBOL, "limit", "buy", 0.01, 1_000);
    const stranger = ccxtClient(venue, other, LEAN);
    await expect(stranger.fetchOrder(idOf(order), SYMBOL)).rejects.toBeInstanceOf(ccxt.OrderNotFound);
    await expect(stranger.cancelOrder(idOf(order), SYMBOL)).rejects.toBeInstanceOf(ccxt.OrderNotFound);
    expect((await client.fetchOrder(idOf(order), SYMBOL)).status).toBe("open");
  });

  test.each([
    ["insufficient-funds", ccxt.InsufficientFunds],
    ["price-tick", ccxt.InvalidOrder],
    ["amount-step", ccxt.InvalidOrder],
    ["amount-min", ccxt.InvalidOrder],
    ["cost-min", ccxt.BadRequest],
    ["would-take", ccxt.OrderImmediatelyFillable],
    ["duplicate-client-id", ccxt.InvalidOrder],
    ["unknown-symbol", ccxt.BadSymbol],
    ["unknown-order", ccxt.OrderNotFound],
    ["bad-request", ccxt.BadRequest],
    ["not-permitted", ccxt.PermissionDenied],
  ] as const)("the refusal %s reaches a ccxt user as its class", async (reason, expected) => {
    const client = ccxtClient(venue, venue.account, LEAN);
    await client.loadMarkets();
    venue.simulator.control.setFault({ venue: "binance", kind: "refuse", reason });
    await expect(client.createOrder(SYMBOL, "limit", "buy", 0.01, 1_000)).rejects.toBeInstanceOf(expected);
  });

  test("injected bans and outages have the venue's bodies", async () => {
    const client = ccxtClient(venue, venue.account, LEAN);
    await client.loadMarkets();
    venue.simulator.control.setFault({ venue: "binance", kind: "rate-limited", retryAfterSeconds: 7, banned: true });
    const banned = await rawGet(venue, "/api/v3/time");
    expect(banned).toMatchObject({ status: 418, body: { code: -1003 } });
    expect(banned.headers.get("retry-after")).toBe("7");
    await expect(client.fetchTime()).rejects.toBeInstanceOf(ccxt.DDoSProtection);
    venue.simulator.control.clearFaults();
    venue.simulator.control.setFault({ venue: "binance", kind: "status", status: 504, when: "before" });
    await expect(client.fetchTime()).rejects.toBeInstanceOf(ccxt.RequestTimeout);
    venue.simulator.control.clearFaults();
    venue.simulator.control.setFault({ venue: "binance", kind: "status", status: 503, when: "before" });
    await expect(client.fetchTime()).rejects.toBeInstanceOf(ccxt.OperationFailed);
  });
});

describe("how much one may call", () => {
  test("weight is counted per caller as documented and past the limit the answer is 429 with a time to wait", async () => {
    const venue = await startPaperVenue("binance", { weightPerMinute: 100 }, STOPPED_CLOCK);
    try {
      const first = await rawGet(venue, "/api/v3/time");
      expect(first.headers.get("x-mbx-used-weight-1m")).toBe("1");
      const account = await binanceCall(venue, "GET", "/api/v3/account");
      expect(account.headers.get("x-mbx-used-weight-1m")).toBe("20");
      const depth = await rawGet(venue, "/api/v3/depth?symbol=BTCUSDT&limit=1000");
      expect(depth.headers.get("x-mbx-used-weight-1m")).toBe("51");
      const refused = await rawGet(venue, "/api/v3/depth?symbol=BTCUSDT&limit=1000");
      expect(refused).toMatchObject({ status: 429, body: { code: -1003 } });
      expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
      expect((await binanceCall(venue, "GET", "/api/v3/account")).status).toBe(200);
      await expect(ccxtClient(venue, {}, LEAN).fetchTime()).rejects.toBeInstanceOf(ccxt.DDoSProtection);
      for (let count = 0; count < 50; count += 1) await rawGet(venue, "/api/v3/time");
      expect((await rawGet(venue, "/api/v3/time")).status).toBe(418);
    } finally {
      await venue.close();
    }
  });

  test("orders that rest are counted and one too many is refused", async () => {
    const venue = await startPaperVenue("binance", { ordersPerTenSeconds: 2, ordersPerDay: 2 }, STOPPED_CLOCK);
    try {
      const resting = { symbol: "BTCUSDT", side: "BUY", type: "LIMIT", timeInForce: "GTC", quantity: "0.01", price: "1000" };
      const first = await binanceCall(venue, "POST", "/api/v3/order", resting);
      expect(first.headers.get("x-mbx-order-count-1d")).toBe("1");
      await binanceCall(venue, "POST", "/api/v3/order", resting);
      const third = await binanceCall(venue, "POST", "/api/v3/order", resting);
      expect(third).toMatchObject({ status: 429, body: { code: -1015 } });
      expect(venue.engine.openOrders(venue.account.id)).toHaveLength(2);
    } finally {
      await venue.close();
    }
  });
});
