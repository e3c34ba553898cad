import { createHmac } from "node:crypto";
import ccxt from "ccxt";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { okxSignature } from "#simulator/protocols/okx/auth.ts";
import { DEFAULT_LIMITS } from "#simulator/protocols/okx/rate-limits.ts";
import { addAccount, idOf, okxClient, type OkxVenue, rawCall, startOkxVenue } from "#tests/support/okx-venue.ts";

let venue: OkxVenue;
let client: ReturnType<typeof okxClient>;

beforeEach(async () => {
  venue = await startOkxVenue();
  client = okxClient(venue);
});

afterEach(() => venue.stop());

/** A limit order as REST takes it. */
const LIMIT = { instId: "BTC-USDT", tdMode: "cash", side: "buy", ordType: "limit", px: "40000", sz: "0.01" };
const place = (change: Record<string, unknown> = {}) => rawCall(venue, "POST", "trade/order", { body: { ...LIMIT, ...change } });

describe("who may call", () => {
  it("signs as the documentation's recipe says", () => {
    const text = "2020-12-08T09:08:57.715ZGET/api/v5/account/balance?ccy=BTC";
    const expected = createHmac("sha256", "22582BD0CFF14C41EDBF1AB98506286D").update(text).digest("base64");
    expect(okxSignature("22582BD0CFF14C41EDBF1AB98506286D", text)).toBe(expected);
  });

  it.each([
    ["no key", { "OK-ACCESS-KEY": "" }, "50103"],
    ["no passphrase", { "OK-ACCESS-PASSPHRASE": "" }, "50104"],
    ["no signature", { "OK-ACCESS-SIGN": "" }, "50106"],
    ["no timestamp", { "OK-ACCESS-TIMESTAMP": "" }, "50107"],
    ["an unknown key", { "OK-ACCESS-KEY": "ffffffff-0000-4000-8000-000000000000" }, "50111"],
    ["a wrong passphrase", { "OK-ACCESS-PASSPHRASE": "wrong" }, "50105"],
    ["a forged signature", { "OK-ACCESS-SIGN": "AAAA" }, "50113"],
    ["a time that is none", { "OK-ACCESS-TIMESTAMP": "1597026383" }, "50112"],
  ])("refuses %s", async (_what, headers, code) => {
    const answer = await rawCall(venue, "GET", "account/balance", { headers });
    expect([answer.status, answer.code, answer.data]).toEqual([401, code, []]);
  });

  it("refuses a timestamp more than 30 seconds off, and a body changed after signing", async () => {
    const at = (offsetMs: number) => new Date(venue.clock.now + offsetMs).toISOString();
    expect((await rawCall(venue, "GET", "account/balance", { timestamp: at(-30_000) })).code).toBe("0");
    for (const offset of [-30_001, 30_001]) {
      expect((await rawCall(venue, "GET", "account/balance", { timestamp: at(offset) })).code).toBe("50102");
    }
    const signed = await rawCall(venue, "POST", "trade/order", { body: LIMIT, headers: { "OK-ACCESS-SIGN": "" } });
    expect(signed.code).toBe("50106");
    const sign = okxSignature(venue.account.secret, `${at(0)}POST/api/v5/trade/order${JSON.stringify({ ...LIMIT, sz: "1" })}`);
    const changed = await rawCall(venue, "POST", "trade/order", { body: LIMIT, headers: { "OK-ACCESS-SIGN": sign } });
    expect(changed.code).toBe("50113");
    expect(venue.engine.openOrders(venue.account.id)).toEqual([]);
    client.nonce = () => venue.clock.now - 60_000;
    await expect(client.fetchBalance()).rejects.toThrow(ccxt.InvalidNonce);
  });

  it("takes a call marked as simulated like any other", async () => {
    const answer = await rawCall(venue, "GET", "account/balance", { headers: { "x-simulated-trading": "1" } });
    expect(answer.code).toBe("0");
  });

  it("holds a key to its permissions and tells what they are", async () => {
    const reader = addAccount(venue, { read: true, trade: false, withdraw: false });
    const trader = addAccount(venue, { read: false, trade: true, withdraw: true });
    const refused = await rawCall(venue, "POST", "trade/order", { account: reader, body: LIMIT });
    expect([refused.code, refused.msg]).toEqual(["50120", "This API key doesn't have permission to use this function"]);
    expect((await rawCall(venue, "GET", "account/balance", { account: trader })).code).toBe("50120");
    expect((await rawCall(venue, "POST", "trade/order", { account: trader, body: { ...LIMIT, px: "100" } })).code).toBe("0");
    const { data } = await rawCall(venue, "GET", "account/config", { account: reader });
    expect(data).toMatchObject([{ perm: "read_only", acctLv: "1" }]);
    const both = addAccount(venue, { read: true, trade: true, withdraw: true });
    expect((await okxClient(venue, both).fetchAccounts())[0]?.info.perm).toBe("read_only,withdraw,trade");
  });

  it("does not let one account see or touch another's order", async () => {
    const stranger = okxClient(venue, addAccount(venue, { read: true, trade: true, withdraw: false }));
    const order = await client.createOrder("BTC/USDT", "limit", "buy", 0.01, 40_000, { clOrdId: "mine1" });
    await expect(stranger.fetchOrder(idOf(order), "BTC/USDT")).rejects.toThrow(ccxt.OrderNotFound);
    await expect(stranger.cancelOrder(idOf(order), "BTC/USDT")).rejects.toThrow(ccxt.OrderNotFound);
    await expect(stranger.fetchOrder("", "BTC/USDT", { clOrdId: "mine1" })).rejects.toThrow(ccxt.OrderNotFound);
    expect((await client.fetchOrder(idOf(order), "BTC/USDT")).status).toBe("open");
  });

  it("answers wrong methods, paths and bodies as documented", async () => {
    expect(await rawCall(venue, "DELETE", "trade/order")).toMatchObject({ status: 405, code: "50115" });
    expect(await rawCall(venue, "GET", "trade/no-such-thing")).toMatchObject({ status: 404 });
    expect(await rawCall(venue, "POST", "trade/order")).toMatchObject({ status: 400, code: "50000" });
    expect(await rawCall(venue, "POST", "trade/order", { body: "{" })).toMatchObject({ status: 400, code: "50002" });
    const headers = { "Content-Type": "text/plain" };
    expect(await rawCall(venue, "POST", "trade/order", { body: LIMIT, headers })).toMatchObject({ code: "50006" });
  });
});

