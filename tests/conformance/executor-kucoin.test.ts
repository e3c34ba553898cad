import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Decimal } from "#server/domain/decimal.ts";
import type { VenueAccountExecutor } from "#server/execution/executors/executor.ts";
import { generateCredentials } from "#simulator/control/credentials.ts";
import { eventually } from "#tests/support/eventually.ts";
import { ExecutorVenue, expectKind, SYMBOL } from "#tests/support/executor-venue.ts";

const PRIVATE_BULLET = "/api/v1/bullet-private";

/** What is special about kucoin; everything else is in the suites that all venues pass. */
describe("executor at kucoin alone", () => {
  let venue: ExecutorVenue;
  beforeAll(async () => {
    venue = await ExecutorVenue.start("kucoin", { bookSilentMs: 400 });
  });
  beforeEach(() => venue.reset());
  afterAll(() => venue.close());

  const calls = (path: string) => venue.face.requests.filter((request) => request.path.startsWith(path));
  const listen = (executor: VenueAccountExecutor) => {
    const hints: (string | null)[] = [];
    const downs: string[] = [];
    const stop = executor.watch({ onHint: (symbol) => hints.push(symbol), onDown: (detail) => downs.push(detail) });
    return { hints, downs, stop };
  };
  const untilHeard = (executor: VenueAccountExecutor, hints: readonly unknown[]) => {
    const before = hints.length;
    return eventually(
      async () => {
        await executor.submit(venue.order());
        return hints.slice(before).includes(SYMBOL);
      },
      { what: "a hint about an order", intervalMs: 50 },
    );
  };

  test("a wrong passphrase is a refused key, and is in no detail", async () => {
    const { credential } = await venue.open();
    const password = "not-this-passphrase";
    const executor = await venue.reopen({ ...credential, password });
    const refused = expectKind(await executor.submit(venue.order()), "rejected");
    expect(refused.reason).toBe("AUTHENTICATION");
    expect(refused.detail).not.toContain(password);
    const other = await venue.reopen({ ...generateCredentials("kucoin"), password });
    expect(expectKind(await other.check(), "refused").reason).toBe("AUTHENTICATION");
  });

  test("nothing but the call itself is sent: no question about the kind of account, no list of markets", async () => {
    const { executor } = await venue.open();
    venue.face.requests.length = 0;
    const order = venue.order();
    expectKind(await executor.submit(order), "accepted");
    expectKind(await executor.find(venue.lookup(order)), "found");
    expectKind(await executor.balances(), "ok");
    expect(venue.face.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      "POST /api/v1/hf/orders/sync",
      `GET /api/v1/hf/orders/client-order/${order.clientOrderId}`,
      "GET /api/v1/accounts",
    ]);
  });

  test("a post-only order that would take is accepted, and found canceled without a fill", async () => {
    const { executor, account } = await venue.open();
    const order = venue.order({ postOnly: true, limitPrice: new Decimal(60_000) });
    expectKind(await executor.submit(order), "accepted");
    expect(expectKind(await executor.find(venue.lookup(order)), "found")).toMatchObject({
      order: { state: "CANCELED" },
      fills: [],
    });
    expect(venue.record(account).fills).toEqual([]);
  });

  test("every connection begins with a bullet of its own, so a token that has ended costs one try", async () => {
    const { executor } = await venue.open();
    const heard = listen(executor);
    await untilHeard(executor, heard.hints);
    expect(calls(PRIVATE_BULLET)).toHaveLength(1);
    venue.fault({ kind: "close-sockets" });
    await eventually(() => heard.downs.length > 0, { what: "the cut being noticed" });
    await untilHeard(executor, heard.hints);
    expect(calls(PRIVATE_BULLET)).toHaveLength(2);
    heard.stop();
  });

  test("a bullet that names a real venue's address is followed to the paper venue and nowhere else", async () => {
    const { executor } = await venue.open();
    const foreign = { endpoint: "wss://ws-api-spot.kucoin.com/", pingInterval: 18_000, pingTimeout: 10_000 };
    const bullet = { code: "200000", data: { token: "made-up", instanceServers: [foreign] } };
    venue.face.answerInstead = ({ path }) => (path === PRIVATE_BULLET ? { status: 200, body: bullet } : null);
    const heard = listen(executor);
    // The paper venue itself says that it does not know this token.
    await eventually(() => heard.downs.some((detail) => detail.includes("token is expired")), {
      what: "the paper venue's answer",
    });
    venue.face.answerInstead = null;
    await untilHeard(executor, heard.hints);
    heard.stop();
  });

  test("a refused bullet is reported, and the stream comes up when it is given", async () => {
    const { executor, account } = await venue.open();
    const fault = venue.fault({ kind: "status", status: 503, when: "before", path: PRIVATE_BULLET, apiKey: account.apiKey });
    const heard = listen(executor);
    await eventually(() => heard.downs.length > 1, { what: "two failed tries" });
    venue.sim.control.clearFaults(fault);
    await untilHeard(executor, heard.hints);
    heard.stop();
  });

  test("fills of more than a week ago are found, week by week", async () => {
    const { executor, account } = await venue.open();
    expectKind(await executor.submit(venue.taker()), "accepted");
    const since = new Date(Date.now() - 20 * 86_400_000);
    venue.face.requests.length = 0;
    const { value } = expectKind(await executor.fills({ symbols: [SYMBOL], since }), "ok");
    expect(value.map(({ venueTradeId }) => venueTradeId)).toEqual(venue.record(account).fills.map(({ id }) => id));
    expect(calls("/api/v1/hf/fills")).toHaveLength(3);
  });
});
