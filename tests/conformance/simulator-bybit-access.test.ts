import ccxt from "ccxt";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  bybitCall,
  bybitClient,
  type BybitVenue,
  idOf,
  setKnownBook,
  startBybitVenue,
  SYMBOL,
} from "#tests/support/bybit-venue.ts";

const LIMIT = { category: "spot", symbol: "BTCUSDT", side: "Buy", orderType: "Limit", qty: "0.01", price: "30000" };
const CREATE = "/v5/order/create";

let venue: BybitVenue;
beforeAll(async () => {
  venue = await startBybitVenue();
});
afterAll(() => venue.close());
beforeEach(() => setKnownBook(venue));
afterEach(() => {
  venue.control.clearFaults();
});

const read = (changes: Parameters<typeof bybitCall>[4] = {}) =>
  bybitCall(venue, "GET", "/v5/account/wallet-balance", { accountType: "UNIFIED" }, changes);
const place = (changes: Record<string, unknown> = {}) => bybitCall(venue, "POST", CREATE, { ...LIMIT, ...changes });

describe("who may call", () => {
  test("a good signature is accepted, a missing, malformed or wrong one is not", async () => {
    expect(await read()).toMatchObject({ status: 200, retCode: 0 });
    expect(await read({ unsigned: true })).toMatchObject({ status: 200, retCode: 10001 });
    expect((await read({ signature: "beef" })).retCode).toBe(10004);
    expect((await read({ signature: "0".repeat(64) })).retCode).toBe(10004);
    const stranger = venue.control.createAccount({ venue: "bybit" });
    expect((await read({ account: { ...venue.account, secret: stranger.secret } })).retCode).toBe(10004);
    expect((await read({ account: { ...stranger, apiKey: "nobody" } })).retCode).toBe(10003);
    const wrong = bybitClient(venue, { apiKey: venue.account.apiKey, secret: stranger.secret });
    await expect(wrong.fetchBalance()).rejects.toBeInstanceOf(ccxt.AuthenticationError);
  });

  test("a signature is for one body", async () => {
    const { headers } = await bybitCall(venue, "POST", CREATE, { ...LIMIT, qty: "0" });
    expect(headers.get("x-bapi-limit")).not.toBeNull();
    const signature = "f".repeat(64);
    expect((await bybitCall(venue, "POST", CREATE, LIMIT, { signature })).retCode).toBe(10004);
    expect(venue.engine.openOrders(venue.account.id)).toEqual([]);
  });

  test("a request is good from its window before the venue's time to a second after it", async () => {
    expect((await read({ skewMs: -4_000 })).retCode).toBe(0);
    expect((await read({ skewMs: -6_000 })).retCode).toBe(10002);
    expect((await read({ skewMs: -6_000, recvWindow: "20000" })).retCode).toBe(0);
    expect((await read({ skewMs: 5_000 })).retCode).toBe(10002);
    venue.control.setFault({ venue: "bybit", kind: "clock-skew", ms: 600_000 });
    await expect(bybitClient(venue).fetchBalance()).rejects.toBeInstanceOf(ccxt.InvalidNonce);
  });

  test("a key without trade permission reads and changes nothing", async () => {
    const permissions = { read: true, trade: false, withdraw: false };
    const account = venue.control.createAccount({ venue: "bybit", balances: { USDT: "1000" }, permissions });
    expect((await read({ account })).retCode).toBe(0);
    for (const path of [CREATE, "/v5/order/cancel", "/v5/order/amend", "/v5/order/cancel-all"]) {
      expect((await bybitCall(venue, "POST", path, LIMIT, { account })).retCode, path).toBe(10005);
    }
    expect(venue.engine.orders(account.id, {})).toEqual([]);
    const blind = venue.control.createAccount({ venue: "bybit", permissions: { read: false, trade: true, withdraw: false } });
    expect((await read({ account: blind })).retCode).toBe(10005);
  });

  test("nobody sees or changes another account's orders", async () => {
    const orderId = String((await place()).result["orderId"]);
    const account = venue.control.createAccount({ venue: "bybit" });
    const question = { category: "spot", orderId };
    expect((await bybitCall(venue, "GET", "/v5/order/realtime", question, { account })).result.list).toEqual([]);
    const cancel = { ...question, symbol: "BTCUSDT" };
    expect((await bybitCall(venue, "POST", "/v5/order/cancel", cancel, { account })).retCode).toBe(170213);
    expect((await bybitCall(venue, "POST", "/v5/order/cancel", cancel)).retCode).toBe(0);
  });
});

