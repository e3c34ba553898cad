import ccxt from "ccxt";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  gateCall,
  gateClient,
  type GateVenue,
  PAIR,
  rawGet,
  setKnownBook,
  startGateVenue,
  SYMBOL,
} from "#tests/support/gate-venue.ts";

const ORDER = { currency_pair: PAIR, type: "limit", side: "buy", amount: "0.01", price: "40000" };

describe("access", () => {
  let venue: GateVenue;
  beforeAll(async () => {
    venue = await startGateVenue();
  });
  afterAll(() => venue.close());
  beforeEach(() => setKnownBook(venue));

  const orders = () => venue.simulator.control.books(venue.account.id).orders;

  test("a signature covers method, path, query, body and time; without a good one nothing is placed", async () => {
    const before = orders().length;
    const stranger = venue.simulator.control.createAccount({ venue: "gate", balances: {} });
    const seconds = Math.floor(venue.engine.now() / 1000);
    const wrong = [
      [{ signature: "0".repeat(128) }, "INVALID_SIGNATURE"],
      [{ signature: "no hex" }, "INVALID_SIGNATURE"],
      [{ signedBody: JSON.stringify({ ...ORDER, amount: "9" }) }, "INVALID_SIGNATURE"],
      [{ account: { apiKey: venue.account.apiKey, secret: stranger.secret } }, "INVALID_SIGNATURE"],
      [{ account: { apiKey: "nobody", secret: stranger.secret } }, "INVALID_KEY"],
      [{ without: ["SIGN"] }, "MISSING_REQUIRED_HEADER"],
      [{ without: ["KEY"] }, "MISSING_REQUIRED_HEADER"],
      [{ without: ["Timestamp"] }, "MISSING_REQUIRED_HEADER"],
      [{ timestamp: String(seconds - 62) }, "REQUEST_EXPIRED"],
      [{ timestamp: String(seconds + 62) }, "REQUEST_EXPIRED"],
      [{ timestamp: "soon" }, "REQUEST_EXPIRED"],
    ] as const;
    for (const [changes, label] of wrong) {
      const { status, body } = await gateCall(venue, "POST", "/spot/orders", ORDER, changes);
      expect([status, body]).toEqual([401, { label, message: expect.any(String) }]);
    }
    expect(orders().length).toBe(before);
    // The same call, but for what was wrong with it.
    expect((await gateCall(venue, "POST", "/spot/orders", ORDER, { timestamp: String(seconds - 50) })).status).toBe(201);
    const elsewhere = await gateCall(venue, "GET", "/spot/open_orders?limit=5", undefined, {});
    expect(elsewhere.status).toBe(200);
  });

  test("ccxt sees the classes of these refusals", async () => {
    const nobody = gateClient(venue, { apiKey: "0".repeat(32), secret: venue.account.secret });
    await expect(nobody.fetchBalance()).rejects.toBeInstanceOf(ccxt.AuthenticationError);
    const poor = gateClient(venue, venue.simulator.control.createAccount({ venue: "gate", balances: { USDT: "1" } }));
    await expect(poor.createOrder(SYMBOL, "limit", "buy", 1, 40_000)).rejects.toBeInstanceOf(ccxt.InsufficientFunds);
    await expect(poor.cancelOrder("1", SYMBOL)).rejects.toBeInstanceOf(ccxt.OrderNotFound);
  });

  test("a key may do what its permissions say", async () => {
    const key = (permissions: { read: boolean; trade: boolean; withdraw: boolean }) =>
      venue.simulator.control.createAccount({ venue: "gate", balances: { USDT: "100000" }, permissions });
    const reader = { account: key({ read: true, trade: false, withdraw: false }) };
    expect((await gateCall(venue, "GET", "/spot/accounts", undefined, reader)).status).toBe(200);
    const write = await gateCall(venue, "POST", "/spot/orders", ORDER, reader);
    expect([write.status, write.body]).toMatchObject([403, { label: "READ_ONLY" }]);
    const nothing = { account: key({ read: false, trade: false, withdraw: false }) };
    const read = await gateCall(venue, "GET", "/spot/accounts", undefined, nothing);
    expect([read.status, read.body]).toMatchObject([403, { label: "FORBIDDEN" }]);
    const dangerous = { account: key({ read: true, trade: true, withdraw: true }) };
    const keys = (await gateCall(venue, "GET", "/account/main_keys", undefined, dangerous)).body;
    expect(keys).toMatchObject([{ perms: expect.arrayContaining([{ name: "withdraw", read_only: false }]) }]);
  });

  test.each([
    [{ currency_pair: "NO_SUCH" }, "INVALID_CURRENCY_PAIR"],
    [{ currency_pair: undefined }, "MISSING_REQUIRED_PARAM"],
    [{ side: undefined }, "MISSING_REQUIRED_PARAM"],
    [{ side: "long" }, "INVALID_PARAM_VALUE"],
    [{ price: undefined }, "MISSING_REQUIRED_PARAM"],
    [{ price: "40000.001" }, "INVALID_PRECISION"],
    [{ amount: "0.01001" }, "INVALID_PRECISION"],
    [{ amount: "0" }, "INVALID_PARAM_VALUE"],
    [{ amount: "-1" }, "INVALID_PARAM_VALUE"],
    [{ amount: "0.0001", price: "9000" }, "INVALID_PARAM_VALUE"],
    [{ amount: "1000" }, "BALANCE_NOT_ENOUGH"],
    [{ price: "50000", time_in_force: "poc" }, "POC_FILL_IMMEDIATELY"],
    [{ amount: "100", price: "50000", side: "sell", time_in_force: "fok" }, "BALANCE_NOT_ENOUGH"],
    [{ text: "no-prefix" }, "INVALID_PARAM_VALUE"],
    [{ text: `t-${"x".repeat(29)}` }, "INVALID_PARAM_VALUE"],
    [{ text: "t-with space" }, "INVALID_PARAM_VALUE"],
    [{ account: "unified" }, "INVALID_PARAM_VALUE"],
    [{ stp_act: "cn" }, "INVALID_PARAM_VALUE"],
  ])("an order with %j is refused as %s, and nothing is placed", async (change, label) => {
    const before = orders().length;
    const { status, body } = await gateCall(venue, "POST", "/spot/orders", { ...ORDER, ...change });
    expect([status, body]).toEqual([400, { label, message: expect.any(String) }]);
    expect(orders().length).toBe(before);
  });

  test("a body that is no object, and a method that a path does not know, are refused", async () => {
    for (const body of ["not json", "[]", "7"]) {
      expect((await gateCall(venue, "POST", "/spot/orders", body)).body).toMatchObject({ label: "INVALID_REQUEST_BODY" });
    }
    const put = await gateCall(venue, "PUT", "/spot/orders", ORDER);
    expect([put.status, put.body]).toMatchObject([405, { label: "METHOD_NOT_ALLOWED" }]);
  });

  test("a client id is accepted twice, and then names the later order", async () => {
    const order = { ...ORDER, text: "t-twice" };
    const [first, second] = [
      await gateCall(venue, "POST", "/spot/orders", order),
      await gateCall(venue, "POST", "/spot/orders", order),
    ];
    const id = (answer: { readonly body: unknown }) => (answer.body as { readonly id: string }).id;
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(id(second)).not.toBe(id(first));
    const named = await gateCall(venue, "GET", `/spot/orders/t-twice?currency_pair=${PAIR}`);
    expect(named.body).toMatchObject({ id: id(second), status: "open" });
  });

  test("a closed market takes no orders", async () => {
    venue.engine.setOpen(SYMBOL, false);
    const { body } = await gateCall(venue, "POST", "/spot/orders", ORDER);
    venue.engine.setOpen(SYMBOL, true);
    expect(body).toMatchObject({ label: "INVALID_CURRENCY_PAIR", message: `Currency pair ${PAIR} is not tradable` });
  });
});

