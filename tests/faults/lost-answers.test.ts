import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { RunningWorker } from "#worker/start-worker.ts";
import { eventually } from "#tests/support/eventually.ts";
import { FAULT_VENUES, type FaultPlatform, startFaultPlatform } from "#tests/support/fault-platform.ts";
import { expectNothingReserved } from "#tests/support/ledger-matches.ts";

/** Long enough that no test reaches it by accident. */
const NEVER_MS = 600_000;
const SETTLE_MS = 3_000;

let platform: FaultPlatform;
let worker: RunningWorker | null = null;

async function useWorker(settleMs: number): Promise<void> {
  if (worker !== null) await platform.stopWorker(worker);
  worker = await platform.startWorker({ settleMs }, { feeds: false, venueCallMs: 1_000 });
}

beforeAll(async () => {
  platform = await startFaultPlatform();
});
beforeEach(() => platform.forgetFailures());
afterAll(() => platform?.close());

describe("an order whose answer is lost", () => {
  beforeAll(() => useWorker(NEVER_MS));

  describe.concurrent.each(FAULT_VENUES)("at $venue", ({ venue }) => {
    test.sequential("is found by its id, is there once and is booked once", async () => {
      const account = await platform.openAccount(venue);
      const { id } = platform.simulator.control.setFault({
        kind: "drop-response",
        venue,
        apiKey: account.apiKey,
        callKind: "place",
      });
      const orderId = await platform.placeAccepted(account);
      await platform.orderIn(orderId, "FILLED");
      expect(platform.hits(id)).toBe(1);
      expect(await platform.eventsOf(orderId)).toContain("OUTCOME_UNKNOWN");
      const order = await platform.order(orderId);
      expect(order["attempt"]).toBe(1);
      expect(platform.simulator.control.books(account.simAccountId).orders[0]?.clientOrderId).toBe(order["client_order_id"]);
      await platform.expectOneOrderBooked(account, orderId);
    });

    test.sequential("is not taken for failed when the venue answers 503 after having placed it", async () => {
      const account = await platform.openAccount(venue);
      platform.simulator.control.setFault({
        kind: "status",
        venue,
        apiKey: account.apiKey,
        callKind: "place",
        status: 503,
        when: "after",
      });
      const orderId = await platform.placeAccepted(account);
      await platform.orderIn(orderId, "FILLED");
      await platform.expectOneOrderBooked(account, orderId);
    });
  });

  test("blocks new risk in its market, and only there, until it is resolved", async () => {
    const account = await platform.openAccount("binance");
    const { control } = platform.simulator;
    control.setFault({ kind: "drop-response", venue: "binance", apiKey: account.apiKey, callKind: "place", count: 1 });
    const { id: blind } = control.setFault({ kind: "drop-request", venue: "binance", callKind: "query", apiKey: account.apiKey });
    const orderId = await platform.placeAccepted(account);
    await platform.orderIn(orderId, "UNKNOWN");
    await eventually(() => platform.hits(blind) >= 3);

    const second = await platform.place(account.actor, { venueAccountId: account.venueAccountId });
    expect(second).toMatchObject({ state: "DENIED", denialCode: "MARKET_UNRESOLVED_ORDER", denialDetails: { orderId } });
    const elsewhere = await platform.placeAccepted(account, { symbol: "ETH/USDT", quantity: "0.1" });
    await eventually(async () =>
      ["FILLED", "DENIED", "NEW", "EXPIRED"].includes(String((await platform.order(elsewhere))["state"])),
    );
    expect((await platform.order(orderId))["state"]).toBe("UNKNOWN");

    control.clearFaults();
    await platform.orderIn(orderId, "FILLED");
    const third = await platform.placeAccepted(account);
    await platform.orderIn(third, "FILLED");
  });

  describe.concurrent.each(FAULT_VENUES)("at $venue", ({ venue }) => {
    test.sequential("about a live order is not believed before the settle time: one order, booked once", async () => {
      const account = await platform.openAccount(venue);
      const { control } = platform.simulator;
      control.setFault({ kind: "drop-response", venue, apiKey: account.apiKey, callKind: "place", count: 1 });
      // Fills would give it away: they are late as well.
      control.setFault({ kind: "forget-order", venue, apiKey: account.apiKey, ms: 3_000 });
      control.setFault({ kind: "late-fills", venue, apiKey: account.apiKey, ms: 3_000 });
      const orderId = await platform.placeAccepted(account);
      await platform.orderIn(orderId, "FILLED");
      const events = await platform.eventsOf(orderId);
      expect(events).toContain("OUTCOME_UNKNOWN");
      expect(events).not.toContain("NOT_FOUND_CONFIRMED");
      expect((await platform.order(orderId))["attempt"]).toBe(1);
      await platform.expectOneOrderBooked(account, orderId);
    });
  });
});

describe("a venue that says not found after the settle time", () => {
  beforeAll(() => useWorker(SETTLE_MS));

  describe.concurrent.each(FAULT_VENUES)("at $venue", ({ venue }) => {
    test.sequential("about an order that never arrived is believed after the settle time: denied, reserve released", async () => {
      const account = await platform.openAccount(venue);
      platform.simulator.control.setFault({ kind: "drop-request", venue, apiKey: account.apiKey, callKind: "place" });
      const orderId = await platform.placeAccepted(account);
      const order = await platform.orderIn(orderId, "DENIED");
      expect(order["reason_code"]).toBe("ORDER_NEVER_PLACED");
      const [waited] = await platform.query(
        `select extract(epoch from max(at) filter (where event = 'NOT_FOUND_CONFIRMED') - min(at) filter (where event = 'SUBMIT_STARTED')) * 1000 as ms
         from order_events where order_id = $1`,
        [orderId],
      );
      expect(Number(waited?.["ms"])).toBeGreaterThan(SETTLE_MS);
      expect(platform.simulator.control.books(account.simAccountId).orders).toEqual([]);
      await expectNothingReserved(platform, account);
    });
  });

  test("about an exit that never arrived lets it go out again under another id, once", async () => {
    const account = await platform.openAccount("binance");
    const entry = await platform.placeAccepted(account);
    await platform.orderIn(entry, "FILLED");
    platform.simulator.control.setFault({
      kind: "drop-request",
      venue: "binance",
      apiKey: account.apiKey,
      callKind: "place",
      count: 1,
    });
    const exit = await platform.placeAccepted(account, { side: "SELL", isExit: true, quantity: "0.005" });
    const order = await platform.orderIn(exit, "FILLED");
    expect(order["attempt"]).toBe(2);
    expect(platform.simulator.control.books(account.simAccountId).orders).toHaveLength(2);
    await expectNothingReserved(platform, account);
  });
});
