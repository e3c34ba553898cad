import { createPrivateKey, createPublicKey } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SIM_VENUES } from "#simulator/feed/venue-markets.ts";
import { publicCredentials } from "#simulator/control/credentials.ts";
import { type RunningSimulator, startSimulator } from "#simulator/server/start-simulator.ts";

let sim: RunningSimulator;

beforeAll(async () => {
  sim = await startSimulator({ portBase: 0, feed: "manual", faces: {} });
});

afterAll(() => sim.close());

async function ask(method: string, path: string, body?: unknown): Promise<{ status: number; body: never }> {
  const response = await fetch(`${sim.controlUrl}/control${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
  });
  return { status: response.status, body: (await response.json()) as never };
}

describe("the control API", () => {
  it("starts with a funded demo account per venue whose credentials never change", async () => {
    const { body } = (await ask("GET", "/accounts")) as { body: { id: string; apiKey: string; secret: string }[] };
    expect(body.map(({ id }) => id).sort()).toEqual(SIM_VENUES.map((venue) => `${venue}-demo`).sort());
    for (const venue of SIM_VENUES) {
      expect(body.find(({ id }) => id === `${venue}-demo`)).toMatchObject(publicCredentials(venue, "demo"));
    }
    const { body: books } = (await ask("GET", "/books?account=kraken-demo")) as { body: { balances: object[] } };
    expect(books.balances).toContainEqual({ asset: "USD", free: "100000", locked: "0" });
  });

  it("makes credentials in each venue's form", async () => {
    const made = async (venue: string) =>
      ((await ask("POST", "/accounts", { venue })) as { body: { apiKey: string; secret: string } }).body;
    expect((await made("binance")).apiKey).toMatch(/^[0-9a-f]{64}$/);
    expect(Buffer.from((await made("kraken")).secret, "base64")).toHaveLength(64);
    for (const coinbase of [await made("coinbase"), publicCredentials("coinbase", "demo")]) {
      expect(coinbase.apiKey).toMatch(/^organizations\/[0-9a-f-]{36}\/apiKeys\/[0-9a-f-]{36}$/);
      expect(coinbase.secret).toMatch(/^-----BEGIN EC PRIVATE KEY-----\n/);
      expect(createPublicKey(createPrivateKey(coinbase.secret)).asymmetricKeyDetails).toEqual({ namedCurve: "prime256v1" });
    }
  });

  it("places, cancels and funds by hand, and keeps the exact record", async () => {
    const { body: account } = (await ask("POST", "/accounts", { venue: "binance", balances: { USDT: "1000.5" } })) as {
      body: { id: string };
    };
    const { body: placed } = (await ask("POST", "/orders", {
      account: account.id,
      symbol: "BTC/USDT",
      side: "buy",
      type: "limit",
      price: "1000",
      amount: "0.5",
    })) as { body: { order: { id: string } } };
    const balances = async () =>
      ((await ask("GET", `/books?account=${account.id}`)) as { body: { balances: object[] } }).body.balances;
    expect(await balances()).toEqual([{ asset: "USDT", free: "500.5", locked: "500" }]);
    expect((await ask("POST", "/orders/cancel", { account: account.id, orderId: placed.order.id })).status).toBe(200);
    expect((await ask("POST", "/funds", { account: account.id, asset: "USDT", amount: "-0.5" })).status).toBe(200);
    expect(await balances()).toEqual([{ asset: "USDT", free: "1000", locked: "0" }]);
    expect((await ask("POST", "/funds", { account: account.id, asset: "USDT", amount: "-1000.01" })).status).toBe(409);
  });

  it("moves, closes and shows a market", async () => {
    const wanted = { venue: "kraken", symbol: "ETH/USD", mid: "1234.5", frozen: true, open: false };
    const { body } = (await ask("POST", "/market", wanted)) as { body: { open: boolean; ticker: { bid: string } } };
    expect([body.open, Math.round(Number(body.ticker.bid) / 10)]).toEqual([false, 123]);
    const { body: seen } = (await ask("GET", "/market?venue=kraken&symbol=ETH/USD")) as { body: { open: boolean } };
    expect(seen.open).toBe(false);
  });

  it("sets, lists and clears faults", async () => {
    const { body: fault } = (await ask("POST", "/faults", { venue: "binance", kind: "latency", ms: 5 })) as {
      body: { id: string };
    };
    expect((await ask("GET", "/faults")).body).toMatchObject([
      { id: fault.id, hits: 0, spec: { kind: "latency", ms: 5, when: "before" } },
    ]);
    expect((await ask("DELETE", `/faults/${fault.id}`)).status).toBe(200);
    expect((await ask("DELETE", `/faults/${fault.id}`)).status).toBe(404);
    expect((await ask("GET", "/faults")).body).toEqual([]);
  });

  it.each([
    ["POST", "/faults", { venue: "binance", kind: "earthquake" }, 400],
    ["POST", "/faults", { venue: "nowhere", kind: "outage" }, 400],
    ["POST", "/accounts", { venue: "binance", balances: { USDT: "-1" } }, 400],
    ["POST", "/accounts", { venue: "binance", balances: { USDT: "1e5" } }, 400],
    ["POST", "/accounts", { venue: "binance", apiKey: "alone" }, 400],
    ["POST", "/orders", { account: "binance-demo", symbol: "BTC/USDT", side: "buy", type: "market", amount: "-1" }, 400],
    ["POST", "/orders", { account: "nobody", symbol: "BTC/USDT", side: "buy", type: "market", amount: "1" }, 404],
    ["POST", "/orders", { account: "binance-demo", symbol: "NO/NO", side: "buy", type: "market", amount: "1" }, 409],
    ["POST", "/market", { venue: "binance", symbol: "NO/NO", mid: 1 }, 404],
    ["GET", "/books?account=nobody", undefined, 404],
    ["GET", "/nowhere", undefined, 404],
  ])("refuses %s %s %j", async (method, path, body, status) => {
    const answer = await ask(method, path, body);
    expect(answer).toMatchObject({ status, body: { error: expect.any(String) } });
  });

  it("takes a body only as application/json, so that a web page cannot send one unasked", async () => {
    const response = await fetch(`${sim.controlUrl}/control/faults`, {
      method: "POST",
      body: '{"venue":"binance","kind":"outage"}',
    });
    expect(response.status).toBe(415);
  });
});
