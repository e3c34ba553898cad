import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ExecutorVenue, SYMBOL } from "#tests/support/executor-venue.ts";
import { eventually } from "#tests/support/eventually.ts";
import { FAULT_VENUES, type FaultAccount, type FaultPlatform, startFaultPlatform } from "#tests/support/fault-platform.ts";
import { expectLedgerMatches, expectNothingReserved } from "#tests/support/ledger-matches.ts";

const SETTLE_MS = 2_500;
/** Many times the settle time, counted in looks: an outage's length must not matter. */
const LOOKS_MIN = 6;
const FAILED = ["REJECTED", "DENIED", "EXPIRED", "CANCELED"];

let platform: FaultPlatform;

beforeAll(async () => {
  platform = await startFaultPlatform();
  await platform.startWorker({ settleMs: SETTLE_MS }, { feeds: false, venueCallMs: 1_000 });
});
beforeEach(() => platform.forgetFailures());
afterAll(() => platform?.close());

async function rest(account: FaultAccount): Promise<string> {
  const limitPrice = platform.restingPrice(account);
  const orderId = await platform.placeAccepted(account, { type: "LIMIT", timeInForce: "GTC", limitPrice });
  await platform.orderIn(orderId, "NEW");
  return orderId;
}

/** How old the question about this order is, in settle times. */
async function settleTimesUnknown(orderId: string): Promise<number> {
  const [row] = await platform.query(
    "select extract(epoch from clock_timestamp() - submitted_at) * 1000 as ms from orders where id = $1",
    [orderId],
  );
  return Number(row?.["ms"]) / SETTLE_MS;
}

async function states(orderIds: readonly string[]): Promise<unknown[]> {
  return Promise.all(orderIds.map(async (orderId) => (await platform.order(orderId))["state"]));
}

describe("an outage", () => {
  // A rejection that nobody handles would end a worker; here it fails the run.
  describe.concurrent.each(FAULT_VENUES)("at $venue", ({ venue }) => {
    test.sequential("in which the venue refuses its order stream ends no worker: the stream is tried until it is there", async () => {
      const executorVenue = await ExecutorVenue.start(venue, { streamPingMs: 300 });
      const { executor, account } = await executorVenue.open();
      let [downs, hints] = [0, 0];
      const stop = executor.watch({ onHint: () => void (hints += 1), onDown: () => void (downs += 1) });
      const outage = executorVenue.fault({ kind: "outage" });
      await eventually(() => downs >= 2);
      executorVenue.sim.control.clearFaults(outage);
      await eventually(
        () => {
          const order = {
            account: account.id,
            symbol: SYMBOL,
            side: "buy",
            type: "limit",
            amount: "0.01",
            price: "30000",
          } as const;
          const placed = executorVenue.sim.control.placeByHand(order);
          executorVenue.sim.control.cancelByHand({ account: account.id, orderId: placed.order.id });
          return hints > 0;
        },
        { intervalMs: 200 },
      );
      stop();
      await executorVenue.close();
    });

    test.sequential("of every call to the venue fails no order: what rests rests, what was sent stays unknown, and both are settled after it", async () => {
      const account = await platform.openAccount(venue);
      const { control } = platform.simulator;
      const { apiKey, simAccountId } = account;
      const [kept, canceled] = [await rest(account), await rest(account)];
      const out = control.setFault({ kind: "outage", venue, apiKey });
      const sent = await platform.placeAccepted(account);
      await platform.orderIn(sent, "UNKNOWN");
      await platform.cancel(account, canceled);
      await eventually(() => platform.hits(out.id) >= LOOKS_MIN);
      await eventually(async () => (await settleTimesUnknown(sent)) > 2);
      // Longer than the settle time without a healthy look: still nothing is taken for failed.
      expect(await states([kept, canceled, sent])).toEqual(["NEW", "PENDING_CANCEL", "UNKNOWN"]);

      control.clearFaults(out.id);
      await platform.orderIn(canceled, "CANCELED");
      const never = await platform.orderIn(sent, "DENIED");
      expect(never["reason_code"]).toBe("ORDER_NEVER_PLACED");
      expect((await platform.order(kept))["state"]).toBe("NEW");
      await platform.cancel(account, kept);
      await platform.orderIn(kept, "CANCELED");
      expect(control.books(simAccountId).orders).toHaveLength(2);
      await expectNothingReserved(platform, account);
      await expectLedgerMatches(platform, account);
    });

    test.sequential("in which the venue refuses connections, begun while an order was on its way, loses and doubles nothing", async () => {
      const account = await platform.openAccount(venue);
      const { control } = platform.simulator;
      const { apiKey, simAccountId } = account;
      const { id } = control.setFault({ kind: "latency", venue, apiKey, callKind: "place", ms: 500, when: "after" });
      const orderId = await platform.placeAccepted(account);
      await eventually(() => platform.hits(id) === 1 && control.books(simAccountId).orders.length === 1);
      const out = control.setFault({ kind: "outage", venue });
      await platform.orderIn(orderId, "UNKNOWN");
      await eventually(async () => (await settleTimesUnknown(orderId)) > 1.5);
      expect(await platform.eventsOf(orderId)).not.toContain("NOT_FOUND_CONFIRMED");
      expect(FAILED).not.toContain((await platform.order(orderId))["state"]);
      control.clearFaults(out.id);
      await platform.orderIn(orderId, "FILLED");
      await platform.expectOneOrderBooked(account, orderId);
    });
  });

  test("holds an exit up and does not lose it: it goes out once when the venue is back", async () => {
    const account = await platform.openAccount("binance");
    const { control } = platform.simulator;
    await platform.orderIn(await platform.placeAccepted(account), "FILLED");
    const out = control.setFault({ kind: "outage", venue: "binance" });
    const exit = await platform.placeAccepted(account, { side: "SELL", isExit: true, quantity: "0.005" });
    await platform.orderIn(exit, "UNKNOWN", "PENDING_NEW");
    await eventually(async () => Number((await platform.order(exit))["attempt"]) >= 1);
    control.clearFaults(out.id);
    await platform.orderIn(exit, "FILLED");
    expect(control.books(account.simAccountId).orders).toHaveLength(2);
    await expectNothingReserved(platform, account);
    await expectLedgerMatches(platform, account);
  });
});
