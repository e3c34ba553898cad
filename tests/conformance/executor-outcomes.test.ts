import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Decimal } from "#server/domain/decimal.ts";
import { createCcxtExecutorFactory } from "#server/execution/executors/ccxt/factory.ts";
import type { RejectionReason, SubmitOutcome } from "#server/execution/executors/executor.ts";
import { generateCredentials } from "#simulator/control/credentials.ts";
import type { SimRejectReason } from "#simulator/engine/types.ts";
import { eventually } from "#tests/support/eventually.ts";
import { VENUE_IDS } from "#server/domain/venue.ts";
import { ExecutorVenue, expectKind, SYMBOL } from "#tests/support/executor-venue.ts";

const REASONS: readonly (readonly [SimRejectReason, RejectionReason])[] = [
  ["insufficient-funds", "INSUFFICIENT_FUNDS"],
  ["price-tick", "INVALID_ORDER"],
  ["amount-step", "INVALID_ORDER"],
  ["amount-min", "INVALID_ORDER"],
  ["cost-min", "INVALID_ORDER"],
  ["would-take", "INVALID_ORDER"],
  ["bad-request", "INVALID_ORDER"],
  ["unknown-symbol", "BAD_SYMBOL"],
  ["not-permitted", "NOT_PERMITTED"],
];

