import ccxt from "ccxt";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addAccount, alpacaClient, type AlpacaVenue, place, rawCall, startAlpacaVenue } from "#tests/support/alpaca-venue.ts";

let venue: AlpacaVenue;

beforeAll(async () => {
  venue = await startAlpacaVenue();
});
afterAll(() => venue.stop());

describe("who may", () => {
  test("a key and its own secret, in their two headers, and nobody else", async () => {
    const other = addAccount(venue, { read: true, trade: true, withdraw: false });
    const { apiKey } = venue.account;
    for (const account of [
      null,
      { apiKey, secret: "" },
      { apiKey, secret: other.secret },
      { apiKey: "PKNOBODY", secret: other.secret },
    ]) {
      const refused = await place(venue, {}, account);
      expect(refused).toMatchObject({ status: 401, body: { code: 40110000, message: "request is not authorized" } });
    }
    expect((await rawCall(venue, "GET", "/v2/orders")).list).toEqual([]);
    expect((await rawCall(venue, "GET", "/v2/account")).status).toBe(200);
  });

  test("a secret of another length or with another last letter is refused alike", async () => {
    const { apiKey, secret } = venue.account;
    for (const wrong of [`${secret}x`, secret.slice(0, -1), `${secret.slice(0, -1)}${secret.endsWith("a") ? "b" : "a"}`]) {
      expect((await rawCall(venue, "GET", "/v2/account", { account: { apiKey, secret: wrong } })).status).toBe(401);
    }
  });

  test("who has suspended trading may look and take orders back, and places nothing", async () => {
    const account = addAccount(venue, { read: true, trade: false, withdraw: false });
    const refused = await place(venue, {}, account);
    expect(refused).toMatchObject({ status: 403, body: { code: 40310000, message: "new orders are rejected by user request" } });
    expect((await rawCall(venue, "GET", "/v2/account", { account })).body).toMatchObject({ trade_suspended_by_user: true });
    expect((await rawCall(venue, "DELETE", "/v2/orders", { account })).status).toBe(207);
    await expect(alpacaClient(venue, account).cancelAllOrders()).resolves.toEqual([]);
  });

  test("the account tells its tier, its free dollars and whether money may leave", async () => {
    const account = addAccount(venue, { read: true, trade: true, withdraw: true });
    const { body } = await rawCall(venue, "GET", "/v2/account", { account });
    expect(body).toMatchObject({ status: "ACTIVE", crypto_status: "ACTIVE", currency: "USD", cash: "1000", crypto_tier: 1 });
    expect(body["transfers_blocked"]).toBe(false);
    const own = await rawCall(venue, "GET", "/v2/account");
    expect(own.body["transfers_blocked"]).toBe(true);
    const { list } = await rawCall(venue, "GET", "/v2/positions");
    expect(list.map((row) => [row["symbol"], row["qty"], row["qty_available"]])).toEqual([
      ["USDTUSD", "5000", "5000"],
      ["BTCUSD", "2", "2"],
    ]);
    expect((await rawCall(venue, "GET", "/v2/positions/BTCUSD")).body).toMatchObject({ qty: "2", asset_class: "crypto" });
    expect(await rawCall(venue, "GET", "/v2/positions/ETHUSD")).toMatchObject({ status: 404, body: { code: 40410000 } });
  });
});

