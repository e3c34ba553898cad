import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { eventually } from "#tests/support/eventually.ts";
import { FAULT_VENUES, type FaultAccount, type FaultPlatform, startFaultPlatform } from "#tests/support/fault-platform.ts";

const PART = "0.004";

let platform: FaultPlatform;

beforeAll(async () => {
  platform = await startFaultPlatform();
  await platform.startWorker({ settleMs: 600_000 }, { feeds: false, venueCallMs: 3_000 });
});
beforeEach(() => platform.forgetFailures());
afterAll(() => platform?.close());

interface Resting {
  readonly account: FaultAccount;
  readonly orderId: string;
  readonly limitPrice: string;
}

async function rest(venue: FaultAccount["venue"]): Promise<Resting> {
  const account = await platform.openAccount(venue);
  const limitPrice = platform.restingPrice(account);
  const orderId = await platform.placeAccepted(account, { type: "LIMIT", timeInForce: "GTC", limitPrice });
  await platform.orderIn(orderId, "NEW");
  return { account, orderId, limitPrice };
}

/** Somebody else sells exactly this much to the resting order. */
function fillPart({ account, limitPrice }: Resting): void {
  const { control } = platform.simulator;
  const { venue, symbol } = account;
  const other = control.createAccount({ venue, balances: { BTC: "1" } });
  control.setMarket({ venue, symbol, liquidity: 0 });
  control.placeByHand({
    account: other.id,
    symbol,
    side: "sell",
    type: "limit",
    amount: PART,
    price: limitPrice,
    timeInForce: "IOC",
  });
  control.setMarket({ venue, symbol, liquidity: 1 });
}

describe("a cancel", () => {
  describe.concurrent.each(FAULT_VENUES)("at $venue", ({ venue }) => {
    test.sequential("of a resting order ends it and gives its reserve back", async () => {
      const { account, orderId } = await rest(venue);
      expect(await platform.cancel(account, orderId)).toBe("PENDING_CANCEL");
      await platform.orderIn(orderId, "CANCELED");
      expect(platform.simulator.control.books(account.simAccountId).orders[0]?.status).toBe("canceled");
      await platform.expectOneOrderBooked(account, orderId);
    });

    test.sequential("asked for while the order is on its way goes out once the venue has taken it", async () => {
      const account = await platform.openAccount(venue);
      const limitPrice = platform.restingPrice(account);
      const { control } = platform.simulator;
      const { id } = control.setFault({
        kind: "latency",
        venue,
        apiKey: account.apiKey,
        callKind: "place",
        ms: 1_000,
        count: 1,
      });
      const orderId = await platform.placeAccepted(account, { type: "LIMIT", timeInForce: "GTC", limitPrice });
      await eventually(() => platform.hits(id) === 1);
      await platform.cancel(account, orderId);
      await platform.orderIn(orderId, "CANCELED");
      expect(control.books(account.simAccountId).orders[0]?.status).toBe("canceled");
      await platform.expectOneOrderBooked(account, orderId);
    });

    test.sequential("that meets a fill changes nothing about the fill: filled, booked once", async () => {
      const { account, orderId, limitPrice } = await rest(venue);
      const { control } = platform.simulator;
      const { id } = control.setFault({
        kind: "latency",
        venue,
        apiKey: account.apiKey,
        callKind: "cancel",
        ms: 1_000,
        count: 1,
      });
      await platform.cancel(account, orderId);
      await eventually(() => platform.hits(id) === 1);
      platform.cross(account, limitPrice);
      await platform.orderIn(orderId, "FILLED");
      await platform.expectOneOrderBooked(account, orderId);
    });

    test.sequential("that meets a part of a fill cancels the rest and keeps the part", async () => {
      const resting = await rest(venue);
      const { account, orderId } = resting;
      const { control } = platform.simulator;
      const { id } = control.setFault({
        kind: "latency",
        venue,
        apiKey: account.apiKey,
        callKind: "cancel",
        ms: 1_000,
        count: 1,
      });
      await platform.cancel(account, orderId);
      await eventually(() => platform.hits(id) === 1);
      fillPart(resting);
      const order = await platform.orderIn(orderId, "CANCELED");
      expect(Number(order["filled_quantity"])).toBe(Number(PART));
      await platform.expectOneOrderBooked(account, orderId);
    });

    test.sequential("closes nothing before the late fills are booked", async () => {
      const resting = await rest(venue);
      const { account, orderId } = resting;
      const { control } = platform.simulator;
      control.setFault({ kind: "late-fills", venue, apiKey: account.apiKey, ms: 3_000 });
      fillPart(resting);
      await platform.cancel(account, orderId);
      await eventually(() => control.books(account.simAccountId).orders[0]?.status === "canceled");
      const order = await platform.orderIn(orderId, "CANCELED");
      expect(Number(order["filled_quantity"])).toBe(Number(PART));
      await platform.expectOneOrderBooked(account, orderId);
    });

    test.sequential("whose answer is lost is looked up and ends the order", async () => {
      const { account, orderId } = await rest(venue);
      platform.simulator.control.setFault({ kind: "drop-response", venue, apiKey: account.apiKey, callKind: "cancel" });
      await platform.cancel(account, orderId);
      await platform.orderIn(orderId, "CANCELED");
      await platform.expectOneOrderBooked(account, orderId);
    });

    test.sequential("that the venue does not answer is asked for again until it is done", async () => {
      const { account, orderId } = await rest(venue);
      const { apiKey } = account;
      const { id } = platform.simulator.control.setFault({
        kind: "status",
        venue,
        apiKey,
        callKind: "cancel",
        status: 503,
        count: 2,
      });
      await platform.cancel(account, orderId);
      await platform.orderIn(orderId, "CANCELED");
      expect(platform.hits(id)).toBe(2);
      await platform.expectOneOrderBooked(account, orderId);
    });

    test.sequential("of an order with an unknown outcome is kept, and done when it is found live", async () => {
      const account = await platform.openAccount(venue);
      const { control } = platform.simulator;
      const { apiKey } = account;
      const lost = control.setFault({ kind: "drop-response", venue, apiKey, callKind: "place" });
      const blind = control.setFault({ kind: "drop-request", venue, apiKey, callKind: "query" });
      const limitPrice = platform.restingPrice(account);
      const orderId = await platform.placeAccepted(account, { type: "LIMIT", timeInForce: "GTC", limitPrice });
      await platform.orderIn(orderId, "UNKNOWN");
      expect(await platform.cancel(account, orderId)).toBe("UNKNOWN");
      control.clearFaults(lost.id);
      control.clearFaults(blind.id);
      await platform.orderIn(orderId, "CANCELED");
      expect(control.books(account.simAccountId).orders[0]?.status).toBe("canceled");
      await platform.expectOneOrderBooked(account, orderId);
    });
  });
});

describe("a fill", () => {
  describe.concurrent.each(FAULT_VENUES)("at $venue", ({ venue }) => {
    test.sequential("that the venue reports three times counts once", async () => {
      const account = await platform.openAccount(venue);
      platform.simulator.control.setFault({ kind: "duplicate-fills", venue, apiKey: account.apiKey, copies: 3 });
      const orderId = await platform.placeAccepted(account);
      await platform.orderIn(orderId, "FILLED");
      await platform.expectOneOrderBooked(account, orderId);
    });
  });
});