describe.each(VENUE_IDS)("executor at %s: outcomes", (name) => {
  let venue: ExecutorVenue;
  beforeAll(async () => {
    venue = await ExecutorVenue.start(name);
  });
  beforeEach(() => venue.reset());
  afterAll(() => venue.close());

  test.each(REASONS)("EX-20 a refusal for %s is rejected as %s, after one request", async (fault, reason) => {
    const { executor, account } = await venue.open();
    const id = venue.fault({ kind: "refuse", reason: fault, callKind: "place", apiKey: account.apiKey });
    const rejected = expectKind(await executor.submit(venue.order()), "rejected");
    expect(rejected.reason).toBe(reason);
    expect(rejected.detail).not.toBe("");
    expect(venue.sim.control.faults().find((candidate) => candidate.id === id)?.hits).toBe(1);
    expect(venue.record(account).orders).toEqual([]);
  });

  test("EX-21 real refusals: no funds, and a market that is not listed, which is not even sent", async () => {
    const { executor, account } = await venue.open({ balances: { USDT: "1" } });
    expect(expectKind(await executor.submit(venue.order()), "rejected").reason).toBe("INSUFFICIENT_FUNDS");
    const sent = venue.face.requests.length;
    expect(expectKind(await executor.submit(venue.order({ symbol: "NO/SUCH" })), "rejected").reason).toBe("BAD_SYMBOL");
    expect(venue.face.requests.length).toBe(sent);
    expect(venue.record(account).orders).toEqual([]);
  });

  test("EX-22 an answer lost after acceptance is unknown, and exactly one order is at the venue, found by our id", async () => {
    const { executor, account } = await venue.open();
    venue.fault({ kind: "drop-response", callKind: "place", apiKey: account.apiKey, count: 1 });
    const order = venue.order();
    const unknown = expectKind(await executor.submit(order), "unknown");
    expect(unknown.cause).toBe("CONNECTION");
    expect(unknown.notSent).toBeUndefined();
    expect(venue.placements().length).toBe(1);
    const [placed] = venue.record(account).orders;
    expect(venue.record(account).orders.length).toBe(1);
    expect(expectKind(await executor.find(venue.lookup(order)), "found").order.venueOrderId).toBe(placed?.id);
  });

  test("EX-23 a request lost on the way is unknown too, and a look-up finds nothing", async () => {
    const { executor, account } = await venue.open();
    const id = venue.fault({ kind: "drop-request", callKind: "place", apiKey: account.apiKey });
    const order = venue.order();
    expect(expectKind(await executor.submit(order), "unknown").cause).toBe("CONNECTION");
    expect(venue.sim.control.faults().find((fault) => fault.id === id)?.hits).toBe(1);
    expectKind(await executor.find(venue.lookup(order)), "not-found");
  });

  test("EX-24 an answer that is too late is unknown TIMEOUT, for one order at the venue", async () => {
    const { executor, account } = await venue.open({}, venue.anotherFactory({ timeoutMs: 500 }));
    venue.fault({ kind: "latency", ms: 60_000, when: "after", callKind: "place", apiKey: account.apiKey });
    expect(expectKind(await executor.submit(venue.order()), "unknown").cause).toBe("TIMEOUT");
    await eventually(() => venue.record(account).orders.length === 1, { what: "the order at the venue" });
    expect(venue.placements().length).toBe(1);
  });

  test.each([500, 502, 503, 504])("EX-25 HTTP %i is never a refusal, whether or not the order was placed", async (status) => {
    const { executor, account } = await venue.open();
    const cause = status === 504 ? "TIMEOUT" : "VENUE_ERROR";
    const before = venue.fault({ kind: "status", status, when: "before", callKind: "place", apiKey: account.apiKey, count: 1 });
    expect(expectKind(await executor.submit(venue.order()), "unknown").cause).toBe(cause);
    expect(venue.record(account).orders.length).toBe(0);
    venue.sim.control.clearFaults(before);
    venue.fault({ kind: "status", status, when: "after", callKind: "place", apiKey: account.apiKey, count: 1 });
    expect(expectKind(await executor.submit(venue.order()), "unknown").cause).toBe(cause);
    expect(venue.record(account).orders.length).toBe(1);
    expect(venue.placements().length).toBe(1);
  });

  test.each([false, true])(
    "EX-26 a rate limit (banned: %s) holds this key back until the time named, and nobody else",
    async (banned) => {
      // A process of its own: what it is told must not reach the other tests.
      const process = venue.anotherFactory();
      const [limited, other] = [await venue.open({}, process), await venue.open({}, process)];
      const apiKey = limited.account.apiKey;
      const fault = venue.fault({ kind: "rate-limited", retryAfterSeconds: 30, banned, callKind: "place", apiKey, count: 1 });
      const unknown = expectKind(await limited.executor.submit(venue.order()), "unknown");
      expect(unknown.cause).toBe("RATE_LIMITED");
      expect(unknown.notSent).toBeUndefined();
      const namesNoTime = ["kraken", "okx"].includes(name);
      const waitMs = (unknown.pausedUntil?.getTime() ?? 0) - Date.now();
      expect(waitMs).toBeGreaterThan(namesNoTime ? 1_000 : 20_000);
      expect(waitMs).toBeLessThanOrEqual(30_000);
      venue.sim.control.clearFaults(fault);
      const sent = venue.face.requests.length;
      const held = expectKind(await limited.executor.submit(venue.order()), "unknown");
      expect([held.cause, held.notSent]).toEqual(["RATE_LIMITED", true]);
      expect(held.pausedUntil).toBeDefined();
      expect(expectKind(await limited.executor.balances(), "unavailable").cause).toBe("RATE_LIMITED");
      expect(venue.face.requests.length).toBe(sent);
      expectKind(await other.executor.submit(venue.order()), "accepted");
      expect(venue.record(limited.account).orders).toEqual([]);
    },
  );

  test("EX-35 two limited keys in a row pause the whole address only where the venue counts per address", async () => {
    const process = venue.anotherFactory();
    const [first, second, third] = [await venue.open({}, process), await venue.open({}, process), await venue.open({}, process)];
    for (const { account, executor } of [first, second]) {
      venue.fault({ kind: "rate-limited", retryAfterSeconds: 30, callKind: "place", apiKey: account.apiKey, count: 1 });
      expect(expectKind(await executor.submit(venue.order()), "unknown").cause).toBe("RATE_LIMITED");
    }
    const outcome = await third.executor.submit(venue.order());
    if (name === "binance") expect(expectKind(outcome, "unknown")).toMatchObject({ cause: "RATE_LIMITED", notSent: true });
    else expectKind(outcome, "accepted");
  });

  test("EX-27 our clock or nonce being off is unknown NONCE; after a resync the next order goes through", async () => {
    const { executor, account, credential } = await venue.open();
    if (name === "alpaca") {
      // Its requests carry neither a time nor a nonce: nothing is ever off, and the difference is only told.
      venue.fault({ kind: "clock-skew", ms: -600_000 });
      expectKind(await executor.submit(venue.order()), "accepted");
      expect(expectKind(await executor.check(), "ok").value.clockOffsetMs).toBeLessThan(-590_000);
      venue.sim.control.clearFaults();
      await executor.resyncClock();
      return;
    }
    if (name === "kraken") {
      // Another worker with the same key and a clock ahead of ours.
      const elsewhere = await venue.reopen(credential, venue.anotherFactory());
      await elsewhere.resyncClock();
      expectKind(await elsewhere.balances(), "ok");
    } else {
      venue.fault({ kind: "clock-skew", ms: -600_000 });
    }
    const order = venue.order();
    expect(expectKind(await executor.submit(order), "unknown").cause).toBe("NONCE");
    expect(venue.record(account).orders).toEqual([]);
    await executor.resyncClock();
    expectKind(await executor.find(venue.lookup(order)), "not-found");
    expectKind(await executor.submit(order), "accepted");
    expect(venue.record(account).orders.length).toBe(1);
    venue.sim.control.clearFaults();
    await executor.resyncClock();
  });

  test("EX-28 a key that the venue does not know, or a wrong secret, is rejected as AUTHENTICATION", async () => {
    const { credential } = await venue.open();
    const stranger = generateCredentials(name);
    const { passphrase: password = "" } = stranger;
    for (const wrong of [
      { ...stranger, password },
      { ...credential, secret: stranger.secret },
    ]) {
      const executor = await venue.reopen(wrong);
      expect(expectKind(await executor.submit(venue.order()), "rejected").reason).toBe("AUTHENTICATION");
      expect(expectKind(await executor.check(), "refused").reason).toBe("AUTHENTICATION");
      expect(expectKind(await executor.find(venue.lookup(venue.order())), "refused").reason).toBe("AUTHENTICATION");
    }
  });

  test("EX-29 a client order id that is in use makes no second order", async () => {
    const { executor, account } = await venue.open();
    const order = venue.order();
    const { venueOrderId } = expectKind(await executor.submit(order), "accepted");
    const again: SubmitOutcome = await executor.submit(order);
    // Coinbase answers with the first order; the others say that it is there.
    if (name === "coinbase") expect(expectKind(again, "accepted").venueOrderId).toBe(venueOrderId);
    else if (name === "gate") {
      // Gate does not compare ids: only the platform's rule to look before it sends again keeps an order single.
      expect(expectKind(again, "accepted").venueOrderId).not.toBe(venueOrderId);
      expect(venue.record(account).orders.length).toBe(2);
      return;
    } else expect(expectKind(again, "unknown").cause).toBe("DUPLICATE_CLIENT_ORDER_ID");
    expect(venue.record(account).orders.length).toBe(1);
  });

  test.each([
    ["text", "<html>gateway</html>"],
    ["an empty object", {}],
    ["a list", []],
    ["half an order", { result: { txid: [] }, success: true }],
  ])("EX-30 an answer that is %s is unknown BAD_RESPONSE", async (_what, body) => {
    const { executor } = await venue.open();
    venue.face.answerInstead = (request) => (venue.face.callKind(request) === "place" ? { status: 200, body } : null);
    expect(expectKind(await executor.submit(venue.order()), "unknown").cause).toBe("BAD_RESPONSE");
    expect(venue.placements().length).toBe(1);
  });

  test("EX-31 a lost cancel is unknown, and the look-up tells", async () => {
    const { executor, account } = await venue.open();
    const order = venue.order();
    const { venueOrderId } = expectKind(await executor.submit(order), "accepted");
    venue.fault({ kind: "drop-response", callKind: "cancel", apiKey: account.apiKey, count: 1 });
    expect(expectKind(await executor.cancel(venue.lookup(order, { venueOrderId })), "unknown").cause).toBe("CONNECTION");
    expect(expectKind(await executor.find(venue.lookup(order, { venueOrderId })), "found").order.state).toBe("CANCELED");
  });

  test("EX-32 while the venue is out, looking is unavailable and never not-found", async () => {
    const { executor, account } = await venue.open();
    const order = venue.order();
    expectKind(await executor.submit(order), "accepted");
    venue.fault({ kind: "outage", apiKey: account.apiKey });
    expect(expectKind(await executor.find(venue.lookup(order)), "unavailable").cause).toBe("CONNECTION");
    expectKind(await executor.openOrders([SYMBOL]), "unavailable");
    expectKind(await executor.fills({ symbols: [SYMBOL], since: new Date() }), "unavailable");
    expectKind(await executor.balances(), "unavailable");
    expectKind(await executor.check(), "unavailable");
    expectKind(await executor.submit(venue.order()), "unknown");
    venue.sim.control.clearFaults();
    expectKind(await executor.find(venue.lookup(order)), "found");
  });

  test("EX-33 no secret and no signature is in any detail, nor in what an inspection of the executor shows", async () => {
    const { executor, account, credential } = await venue.open({}, venue.anotherFactory({ timeoutMs: 500 }));
    const shown: string[] = [inspect(executor, { depth: 20, showHidden: true }), JSON.stringify(executor)];
    venue.face.answerInstead = (request) => ({
      status: 400,
      body: {
        error: `${request.query} ${request.body} ${JSON.stringify(request.headers)}`,
        code: -9999,
        msg: JSON.stringify(request),
      },
    });
    shown.push(JSON.stringify(await executor.submit(venue.order())), JSON.stringify(await executor.balances()));
    venue.face.answerInstead = null;
    venue.fault({ kind: "latency", ms: 60_000, callKind: "query", apiKey: account.apiKey });
    shown.push(JSON.stringify(await executor.openOrders([SYMBOL])));
    const signatures = venue.face.requests.flatMap((request) => [
      new URLSearchParams(request.query).get("signature") ?? "",
      new URLSearchParams(request.body).get("signature") ?? "",
      String(request.headers["api-sign"] ?? ""),
      String(request.headers["ok-access-sign"] ?? ""),
      String(request.headers["ok-access-passphrase"] ?? ""),
      String(request.headers["kc-api-sign"] ?? ""),
      String(request.headers["kc-api-passphrase"] ?? ""),
      String(request.headers["sign"] ?? ""),
      String(request.headers["x-bapi-sign"] ?? ""),
      String(request.headers.authorization ?? "").replace("Bearer ", ""),
    ]);
    const secrets = [credential.apiKey, credential.secret, ...credential.secret.split("\n"), ...signatures].filter(
      (part) => part.length > 12,
    );
    expect(secrets.length).toBeGreaterThan(2);
    for (const secret of secrets) for (const text of shown) expect(text).not.toContain(secret);
    for (const text of shown.slice(2)) expect(text.length).toBeLessThan(600);
  });
});

test("EX-34 an answer whose body never ends is unavailable in time", async () => {
  const server = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.write('{"half":');
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const origins = { kraken: { http: `http://127.0.0.1:${port}`, ws: `ws://127.0.0.1:${port}` } };
  const factory = createCcxtExecutorFactory({ endpoints: { origins }, timeoutMs: 300 });
  const executor = await factory.account("kraken", "PAPER", generateCredentials("kraken"));
  const order = { symbol: SYMBOL, side: "BUY", type: "LIMIT", timeInForce: "GTC", postOnly: false } as const;
  const outcome = await executor.submit({
    ...order,
    clientOrderId: "order0000000000001",
    quantity: new Decimal(1),
    limitPrice: new Decimal(1),
  });
  expect(expectKind(outcome, "unknown")).toMatchObject({ cause: "TIMEOUT", notSent: true });
  await executor.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