describe("limits and injected failures", () => {
  it("counts each endpoint for itself in windows of two seconds, orders by instrument", async () => {
    await venue.stop();
    venue = await startOkxVenue({ ...DEFAULT_LIMITS, perTwoSeconds: { ...DEFAULT_LIMITS.perTwoSeconds, "POST trade/order": 2 } });
    expect([(await place()).code, (await place()).code]).toEqual(["0", "0"]);
    const limited = await place();
    expect([limited.status, limited.code, limited.msg]).toEqual([429, "50011", "Too Many Requests"]);
    expect(limited.headers.get("retry-after")).toBeNull();
    expect((await place({ instId: "ETH-USDT", px: "50", sz: "1" })).code).toBe("0");
    const codes: string[] = [];
    for (let call = 0; call < 6; call += 1) codes.push((await rawCall(venue, "GET", "account/config")).code);
    expect(codes).toEqual(["0", "0", "0", "0", "0", "50011"]);
    venue.clock.now += 2_000;
    expect([(await place()).code, (await rawCall(venue, "GET", "account/config")).code]).toEqual(["0", "0"]);
  });

  it("maps every reason of the engine and every injected failure to a documented body", async () => {
    const codeOf = (reason: Parameters<typeof venue.face.refusal>[0]) => {
      const { code, data } = venue.face.refusal(reason).body as { code: string; data: readonly { sCode: string }[] };
      return code === "1" ? data[0]?.sCode : code;
    };
    expect(codeOf("insufficient-funds")).toBe("51008");
    expect(codeOf("would-take")).toBe("51511");
    expect(codeOf("duplicate-client-id")).toBe("51016");
    expect(codeOf("not-permitted")).toBe("50120");
    const limited = venue.face.failure({ kind: "rate-limited", retryAfterSeconds: 5, banned: false });
    expect(limited).toEqual({ status: 429, body: { code: "50011", data: [], msg: "Too Many Requests" } });
    expect(venue.face.failure({ kind: "unavailable", status: 503 })).toMatchObject({ status: 503, body: { code: "50001" } });
    expect(venue.face.failure({ kind: "unavailable", status: 502 }).status).toBe(502);
  });
});

describe("the dead man's switch", () => {
  /** Straight into the face: no request takes time of its own. */
  function set(timeOut: string) {
    const body = JSON.stringify({ timeOut });
    const timestamp = new Date(venue.clock.now).toISOString();
    const { apiKey, secret, passphrase } = venue.account;
    const path = "/api/v5/trade/cancel-all-after";
    const headers = {
      "ok-access-key": apiKey,
      "ok-access-sign": okxSignature(secret, `${timestamp}POST${path}${body}`),
      "ok-access-timestamp": timestamp,
      "ok-access-passphrase": passphrase,
      "content-type": "application/json",
    };
    return venue.face.handle({ method: "POST", path, query: "", headers, body });
  }

  it("cancels everything when its time comes, unless it was set anew or switched off", async () => {
    const order = await client.createOrder("BTC/USDT", "limit", "buy", 0.01, 40_000);
    const advance = (ms: number): void => {
      venue.clock.now += ms;
      venue.engine.setClockSkew(0);
    };
    expect(set("10").status).toBe(200);
    advance(9_999);
    set("10");
    advance(9_999);
    set("0");
    advance(60_000);
    expect(venue.engine.openOrders(venue.account.id)).toHaveLength(1);
    set("10");
    advance(10_000);
    expect(venue.engine.openOrders(venue.account.id)).toEqual([]);
    expect((await client.fetchOrder(idOf(order), "BTC/USDT")).info).toMatchObject({ state: "canceled", cancelSource: "20" });
  });
});
