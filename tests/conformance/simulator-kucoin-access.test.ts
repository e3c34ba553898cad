import { createHmac } from "node:crypto";
import ccxt from "ccxt";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { generateCredentials } from "#simulator/control/credentials.ts";
import {
  kucoinCall,
  kucoinClient,
  type KucoinVenue,
  MARKET_ID,
  publicCall,
  setKnownBook,
  startKucoinVenue,
  SYMBOL,
} from "#tests/support/kucoin-venue.ts";

const LEAN = { uta: false, hf: true, fetchMarkets: { types: ["spot"], fetchTickersFees: false } };
const ACCOUNTS = "/api/v1/accounts?type=trade";
const PLACE = "/api/v1/hf/orders";
/** A clock that stands still, so that no rate-limit window ends in the middle of a test. */
const STOPPED_CLOCK = (): number => Date.UTC(2026, 5, 1, 12);

describe("who may call", () => {
  let venue: KucoinVenue;
  beforeAll(async () => {
    venue = await startKucoinVenue();
  });
  afterAll(() => venue.close());
  afterEach(() => {
    venue.simulator.control.clearFaults();
  });

  test("a signature covers the time, the method, the path, the query and the body", async () => {
    expect(await kucoinCall(venue, "GET", ACCOUNTS)).toMatchObject({ status: 200, body: { code: "200000" } });
    const { account } = venue;
    const forged = { account: { ...account, secret: generateCredentials("kucoin").secret } };
    // The passphrase is signed with the same secret, and looked at first.
    expect(await kucoinCall(venue, "GET", ACCOUNTS, undefined, forged)).toMatchObject({ status: 401, body: { code: "400004" } });
    const sign = (text: string) => createHmac("sha256", account.secret).update(text).digest("base64");
    const now = venue.engine.now();
    const order = { symbol: MARKET_ID, side: "buy", type: "limit", size: "0.01", price: "1000" };
    const wrong = [
      `${now}GET${PLACE}${JSON.stringify(order)}`,
      `${now + 1}POST${PLACE}${JSON.stringify(order)}`,
      `${now}POST${PLACE}?a=1${JSON.stringify(order)}`,
      `${now}POST${PLACE}${JSON.stringify({ ...order, size: "0.02" })}`,
    ];
    for (const text of wrong) {
      const changes = { timestamp: now, headers: { "KC-API-SIGN": sign(text) } };
      const refused = await kucoinCall(venue, "POST", PLACE, order, changes);
      expect(refused, text).toMatchObject({ status: 401, body: { code: "400005", msg: "Invalid KC-API-SIGN" } });
    }
    expect(venue.engine.openOrders(account.id)).toEqual([]);
  });

  test("a passphrase must be signed, and be this key's", async () => {
    const { account } = venue;
    const call = (changes: Parameters<typeof kucoinCall>[4]) => kucoinCall(venue, "GET", ACCOUNTS, undefined, changes);
    const refusal = { status: 401, body: { code: "400004", msg: "Invalid KC-API-PASSPHRASE" } };
    expect(await call({ account: { ...account, passphrase: "another" } })).toMatchObject(refusal);
    expect(await call({ headers: { "KC-API-PASSPHRASE": account.passphrase ?? "" } })).toMatchObject(refusal);
    // Version 1 sent the passphrase as it is; such keys do not exist any more.
    expect(await call({ version: "1", headers: { "KC-API-PASSPHRASE": account.passphrase ?? "" } })).toMatchObject(refusal);
    expect(await call({ version: "3" })).toMatchObject({ status: 200 });
    const client = kucoinClient(venue, LEAN, { ...account, passphrase: "another" });
    await expect(client.fetchBalance()).rejects.toBeInstanceOf(ccxt.AuthenticationError);
  });

  test.each(["KC-API-KEY", "KC-API-SIGN", "KC-API-TIMESTAMP", "KC-API-PASSPHRASE"])(
    "a call without %s is refused",
    async (name) => {
      const answer = await kucoinCall(venue, "GET", ACCOUNTS, undefined, { headers: { [name]: null } });
      expect(answer).toMatchObject({ status: 401, body: { code: "400001" } });
    },
  );

  test("a key that the venue does not know is refused", async () => {
    const stranger = generateCredentials("kucoin");
    expect(await kucoinCall(venue, "GET", ACCOUNTS, undefined, { account: stranger })).toMatchObject({
      status: 401,
      body: { code: "400003", msg: "KC-API-KEY not exists" },
    });
    await expect(kucoinClient(venue, LEAN, stranger).fetchBalance()).rejects.toBeInstanceOf(ccxt.AuthenticationError);
  });

  test("a time more than five seconds off is refused as such, and the venue's own time cures it", async () => {
    const now = venue.engine.now();
    for (const timestamp of [now - 20_000, now + 20_000, "soon"]) {
      const answer = await kucoinCall(venue, "GET", ACCOUNTS, undefined, { timestamp });
      expect(answer).toMatchObject({ status: 400, body: { code: "400002", msg: "Invalid KC-API-TIMESTAMP" } });
    }
    const client = kucoinClient(venue, { ...LEAN, defaultType: "spot" });
    await client.loadMarkets();
    venue.simulator.control.setFault({ venue: "kucoin", kind: "clock-skew", ms: -30_000 });
    await expect(client.fetchBalance()).rejects.toBeInstanceOf(ccxt.InvalidNonce);
    await client.loadTimeDifference();
    await expect(client.fetchBalance()).resolves.toBeDefined();
  });

  test("a key does what it is allowed to do and tells what that is", async () => {
    const keyOf = (permissions: { read: boolean; trade: boolean; withdraw: boolean }) =>
      venue.simulator.control.createAccount({ venue: "kucoin", balances: { USDT: "1000" }, permissions });
    const call = (account: ReturnType<typeof keyOf>, method: string, path: string, body?: unknown) =>
      kucoinCall<{ permission: string }>(venue, method, path, body, { account });
    const order = { symbol: MARKET_ID, side: "buy", type: "limit", size: "0.001", price: "1000", clientOid: "reader" };
    const denied = { status: 403, body: { code: "400007", msg: "Access denied, require more permission." } };
    const reader = keyOf({ read: true, trade: false, withdraw: false });
    expect((await call(reader, "GET", ACCOUNTS)).status).toBe(200);
    for (const path of [PLACE, "/api/v1/hf/orders/sync", "/api/v1/orders"]) {
      expect(await call(reader, "POST", path, order)).toMatchObject(denied);
    }
    expect(await call(reader, "DELETE", `${PLACE}?symbol=${MARKET_ID}`)).toMatchObject(denied);
    expect((await call(reader, "GET", "/api/v1/user/api-key")).body.data?.permission).toBe("General");
    const mute = keyOf({ read: false, trade: true, withdraw: true });
    expect(await call(mute, "GET", ACCOUNTS)).toMatchObject(denied);
    expect((await call(mute, "GET", "/api/v1/user/api-key")).body.data?.permission).toBe("Spot,Withdrawal");
    expect(await call(mute, "POST", PLACE, order)).toMatchObject({ status: 200, body: { data: { clientOid: "reader" } } });
  });
});