describe("rate limits", () => {
  let venue: GateVenue;
  let now = Date.UTC(2026, 5, 1, 12);
  beforeAll(async () => {
    venue = await startGateVenue({}, () => now);
  });
  afterAll(() => venue.close());

  test("ten placements a second per market, told in the headers, and the eleventh names the end of the window", async () => {
    for (let left = 9; left >= 0; left -= 1) {
      const { status, headers } = await gateCall(venue, "POST", "/spot/orders", ORDER);
      expect([status, headers.get("X-Gate-RateLimit-Requests-Remain")]).toEqual([201, String(left)]);
      expect(headers.get("X-Gate-RateLimit-Limit")).toBe("10");
      expect(headers.get("X-Gate-RateLimit-Reset-Timestamp")).toBe(String(now / 1000));
      expect(headers.get("X-Gate-Trace-Id")).toMatch(/^[0-9a-f]{32}$/);
    }
    const refused = await gateCall(venue, "POST", "/spot/orders", ORDER);
    expect([refused.status, refused.body]).toMatchObject([429, { label: "TOO_MANY_REQUESTS" }]);
    expect(refused.headers.get("X-Gate-RateLimit-Requests-Remain")).toBe("0");
    expect(refused.headers.get("X-Gate-RateLimit-Reset-Timestamp")).toBe(String(now / 1000 + 1));
    const elsewhere = { ...ORDER, currency_pair: "ETH_USDT", amount: "0.1", price: "1000" };
    expect((await gateCall(venue, "POST", "/spot/orders", elsewhere)).status).toBe(201);
    now += 1_000;
    expect((await gateCall(venue, "POST", "/spot/orders", ORDER)).status).toBe(201);
  });

  test("public calls count per endpoint", async () => {
    for (let call = 0; call < 200; call += 1) expect((await rawGet(venue, "/spot/time")).status).toBe(200);
    expect((await rawGet(venue, "/spot/time")).status).toBe(429);
    expect((await rawGet(venue, "/spot/tickers")).status).toBe(200);
    await expect(gateClient(venue).fetchTime()).rejects.toBeInstanceOf(ccxt.RateLimitExceeded);
  });
});
