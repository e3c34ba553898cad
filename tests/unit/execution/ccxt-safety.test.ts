import { afterEach, describe, expect, test, vi } from "vitest";
import { createCcxtExecutorFactory } from "#server/execution/executors/ccxt/factory.ts";
import { HeldBack, Limiter, Turnstile } from "#server/execution/executors/ccxt/limiter.ts";
import { createScrub } from "#server/execution/executors/ccxt/scrub.ts";
import { KeyState, VenueLimits } from "#server/execution/executors/ccxt/shared-limits.ts";
import { connect, DRIVERS } from "#server/execution/executors/ccxt/venue-registry.ts";
import { parseExactJson } from "#server/execution/executors/ccxt/wire-value.ts";
import { VENUE_IDS } from "#server/domain/venue.ts";

const BUDGET = { capacity: 10, refillPerSecond: 10 };

function everyText(node: unknown): string[] {
  if (typeof node === "string") return [node];
  return typeof node === "object" && node !== null ? Object.values(node).flatMap(everyText) : [];
}

describe.each(VENUE_IDS)("addresses of %s", (venue) => {
  const open = (origin: { http: string; ws: string } | null) => {
    const { traits } = DRIVERS[venue];
    const limits = new VenueLimits(traits.budgets);
    return connect(
      venue,
      { traits, limits, key: null, credential: null, origin, timeoutMs: 1000, streamPingMs: 1000 },
      { ms: 0 },
    );
  };

  test("a paper connection knows no address but the paper venue's", async () => {
    const { exchange } = await open({ http: "http://127.0.0.1:1", ws: "ws://127.0.0.1:1" });
    const addresses = everyText(exchange.urls["api"]);
    expect(addresses.length).toBeGreaterThan(0);
    for (const address of addresses) expect(address).toMatch(/^(http|ws):\/\/127\.0\.0\.1:1(\/|$)/);
  });

  test("a live connection keeps the venue's own, all of them encrypted", async () => {
    const { exchange } = await open(null);
    for (const address of everyText(exchange.urls["api"]))
      expect(exchange.implodeHostname(address)).toMatch(
        /^(https|wss):\/\/[^/]*(binance|coinbase|kraken|okx|bybit|gate|kucoin|alpaca)/,
      );
  });

  test("the library may neither retry nor hold calls back by itself", async () => {
    const { exchange } = await open(null);
    expect(exchange.options["maxRetriesOnFailure"]).toBe(0);
    expect(exchange.enableRateLimit).toBe(false);
  });
});

test("a paper account without a paper venue is an error, never a real venue", async () => {
  const factory = createCcxtExecutorFactory({ endpoints: { origins: {} } });
  await expect(factory.account("binance", "PAPER", { apiKey: "key", secret: "secret" })).rejects.toThrow("no paper venue");
});

describe("scrubbing", () => {
  const pem = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIabcdefghijklmnop\nqrstuvwxyz0123456789\n-----END EC PRIVATE KEY-----";
  const scrub = createScrub(["my+api/key==", "s3cr3t/with+signs=", pem]);

  test.each([
    "plain my+api/key== inside",
    `encoded ${encodeURIComponent("s3cr3t/with+signs=")}`,
    `whole ${pem}`,
    `escaped ${JSON.stringify(pem)}`,
    "one line MHcCAQEEIabcdefghijklmnop",
    "https://api.venue.test/order?symbol=X&signature=deadbeefcafe",
    'X-MBX-APIKEY: abcdef0123456789 "API-Sign":"c2lnbmF0dXJl"',
    "Authorization: Bearer eyJhbGciOi.eyJpc3MiOi.c2lnbmF0dXJl",
    'APCA-API-KEY-ID: abcdef0123456789 "apca-api-secret-key":"c2lnbmF0dXJl"',
    'quoted inside an answer {"error":"{\\"KC-API-SIGN\\":\\"c2lnbmF0dXJl\\"}"}',
    '{"SIGN":"deadbeefcafe","Timestamp":"1700000000"}',
  ])("leaves no secret in: %s", (text) => {
    expect(scrub(text)).not.toMatch(/my\+api|s3cr3t|MHcCAQEE|qrstuvwxyz0|deadbeef|abcdef0123456789|c2lnbmF0dXJl|eyJhbGciOi/);
  });

  test("keeps the venue's words, on one line and bounded", () => {
    expect(scrub("EOrder:Insufficient funds")).toBe("EOrder:Insufficient funds");
    expect(scrub(`a\n\tb${"x".repeat(1000)}`).length).toBe(300);
    expect(scrub("a\n\tb")).toBe("a b");
  });
});