describe("what is refused", () => {
  let venue: KucoinVenue;
  beforeAll(async () => {
    venue = await startKucoinVenue();
  });
  afterAll(() => venue.close());
  beforeEach(() => setKnownBook(venue));
  afterEach(() => {
    venue.simulator.control.clearFaults();
  });

  const limit = { symbol: MARKET_ID, side: "buy", type: "limit", size: "0.01", price: "1000" };
  const market = { symbol: MARKET_ID, side: "buy", type: "market" };
  test.each([
    ["an unknown symbol", { ...limit, symbol: "NO-SUCH" }, "400100", "Unsupported trading pair."],
    ["a price off the tick", { ...limit, price: "1000.05" }, "600100", "Order price increment invalid."],
    ["a size off the step", { ...limit, size: "0.000000015" }, "600100", "Order size increment invalid."],
    ["a size below the minimum", { ...limit, size: "0.000005" }, "400100", "Order size below the minimum requirement."],
    ["too little money", { ...limit, size: "0.00001", price: "1" }, "600101", "The order funds should more then 0.01 USDT."],
    ["more than there is", { ...limit, size: "5000", price: "49000" }, "200004", "Balance insufficient!"],
    ["no side", { ...limit, side: undefined }, "400100", "side can not be empty."],
    ["an unknown side", { ...limit, side: "hold" }, "400100", "side not in the given range!"],
    ["an unknown time in force", { ...limit, timeInForce: "DAY" }, "400100", "timeInForce not in the given range!"],
    ["no price", { ...limit, price: undefined }, "400100", "price can not be empty."],
    ["a negative size", { ...limit, size: "-1" }, "400100", "size is invalid."],
    ["size and funds at once", { ...market, size: "1", funds: "1" }, "400100", expect.stringContaining("funds")],
    ["neither size nor funds", market, "400100", expect.stringContaining("funds")],
    ["post-only with IOC", { ...limit, postOnly: true, timeInForce: "IOC" }, "400100", expect.stringContaining("postOnly")],
    ["an iceberg", { ...limit, iceberg: true }, "400100", "iceberg is not supported."],
    ["a client id of 41 characters", { ...limit, clientOid: "x".repeat(41) }, "400100", expect.stringContaining("clientOid")],
  ])("%s", async (_what, order, code, msg) => {
    const before = venue.engine.record(venue.account.id);
    for (const path of ["/api/v1/hf/orders", "/api/v1/hf/orders/sync"]) {
      expect(await kucoinCall(venue, "POST", path, order)).toMatchObject({ status: 200, body: { code, msg } });
    }
    expect(venue.engine.record(venue.account.id)).toEqual(before);
  });

  test("a client id that is still open, but not one whose order is done; classic orders must have one", async () => {
    const order = { ...limit, clientOid: "the-same" };
    const first = await kucoinCall<{ orderId: string }>(venue, "POST", PLACE, order);
    const again = await kucoinCall(venue, "POST", PLACE, order);
    expect(again.body).toEqual({ code: "400100", msg: "validation.createOrder.clientOidDuplicated" });
    await kucoinCall(venue, "DELETE", `${PLACE}/${first.body.data?.orderId}?symbol=${MARKET_ID}`);
    expect((await kucoinCall(venue, "POST", PLACE, order)).body.code).toBe("200000");
    await kucoinCall(venue, "DELETE", `${PLACE}/client-order/the-same?symbol=${MARKET_ID}`);
    const nameless = await kucoinCall(venue, "POST", "/api/v1/orders", limit);
    expect(nameless.body).toEqual({ code: "400100", msg: "validation.createOrder.clientOidIsRequired" });
  });

  test("a test order meets the rules and is not placed", async () => {
    const before = venue.engine.record(venue.account.id)?.orders.length;
    expect((await kucoinCall(venue, "POST", "/api/v1/hf/orders/test", limit)).body.code).toBe("200000");
    const bad = await kucoinCall(venue, "POST", "/api/v1/hf/orders/test", { ...limit, price: "1000.05" });
    expect(bad.body.code).toBe("600100");
    expect(venue.engine.record(venue.account.id)?.orders.length).toBe(before);
  });

  test("an order in another market, or of another account", async () => {
    const placed = await kucoinCall<{ orderId: string }>(venue, "POST", PLACE, limit);
    const path = `${PLACE}/${placed.body.data?.orderId}`;
    const gone = { code: "400100", msg: "The order does not exist." };
    expect((await kucoinCall(venue, "GET", `${path}?symbol=ETH-USDT`)).body).toEqual(gone);
    expect((await kucoinCall(venue, "GET", path)).body.code).toBe("400100");
    const account = venue.simulator.control.createAccount({ venue: "kucoin", balances: {} });
    expect((await kucoinCall(venue, "GET", `${path}?symbol=${MARKET_ID}`, undefined, { account })).body).toEqual(gone);
    const cancel = await kucoinCall(venue, "DELETE", `${path}?symbol=${MARKET_ID}`, undefined, { account });
    expect(cancel.body).toEqual({ code: "400100", msg: "Order not exist or not allow to be cancelled" });
    expect(venue.engine.openOrders(venue.account.id)).toHaveLength(1);
  });

  test("a window of more than a week, and pages that end", async () => {
    const now = venue.engine.now();
    const week = 7 * 86_400_000;
    const fills = (query: string) =>
      kucoinCall<{ items: { id: number }[]; lastId: number }>(venue, "GET", `/api/v1/hf/fills?symbol=${MARKET_ID}${query}`);
    expect((await fills(`&startAt=${now - week - 1_000}&endAt=${now}`)).body.code).toBe("102425");
    expect((await fills("&limit=101")).body.code).toBe("400100");
    for (let count = 0; count < 5; count += 1) await kucoinCall(venue, "POST", PLACE, { ...market, size: "0.001" });
    const ids: number[] = [];
    let lastId: number | undefined;
    for (;;) {
      const { data } = (await fills(`&limit=2${lastId === undefined ? "" : `&lastId=${lastId}`}`)).body;
      ids.push(...(data?.items ?? []).map(({ id }) => id));
      if ((data?.items.length ?? 0) < 2) break;
      lastId = data?.lastId;
    }
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => b - a));
    expect(ids.length).toBe(venue.engine.fills(venue.account.id, {}).length);
    const done = await kucoinCall<{ items: unknown[]; lastId: number }>(
      venue,
      "GET",
      `/api/v1/hf/orders/done?symbol=${MARKET_ID}&limit=3`,
    );
    expect(done.body.data?.items).toHaveLength(3);
    const next = await kucoinCall<{ items: { id: string }[] }>(
      venue,
      "GET",
      `/api/v1/hf/orders/done?symbol=${MARKET_ID}&limit=100&lastId=${done.body.data?.lastId}`,
    );
    const both = [...(done.body.data?.items ?? []), ...(next.body.data?.items ?? [])];
    expect(both.length).toBe(venue.engine.orders(venue.account.id, { symbol: SYMBOL, open: false }).length);
  });

  test.each([
    ["insufficient-funds", ccxt.InsufficientFunds],
    ["price-tick", ccxt.InsufficientFunds], // the library's reading of 600100; our driver has its own
    ["amount-min", ccxt.InvalidOrder],
    ["cost-min", ccxt.InvalidOrder],
    ["would-take", ccxt.InvalidOrder],
    ["duplicate-client-id", ccxt.BadRequest],
    ["unknown-symbol", ccxt.BadSymbol],
    ["unknown-order", ccxt.OrderNotFound],
    ["bad-request", ccxt.BadRequest],
    ["not-permitted", ccxt.AuthenticationError],
  ] as const)("the refusal %s reaches a ccxt user as its class", async (reason, expected) => {
    const client = kucoinClient(venue, LEAN);
    await client.loadMarkets();
    venue.simulator.control.setFault({ venue: "kucoin", kind: "refuse", reason, callKind: "place" });
    await expect(client.createOrder(SYMBOL, "limit", "buy", 0.01, 1_000)).rejects.toBeInstanceOf(expected);
  });

  test("a closed market suspends orders", async () => {
    venue.simulator.control.setMarket({ venue: "kucoin", symbol: SYMBOL, open: false });
    expect((await kucoinCall(venue, "POST", PLACE, limit)).body.code).toBe("200001");
    venue.simulator.control.setMarket({ venue: "kucoin", symbol: SYMBOL, open: true });
  });
});