describe("what is refused", () => {
  test.each([
    ["an unknown market", { symbol: "NOPEUSDT" }, 170121],
    ["a price off the tick", { price: "30000.01" }, 170134],
    ["an amount off the step", { qty: "0.0100001" }, 170137],
    ["an amount below the minimum", { qty: "0.000001" }, 170136],
    ["more than the funds", { qty: "1000" }, 170131],
    ["no amount", { qty: "" }, 170105],
    ["an amount of zero", { qty: "0" }, 170130],
    ["an amount that is a JSON number", { qty: 0.01 }, 10001],
    ["a limit order without a price", { price: "" }, 170105],
    ["an unknown side", { side: "BUY" }, 170117],
    ["an unknown type", { orderType: "Stop" }, 170116],
    ["an unknown time in force", { timeInForce: "DAY" }, 170115],
    ["a link id of 37 characters", { orderLinkId: "x".repeat(37) }, 10001],
    ["a link id with a blank", { orderLinkId: "a b" }, 10001],
    ["another product", { category: "linear" }, 10001],
  ])("%s", async (_what, changes, code) => {
    const orders = venue.engine.orders(venue.account.id, {}).length;
    expect(await place(changes)).toMatchObject({ status: 200, retCode: code, result: {} });
    expect(venue.engine.orders(venue.account.id, {})).toHaveLength(orders);
  });

  test("a link id a second time, also when its first order is long over", async () => {
    const orderLinkId = "only-once";
    const orderId = String((await place({ orderLinkId })).result["orderId"]);
    expect((await place({ orderLinkId })).retCode).toBe(170141);
    const cancel = { category: "spot", symbol: "BTCUSDT", orderLinkId };
    expect((await bybitCall(venue, "POST", "/v5/order/cancel", cancel)).result).toEqual({ orderId, orderLinkId });
    expect((await place({ orderLinkId })).retCode).toBe(170141);
    expect((await bybitCall(venue, "POST", "/v5/order/cancel", cancel)).retCode).toBe(170213);
  });

  test("an amendment below what is filled, off the grid, or of nothing", async () => {
    const orderId = String((await place({ qty: "3", price: "50000" })).result["orderId"]);
    const amend = (changes: Record<string, unknown>) =>
      bybitCall(venue, "POST", "/v5/order/amend", { category: "spot", symbol: "BTCUSDT", orderId, ...changes });
    expect((await amend({ qty: "1" })).retCode).toBe(170130);
    expect((await amend({ price: "30000.01" })).retCode).toBe(170134);
    expect((await amend({})).retCode).toBe(10001);
    expect((await amend({ qty: "4" })).retCode).toBe(0);
    expect(venue.engine.order(venue.account.id, orderId)).toMatchObject({ status: "open" });
    await bybitCall(venue, "POST", "/v5/order/cancel-all", { category: "spot" });
  });

  test("everything but a cancel while a market is closed", async () => {
    const orderId = String((await place()).result["orderId"]);
    venue.engine.setOpen(SYMBOL, false);
    expect((await place()).retCode).toBe(170151);
    expect((await bybitCall(venue, "POST", "/v5/order/cancel", { category: "spot", symbol: "BTCUSDT", orderId })).retCode).toBe(
      0,
    );
    venue.engine.setOpen(SYMBOL, true);
  });

  test.each([
    ["insufficient-funds", ccxt.InsufficientFunds, "170131"],
    ["not-permitted", ccxt.PermissionDenied, "10005"],
    ["price-tick", ccxt.InvalidOrder, "170134"],
    ["amount-step", ccxt.InvalidOrder, "170137"],
    ["amount-min", ccxt.InvalidOrder, "170136"],
    ["cost-min", ccxt.InvalidOrder, "170140"],
    ["would-take", ccxt.InvalidOrder, "170218"],
    ["duplicate-client-id", ccxt.InvalidOrder, "170141"],
    ["unknown-order", ccxt.OrderNotFound, "170213"],
    ["unknown-symbol", ccxt.InvalidOrder, "170121"],
    ["bad-request", ccxt.BadRequest, "170130"],
  ] as const)("the refusal %s reaches a ccxt user as its class with the venue's code", async (reason, expected, code) => {
    const client = bybitClient(venue);
    await client.loadMarkets();
    await client.isUnifiedEnabled();
    venue.control.setFault({ venue: "bybit", kind: "refuse", reason, callKind: "place" });
    const error: unknown = await client.createOrder(SYMBOL, "limit", "buy", 0.01, 30_000).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(expected);
    expect(String(error)).toContain(`"retCode":${code}`);
  });
});