/** What the venues publish, as the most points within any window. */
const PUBLISHED = [
  ["binance", "ip", 60_000, 6_000],
  ["binance", "key", 10_000, 100],
  ["coinbase", "ip", 1_000, 10],
  ["coinbase", "key", 1_000, 30],
  ["kraken", "key", 1_000, 20],
  ["alpaca", "ip", 60_000, 200],
  ["alpaca", "key", 60_000, 200],
  ["okx", "ip", 2_000, 40],
  ["okx", "key", 2_000, 60],
  ["kucoin", "ip", 30_000, 2_000],
  ["kucoin", "key", 30_000, 4_000],
  ["gate", "ip", 10_000, 200],
  ["gate", "key", 1_000, 10],
  ["bybit", "ip", 5_000, 600],
  ["bybit", "key", 1_000, 20],
] as const;

describe("rate budgets", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  test.each(PUBLISHED)("a flood at %s (%s) stays, within any %i ms, under %i points", async (venue, scope, windowMs, most) => {
    vi.useFakeTimers({ toFake: ["setTimeout", "performance", "Date"] });
    const limiter = new Limiter(DRIVERS[venue].traits.budgets[scope]);
    const points = most / 50;
    const granted: number[] = [];
    const flood = Array.from({ length: 200 }, () => limiter.take(points, 1e9).then(() => granted.push(performance.now())));
    await vi.advanceTimersByTimeAsync(1_000_000);
    await Promise.all(flood);
    const busiest = granted.map((from) => granted.filter((at) => at >= from && at < from + windowMs).length * points);
    expect(Math.max(...busiest)).toBeLessThanOrEqual(most);
    expect(Math.max(...busiest)).toBeGreaterThan(most / 2);
  });

  test("a call that would wait too long is refused at once and takes nothing", async () => {
    const limiter = new Limiter({ capacity: 5, refillPerSecond: 0.001 });
    await limiter.take(5, 0);
    await expect(limiter.take(1, 100)).rejects.toBeInstanceOf(HeldBack);
    await expect(limiter.take(0, 0)).resolves.toBeUndefined();
  });

  test("calls wait their turn when the budget refills in time", async () => {
    const limiter = new Limiter({ capacity: 1, refillPerSecond: 200 });
    const order: number[] = [];
    await Promise.all([1, 2, 3, 4].map((n) => limiter.take(1, 10_000).then(() => order.push(n))));
    expect(order).toEqual([1, 2, 3, 4]);
  });

  test("a pause refuses everything until it is over, and is never shortened", async () => {
    const limiter = new Limiter(BUDGET);
    const until = new Date(Date.now() + 60_000);
    limiter.pause(until);
    limiter.pause(new Date(Date.now() + 1));
    expect(limiter.pausedUntil).toEqual(until);
    await expect(limiter.take(0, 1_000)).rejects.toMatchObject({ until });
  });

  test("one key is one budget whoever opens it", () => {
    const limits = new VenueLimits({ ip: BUDGET, key: BUDGET });
    expect(limits.key("a")).toBe(limits.key("a"));
    expect(limits.key("a")).not.toBe(limits.key("b"));
  });

  test("a turnstile lets one through at a time, in order, also past a failure", async () => {
    const turnstile = new Turnstile();
    const seen: string[] = [];
    const call = (name: string, fails: boolean) =>
      turnstile.run(async () => {
        seen.push(`${name} in`);
        await Promise.resolve();
        seen.push(`${name} out`);
        if (fails) throw new Error(name);
      });
    await Promise.allSettled([call("a", false), call("b", true), call("c", false)]);
    expect(seen).toEqual(["a in", "a out", "b in", "b out", "c in", "c out"]);
  });
});

describe("nonces", () => {
  test("rise strictly whatever the clock does", () => {
    const key = new KeyState(BUDGET);
    const nonces = [1000, 1000, 999, 5, 2000].map((clock) => key.nextNonce(clock));
    expect(nonces).toEqual([1000, 1001, 1002, 1003, 2000]);
    key.leap(5_000);
    expect(key.nextNonce(0)).toBeGreaterThan(Date.now());
  });
});

describe("numbers of an answer", () => {
  test("keep the digits they were written with", () => {
    expect(parseExactJson('{"a":0.1234567890123456789,"b":90071992547409931,"c":1e-8,"d":[1.10],"e":5}')).toEqual({
      a: "0.1234567890123456789",
      b: "90071992547409931",
      c: "1e-8",
      d: ["1.10"],
      e: 5,
    });
    expect(parseExactJson("<html>")).toBeUndefined();
    expect(parseExactJson("{broken")).toBeUndefined();
  });
});