describe("how much one may call", () => {
  test("weight is counted per pool and caller, and told in the headers", async () => {
    const venue = await startKucoinVenue({ public: 20, spot: 5, management: 10 }, STOPPED_CLOCK);
    try {
      const limits = ({ headers }: { headers: Headers }) =>
        ["limit", "remaining", "reset"].map((name) => headers.get(`gw-ratelimit-${name}`));
      const stats = await publicCall(venue, `/api/v1/market/stats?symbol=${MARKET_ID}`);
      expect(limits(stats)).toEqual(["20", "5", "30000"]);
      const refused = await publicCall(venue, `/api/v1/market/stats?symbol=${MARKET_ID}`);
      expect(refused).toMatchObject({ status: 429, body: { code: "429000" } });
      expect(limits(refused)).toEqual(["20", "0", "30000"]);
      expect((await publicCall(venue, "/api/v1/timestamp")).status).toBe(200);
      expect(limits(await kucoinCall(venue, "GET", ACCOUNTS))).toEqual(["10", "5", "30000"]);
      const order = { symbol: MARKET_ID, side: "buy", type: "limit", size: "0.01", price: "1000" };
      const statuses: number[] = [];
      for (let count = 0; count < 6; count += 1) statuses.push((await kucoinCall(venue, "POST", PLACE, order)).status);
      expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
      expect(venue.engine.openOrders(venue.account.id)).toHaveLength(5);
      const other = venue.simulator.control.createAccount({ venue: "kucoin", balances: {} });
      expect((await kucoinCall(venue, "GET", ACCOUNTS, undefined, { account: other })).status).toBe(200);
      const client = kucoinClient(venue, LEAN);
      // The library does not know the venue's code for it, and calls it an error of the exchange.
      await expect(client.fetchTicker(SYMBOL)).rejects.toThrow("429000");
    } finally {
      await venue.close();
    }
  });

  test("a window ends thirty seconds after its first call", async () => {
    let now = STOPPED_CLOCK();
    const venue = await startKucoinVenue({ public: 3 }, () => now);
    try {
      expect((await publicCall(venue, "/api/v1/timestamp")).status).toBe(200);
      now += 29_999;
      expect((await publicCall(venue, "/api/v1/timestamp")).status).toBe(429);
      now += 1;
      expect((await publicCall(venue, "/api/v1/timestamp")).status).toBe(200);
    } finally {
      await venue.close();
    }
  });
});