describe("what is refused, and how", () => {
  const refusals: readonly (readonly [string, Record<string, unknown>, number, number, RegExp])[] = [
    ["a pair that is not listed", { symbol: "DOGE/USD" }, 422, 42210000, /asset "DOGE\/USD" not found/],
    ["less than the least", { qty: "0.000000001", symbol: "BTC/USDT" }, 403, 40310000, /minimal qty of order 0\.000028257/],
    ["a buy for less than ten dollars", { qty: "0.0001" }, 403, 40310000, /cost basis must be >= minimal amount of order 10/],
    ["a price between two ticks", { limit_price: "40000.5" }, 422, 42210000, /increment/],
    ["a quantity of ten digits", { qty: "0.0100000001" }, 422, 42210000, /increment/],
    ["fill or kill", { time_in_force: "fok" }, 422, 42210000, /invalid crypto time_in_force/],
    ["an order for the day", { time_in_force: "day" }, 422, 42210000, /invalid crypto time_in_force/],
    ["a stop that becomes a market order", { type: "stop", stop_price: "1" }, 422, 40010001, /invalid order type/],
    ["a bracket", { order_class: "bracket" }, 422, 42210000, /advanced order_class/],
    ["a limit without a price", { limit_price: undefined }, 422, 40010001, /limit price/],
    ["no quantity", { qty: undefined }, 422, 40010001, /qty or notional/],
    ["a client id that is too long", { client_order_id: "x".repeat(129) }, 422, 40010001, /128 characters/],
  ];

  test.each(refusals)("%s", async (_what, change, status, code, message) => {
    const refused = await place(venue, change);
    expect(refused).toMatchObject({ status, body: { code, message: expect.stringMatching(message) } });
    expect((await rawCall(venue, "GET", "/v2/orders?status=all")).list).toEqual([]);
  });

  test("more than there is, with the numbers", async () => {
    const refused = await place(venue, { symbol: "BTC/USDT", qty: "1", limit_price: "6000" });
    expect(refused).toMatchObject({
      status: 403,
      body: {
        code: 40310000,
        message: "insufficient balance for USDT (requested: 6000, available: 5000)",
        available: "5000",
        balance: "5000",
        symbol: "USDT",
      },
    });
    const client = alpacaClient(venue);
    await expect(client.createOrder("BTC/USD", "limit", "sell", 3, 60_000)).rejects.toBeInstanceOf(ccxt.InsufficientFunds);
  });

  test("a client id that was used once, even after its order is over", async () => {
    const used = await place(venue, { client_order_id: "used-once" });
    for (const status of ["new", "canceled"]) {
      expect((await rawCall(venue, "GET", `/v2/orders/${String(used.body["id"])}`)).body).toMatchObject({ status });
      const again = await place(venue, { client_order_id: "used-once" });
      expect(again).toMatchObject({ status: 422, body: { code: 40010001, message: "client_order_id must be unique" } });
      await rawCall(venue, "DELETE", `/v2/orders/${String(used.body["id"])}`);
    }
  });

  test("an order that nobody knows, a body that is none and a path that is none", async () => {
    for (const method of ["GET", "DELETE", "PATCH"]) {
      const refused = await rawCall(venue, method, "/v2/orders/61e69015-8549-4bfd-b9c3-01e75843f47d", { body: undefined });
      expect(refused).toMatchObject({ status: 404, body: { code: 40410000 } });
    }
    const unknown = await rawCall(venue, "GET", "/v2/orders:by_client_order_id?client_order_id=nobody");
    expect(unknown).toMatchObject({ status: 404, body: { code: 40410000, message: "order not found for nobody" } });
    expect(await rawCall(venue, "POST", "/v2/orders", { body: "not an object" })).toMatchObject({ status: 422 });
    expect((await rawCall(venue, "GET", "/v2/no/such")).status).toBe(404);
    expect(await rawCall(venue, "GET", "/v2/orders?after=yesterday")).toMatchObject({ status: 422, body: { code: 40010001 } });
  });
});

describe("how often", () => {
  test("accounts are counted each, market data apart, and the headers say what is left", async () => {
    const limited = await startAlpacaVenue({ tradingPerMinute: 2, dataPerMinute: 1 });
    try {
      const other = addAccount(limited, { read: true, trade: true, withdraw: false });
      const ask = (account = limited.account) => rawCall(limited, "GET", "/v2/account", { account });
      const first = await ask();
      const resetAt = Math.floor(limited.clock.now / 60_000) * 60 + 60;
      expect(["Limit", "Remaining", "Reset"].map((name) => first.headers.get(`X-Ratelimit-${name}`))).toEqual([
        "2",
        "1",
        String(resetAt),
      ]);
      expect((await ask()).headers.get("X-Ratelimit-Remaining")).toBe("0");
      const refused = await ask();
      expect(refused).toMatchObject({ status: 429, body: { code: 42910000, message: "rate limit exceeded" } });
      expect(refused.headers.get("X-Ratelimit-Reset")).toBe(String(resetAt));
      expect((await ask(other)).status).toBe(200);
      const data = () => rawCall(limited, "GET", "/v1beta3/crypto/us/latest/quotes?symbols=BTC/USD", { account: null });
      expect([(await data()).status, (await data()).status]).toEqual([200, 429]);
      await expect(alpacaClient(limited).fetchTime()).rejects.toBeInstanceOf(ccxt.RateLimitExceeded);
      limited.clock.now += 60_000;
      expect((await ask()).status).toBe(200);
    } finally {
      await limited.stop();
    }
  });
});