describe("rate limits", () => {
  let limited: BybitVenue;
  let now = Date.UTC(2026, 5, 1, 12);
  beforeAll(async () => {
    limited = await startBybitVenue({ addressPerFiveSeconds: 60 }, () => now);
  });
  afterAll(() => limited.close());

  test("orders: 20 a second per account, in headers that count down and name the end", async () => {
    const answers = [];
    for (let count = 0; count < 21; count += 1)
      answers.push(await bybitCall(limited, "POST", CREATE, { ...LIMIT, qty: "0.001" }));
    expect(answers.slice(0, 20).map(({ retCode }) => retCode)).toEqual(Array.from({ length: 20 }, () => 0));
    const headers = answers.map((answer) => ["x-bapi-limit", "x-bapi-limit-status"].map((name) => answer.headers.get(name)));
    expect([headers[0], headers[19], headers[20]]).toEqual([
      ["20", "19"],
      ["20", "0"],
      ["20", "0"],
    ]);
    expect(answers[20]).toMatchObject({ status: 200, retCode: 10006 });
    expect(answers[20]?.headers.get("x-bapi-limit-reset-timestamp")).toBe(String(now + 1_000));
    expect((await bybitCall(limited, "GET", "/v5/order/realtime", { category: "spot" })).retCode).toBe(0);
    const other = limited.control.createAccount({ venue: "bybit", balances: { USDT: "1000" } });
    expect((await bybitCall(limited, "POST", CREATE, { ...LIMIT, qty: "0.001" }, { account: other })).retCode).toBe(0);
    now += 1_000;
    expect((await bybitCall(limited, "POST", CREATE, { ...LIMIT, qty: "0.001" })).retCode).toBe(0);
  });

  test("a batch counts each of its orders", async () => {
    now += 10_000;
    const request = Array.from({ length: 10 }, () => ({ ...LIMIT, qty: "0.001" }));
    const batch = () => bybitCall(limited, "POST", "/v5/order/create-batch", { category: "spot", request });
    expect([(await batch()).retCode, (await batch()).retCode, (await batch()).retCode]).toEqual([0, 0, 10006]);
  });

  test("an address that floods is shut out for ten minutes", async () => {
    now += 10_000;
    const time = () => bybitCall(limited, "GET", "/v5/market/time", {}, { unsigned: true });
    for (let count = 0; count < 60; count += 1) expect((await time()).retCode).toBe(0);
    expect(await time()).toMatchObject({ status: 403, retCode: 10018 });
    now += 599_000;
    expect((await time()).status).toBe(403);
    now += 1_000;
    expect((await time()).status).toBe(200);
  });

  test("injected limits and outages have the venue's bodies", async () => {
    const client = bybitClient(venue);
    venue.control.setFault({ venue: "bybit", kind: "rate-limited", retryAfterSeconds: 3, banned: false });
    const answer = await bybitCall(venue, "GET", "/v5/market/time", {}, { unsigned: true });
    expect(answer).toMatchObject({ status: 200, retCode: 10006 });
    expect(Number(answer.headers.get("x-bapi-limit-reset-timestamp"))).toBeGreaterThan(venue.engine.now());
    await expect(client.fetchTime()).rejects.toBeInstanceOf(ccxt.RateLimitExceeded);
    venue.control.clearFaults();
    venue.control.setFault({ venue: "bybit", kind: "status", status: 503, when: "before" });
    expect(await bybitCall(venue, "GET", "/v5/market/time")).toMatchObject({ status: 503, retCode: 10016 });
    await expect(client.fetchTime()).rejects.toBeInstanceOf(ccxt.ExchangeError);
  });
});

test("an order that the venue forgets is in no list, and its fills stay", async () => {
  const client = bybitClient(venue);
  venue.control.setFault({ venue: "bybit", kind: "forget-order", ms: 600_000, apiKey: venue.account.apiKey });
  const id = idOf(await client.createOrder(SYMBOL, "market", "buy", 0.001));
  await expect(client.fetchOrder(id, SYMBOL, { acknowledged: true })).rejects.toBeInstanceOf(ccxt.OrderNotFound);
  expect((await client.fetchMyTrades(SYMBOL)).map((trade) => trade.order)).toContain(id);
});
