import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSessionReader } from "#server/auth/read-session.ts";
import { createDatabase } from "#server/data/database.ts";
import { handleTrpc } from "#server/http/handle-trpc.ts";
import { BODY_BYTES_MAX } from "#server/http/read-body.ts";
import { callByPath, WORKSPACE_CALLS } from "#tests/support/api-calls.ts";
import { countRows, createTestApi, refusalOf, TEST_ORIGIN, TEST_SECRET, type TestApi } from "#tests/support/api.ts";
import { createMarkets, createTradingWorld, type TradingWorld } from "#tests/support/trading-world.ts";

interface Refused {
  readonly error: {
    readonly data: { readonly code: string; readonly details: Record<string, string>; readonly requestId: string };
  };
}

describe("bad input", () => {
  let api: TestApi;
  let world: TradingWorld;
  let cookie: string;

  beforeAll(async () => {
    api = await createTestApi();
    await createMarkets(api.query, api.clock.now());
    world = await createTradingWorld(api.query);
    ({ cookie } = await api.openSession(world.userId));
  });
  afterAll(() => api.close());

  const order = (changes: Record<string, unknown> = {}): Record<string, unknown> => ({
    workspaceId: world.workspaceId,
    intentId: randomUUID(),
    symbol: "BTC/USDT",
    side: "BUY",
    type: "LIMIT",
    timeInForce: "GTC",
    postOnly: false,
    quantity: "0.1",
    limitPrice: "98",
    venueAccountId: null,
    isExit: false,
    ...changes,
  });
  const place = (input: unknown): Promise<unknown> => callByPath(api.callerFor(world.userId), "trade.place", input);

  function post(
    body: BodyInit | null,
    changes: { path?: string; headers?: Record<string, string>; method?: string } = {},
  ): Promise<Response> {
    const headers = { origin: TEST_ORIGIN, cookie, "content-type": "application/json", ...changes.headers };
    return api.fetch(changes.path ?? "/api/trpc/trade.place", { method: changes.method ?? "POST", headers, body });
  }

  async function expectRefused(response: Response, status: number, code: string): Promise<void> {
    const body = (await response.json()) as Refused | Refused[];
    for (const { error } of Array.isArray(body) ? body : [body])
      expect(error.data).toMatchObject({ code, requestId: expect.any(String) });
    expect(response.status).toBe(status);
  }

  const amounts = [
    "",
    "0",
    "0.0",
    "-1",
    "+1",
    "NaN",
    "Infinity",
    "1e3",
    "0x10",
    " 1",
    "1 ",
    "1,5",
    ".5",
    "1.",
    "١",
    "0.0000000000000000001",
    "100000000000000000000000",
    null,
    1,
    {},
    [],
  ];

  it.each(
    amounts
      .flatMap((value) => [["quantity", value] as const, ["limitPrice", value] as const])
      .filter(([field, value]) => !(field === "limitPrice" && value === null)),
  )("refuses an order whose %s is %j and changes nothing", async (field, value) => {
    const before = await countRows(api.query);
    const refusal = await refusalOf(place(order({ [field]: value })));
    expect(refusal.code).toBe("INPUT_INVALID");
    expect(Object.keys(refusal.details)).toEqual([field]);
    expect(await countRows(api.query)).toEqual(before);
  });

  it.each([
    ["symbol", "BTC"],
    ["symbol", "btc/usdt"],
    ["symbol", "BTC/USDT'; drop table orders; --"],
    ["side", "HOLD"],
    ["type", "ICEBERG"],
    ["timeInForce", "DAY"],
    ["intentId", "1"],
    ["venueAccountId", "../../etc/passwd"],
    ["postOnly", "yes"],
  ])("refuses an order whose %s is %j and changes nothing", async (field, value) => {
    const before = await countRows(api.query);
    expect((await refusalOf(place(order({ [field]: value })))).code).toBe("INPUT_INVALID");
    expect(await countRows(api.query)).toEqual(before);
  });

  it("refuses fields that contradict each other, that are missing, and that nobody asked for", async () => {
    const before = await countRows(api.query);
    const { side: _side, ...withoutSide } = order();
    const inputs = [
      withoutSide,
      order({ type: "MARKET" }),
      order({ limitPrice: null }),
      order({ postOnly: true, timeInForce: "IOC" }),
      order({ extra: 1 }),
      order({ overTime: { slices: 1, durationMs: 60_000 }, timeInForce: "IOC" }),
      order({ overTime: { slices: 4, durationMs: 999 }, timeInForce: "IOC" }),
      order({ overTime: { slices: 4, durationMs: 60_000 } }),
      order({ overTime: { slices: 4, durationMs: 60_000 }, timeInForce: "IOC", side: "SELL", isExit: true }),
      order({
        overTime: { slices: 4, durationMs: 60_000 },
        timeInForce: "IOC",
        bracket: { stopPrice: "90", trailBps: null, takeProfitPrice: null },
      }),
      order({ __proto__: { admin: true }, constructor: 1 }),
      null,
      undefined,
      [],
      "order",
    ];
    for (const input of inputs) expect((await refusalOf(place(input))).code).toBe("INPUT_INVALID");
    expect(await countRows(api.query)).toEqual(before);
  });

  it("denies a market that nobody lists and an order too precise or too large for its market, without an order", async () => {
    const orders = (await countRows(api.query))["orders"];
    for (const [changes, code] of [
      [{ symbol: "NOPE/USDT" }, "MARKET_UNKNOWN"],
      [{ quantity: "0.123456789" }, "QUANTITY_TOO_PRECISE"],
      [{ limitPrice: "98.001" }, "PRICE_TOO_PRECISE"],
      [{ quantity: "99999999999999999999" }, /^(LIMIT_|BALANCE_)/],
    ] as const) {
      const result = (await place(order(changes))) as { state: string; denialCode: string; orderId: null };
      expect(result).toMatchObject({ state: "DENIED", orderId: null });
      expect(result.denialCode).toMatch(code);
    }
    expect((await countRows(api.query))["orders"]).toBe(orders);
  });

  it("gives a repeated intent its first answer, and refuses the same id for something else", async () => {
    const intent = order({ symbol: "NOPE/USDT" });
    const first = await place(intent);
    const before = await countRows(api.query);
    expect(await place(intent)).toEqual({ ...(first as object), repeated: true });
    expect((await refusalOf(place({ ...intent, quantity: "0.2" }))).code).toBe("INTENT_CONFLICT");
    expect(await countRows(api.query)).toEqual(before);
  });

  it("answers every mangled call of every procedure with a typed refusal and no trace", async () => {
    const ids = {
      venueAccountId: world.venueAccountId,
      orderId: world.openOrderId,
      reconciliationId: world.reconciliationId,
      twapId: world.twapId,
      cursor: null,
    };
    const hostile = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.string({ unit: "binary", maxLength: 60 }),
      fc.constantFrom(
        "",
        "\u0000",
        "\ud800",
        "-0",
        "9".repeat(19),
        "9".repeat(400),
        "' or 1=1 --",
        "__proto__",
        -1,
        1e308,
        Number.MAX_SAFE_INTEGER,
      ),
    );
    const mangled = fc.record({
      path: fc.constantFrom(...Object.keys(WORKSPACE_CALLS)),
      field: fc.nat(),
      value: hostile,
      drop: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(mangled, async ({ path, field, value, drop }) => {
        const input = WORKSPACE_CALLS[path]?.(world.workspaceId, ids) ?? {};
        const fields = Object.keys(input).filter((name) => name !== "workspaceId");
        const name = fields[field % Math.max(fields.length, 1)] ?? "extra";
        const changed = drop
          ? Object.fromEntries(Object.entries(input).filter(([key]) => key !== name))
          : { ...input, [name]: value };
        const before = await countRows(api.query);
        const refusal = await callByPath(api.callerFor(world.userId), path, changed).then(
          () => null,
          () => refusalOf(callByPath(api.callerFor(world.userId), path, changed)),
        );
        if (refusal === null) return;
        expect(refusal.code).not.toBe("INTERNAL");
        expect(await countRows(api.query)).toEqual(before);
      }),
      { numRuns: 100 },
    );
  });

  it("refuses a body that is too large before reading it all, whatever its length claims", async () => {
    const before = await countRows(api.query);
    await expectRefused(await post(JSON.stringify(order({ symbol: "x".repeat(BODY_BYTES_MAX) }))), 413, "INPUT_TOO_LARGE");
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 64 * 1024;
        controller.enqueue(new Uint8Array(64 * 1024).fill(32));
      },
    });
    const request = {
      method: "POST",
      headers: { origin: TEST_ORIGIN, cookie, "content-type": "application/json" },
      body: endless,
      duplex: "half",
    };
    await expectRefused(await api.fetch("/api/trpc/trade.place", request), 413, "INPUT_TOO_LARGE");
    expect(sent).toBeLessThan(4 * BODY_BYTES_MAX);
    expect(await countRows(api.query)).toEqual(before);
  });

  it("refuses what is no JSON, no UTF-8, no procedure, the wrong verb or too many calls at once", async () => {
    const before = await countRows(api.query);
    await expectRefused(await post("{"), 400, "INPUT_INVALID");
    await expectRefused(await post("null"), 400, "INPUT_INVALID");
    await expectRefused(await post(""), 400, "INPUT_INVALID");
    await expectRefused(await post(new Uint8Array([0x22, 0xff, 0xfe, 0x22])), 400, "INPUT_INVALID");
    await expectRefused(await post("{}", { path: "/api/trpc/trade.steal" }), 404, "NOT_FOUND");
    await expectRefused(await post("{}", { path: "/api/trpc/__proto__.constructor" }), 404, "NOT_FOUND");
    const get = `/api/trpc/trade.place?input=${encodeURIComponent(JSON.stringify(order()))}`;
    const wrongVerb = await api.fetch(get, { headers: { cookie } });
    expect(wrongVerb.status).toBe(405);
    expect(((await wrongVerb.json()) as Refused).error.data.code).toBe("INPUT_INVALID");
    const many = Array.from({ length: 40 }, () => "trade.place").join(",");
    await expectRefused(await post("{}", { path: `/api/trpc/${many}?batch=1` }), 413, "INPUT_TOO_LARGE");
    expect(await countRows(api.query)).toEqual(before);
  });

  it("refuses what changes something unless it comes from the application's own pages", async () => {
    const body = JSON.stringify(order());
    const before = await countRows(api.query);
    for (const origin of ["http://evil.test", "null", `${TEST_ORIGIN}.evil.test`, "https://nija.test", ""]) {
      await expectRefused(await post(body, { headers: { origin } }), 403, "ORIGIN_REFUSED");
    }
    const noOrigin = { method: "POST", headers: { cookie, "content-type": "application/json" }, body };
    await expectRefused(await api.fetch("/api/trpc/trade.place", noOrigin), 403, "ORIGIN_REFUSED");
    const crossSite = { ...noOrigin, headers: { ...noOrigin.headers, "sec-fetch-site": "cross-site" } };
    await expectRefused(await api.fetch("/api/trpc/trade.place", crossSite), 403, "ORIGIN_REFUSED");
    expect(await countRows(api.query)).toEqual(before);
    const same = { ...noOrigin, headers: { ...noOrigin.headers, "sec-fetch-site": "same-origin" } };
    expect((await api.fetch("/api/trpc/trade.place", same)).status).toBe(200);
  });

  it("asks whoever has no live session to sign in", async () => {
    const before = await countRows(api.query);
    const body = JSON.stringify(order());
    await expectRefused(await post(body, { headers: { cookie: "" } }), 401, "AUTH_REQUIRED");
    await expectRefused(await post(body, { headers: { cookie: await api.cookieFor(randomUUID()) } }), 401, "AUTH_REQUIRED");
    await expectRefused(await post(body, { headers: { cookie: await api.cookieFor("' or 1=1") } }), 401, "AUTH_REQUIRED");
    expect(await countRows(api.query)).toEqual(before);
  });

  it("says that the database is gone, without details, and logs why under the request id", async () => {
    const lost = createDatabase({ url: "postgresql://nobody@127.0.0.1:1/none", applicationName: "test", connectionsMax: 1 });
    const request = new Request(`${TEST_ORIGIN}/api/trpc/user.signUp`, {
      method: "POST",
      headers: { origin: TEST_ORIGIN, "content-type": "application/json", "x-request-id": "request-of-this-test" },
      body: JSON.stringify({ email: "a@example.test", name: "A", password: "a heron over grey water" }),
    });
    const response = await handleTrpc({ ...api.deps, database: lost }, { origin: TEST_ORIGIN, proxyHops: 0 }, request);
    expect(response.status).toBe(503);
    const { error } = (await response.json()) as Refused;
    expect(error.data).toEqual({
      code: "DATABASE_UNAVAILABLE",
      httpStatus: 503,
      details: { outcome: "not-committed" },
      requestId: "request-of-this-test",
    });
    expect(api.logged.join("")).toContain("request-of-this-test");
    const sessions = createSessionReader({ database: lost, clock: api.clock, secret: TEST_SECRET, origin: TEST_ORIGIN });
    const reading = new Request(`${TEST_ORIGIN}/api/trpc/user.session`, { headers: { cookie } });
    const answer = await handleTrpc({ ...api.deps, database: lost, sessions }, { origin: TEST_ORIGIN, proxyHops: 0 }, reading);
    await expectRefused(answer, 503, "DATABASE_UNAVAILABLE");
    await lost.close();
  });
});
