import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { eventually } from "#tests/support/eventually.ts";
import { FAULT_VENUES, type FaultAccount, type FaultPlatform, startFaultPlatform } from "#tests/support/fault-platform.ts";
import { expectLedgerMatches, expectNothingReserved } from "#tests/support/ledger-matches.ts";
import { startTcpProxy, type TcpProxy } from "#tests/support/tcp-proxy.ts";

const SETTLE_MS = 3_000;
/** Long enough for the database to go while the answer is on its way. */
const ANSWER_AFTER_MS = 800;
/** So many vain tries of the worker take longer than that. */
const LOST_MIN = 12;

let platform: FaultPlatform;
let proxy: TcpProxy;

beforeAll(async () => {
  platform = await startFaultPlatform();
  proxy = await startTcpProxy(platform.test.workerUrl);
  const databaseUrl = proxy.through(platform.test.workerUrl);
  await platform.startWorker({ settleMs: SETTLE_MS }, { feeds: false, leaseMs: 2_000, databaseUrl, statementTimeoutMs: 1_000 });
});
beforeEach(() => platform.forgetFailures());
afterEach(() => {
  proxy.heal();
  platform.simulator.control.clearFaults();
});
afterAll(async () => {
  proxy?.heal();
  await platform?.close();
  await proxy?.close();
});

/** An order at each venue that the venue has and whose answer is still on its way. */
async function sendEverywhere(): Promise<readonly { readonly account: FaultAccount; readonly orderId: string }[]> {
  const { control } = platform.simulator;
  return Promise.all(
    FAULT_VENUES.map(async ({ venue }) => {
      const account = await platform.openAccount(venue);
      const { apiKey, simAccountId } = account;
      control.setFault({ kind: "latency", venue, apiKey, callKind: "place", ms: ANSWER_AFTER_MS, when: "after" });
      const orderId = await platform.placeAccepted(account);
      await eventually(() => control.books(simAccountId).orders.length === 1);
      return { account, orderId };
    }),
  );
}

describe("the database is lost between send and commit", () => {
  test.each([
    { how: "refuses connections", lose: () => proxy.refuse() },
    { how: "is silent on open connections", lose: () => proxy.blackHole() },
  ])("and $how: at every venue one order, booked once when the database is back", async ({ lose }) => {
    const sent = await sendEverywhere();
    const lostBefore = proxy.lost;
    lose();
    await eventually(() => proxy.lost - lostBefore >= LOST_MIN, { what: "the worker missing its database" });
    proxy.heal();
    for (const { account, orderId } of sent) {
      await platform.orderIn(orderId, "FILLED");
      await platform.expectOneOrderBooked(account, orderId);
    }
  });

  test.each(FAULT_VENUES)(
    "and the answer to the record's commit never comes at $venue: what was committed is not repeated",
    async ({ venue }) => {
      const account = await platform.openAccount(venue);
      const lost = proxy.loseCommitOf("VENUE_ACCEPTED");
      const orderId = await platform.placeAccepted(account);
      await lost;
      await platform.orderIn(orderId, "FILLED");
      const accepted = (await platform.eventsOf(orderId)).filter((event) => event === "VENUE_ACCEPTED");
      expect(accepted).toHaveLength(1);
      await platform.expectOneOrderBooked(account, orderId);
    },
  );

  test("and the answer to a fill's commit never comes: the fill counts once", async () => {
    const account = await platform.openAccount("binance");
    const limitPrice = platform.restingPrice(account);
    const orderId = await platform.placeAccepted(account, { type: "LIMIT", timeInForce: "GTC", limitPrice });
    await platform.orderIn(orderId, "NEW");
    const lost = proxy.loseCommitOf("FILL_COMPLETE");
    platform.cross(account, limitPrice);
    await lost;
    await platform.orderIn(orderId, "FILLED");
    await platform.expectOneOrderBooked(account, orderId);
  });

  test("and the answer to the claim's commit never comes: nothing is sent, and that is proven before the reserve goes back", async () => {
    const account = await platform.openAccount("kraken");
    const lost = proxy.loseCommitOf("SUBMIT_STARTED");
    const orderId = await platform.placeAccepted(account);
    await lost;
    const order = await platform.orderIn(orderId, "DENIED");
    expect(order["reason_code"]).toBe("ORDER_NEVER_PLACED");
    expect(platform.simulator.control.books(account.simAccountId).orders).toEqual([]);
    await expectNothingReserved(platform, account);
    await expectLedgerMatches(platform, account);
  });
});
