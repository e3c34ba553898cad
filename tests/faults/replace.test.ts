import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { REPLACES_IN_PLACE } from "#server/domain/venue.ts";
import { eventually } from "#tests/support/eventually.ts";
import { FAULT_VENUES, type FaultAccount, type FaultPlatform, startFaultPlatform } from "#tests/support/fault-platform.ts";
import {
  atVenue,
  change,
  countLive,
  expectAllBooked,
  fillPart,
  nearby,
  onlyOpenOrder,
  QUANTITY,
  reserveOf,
  rest,
  settled,
} from "#tests/support/replacing.ts";

const SETTLE_MS = 2_000;
const PART = "0.004";

let platform: FaultPlatform;

beforeAll(async () => {
  platform = await startFaultPlatform();
  await platform.startWorker({ settleMs: SETTLE_MS }, { feeds: false, venueCallMs: 3_000 });
});
beforeEach(() => platform.forgetFailures());
afterAll(() => platform?.close());

/** The usual change is made at every venue; what can go wrong, where the answers to it differ most. */
const VENUES = FAULT_VENUES.filter(({ venue }) => ["binance", "coinbase", "kraken", "bybit", "alpaca"].includes(venue));
const AMENDING = VENUES.filter(({ venue }) => REPLACES_IN_PLACE[venue]);
const RENEWING = VENUES.filter(({ venue }) => !REPLACES_IN_PLACE[venue]);
/** The call by which a venue carries out a change. */
const callKind = ({ venue }: FaultAccount): "replace" | "cancel" => (REPLACES_IN_PLACE[venue] ? "replace" : "cancel");

/** Counts, at the venue, the calls that change or end an order from now on. */
function countCalls(account: FaultAccount): () => number {
  const { venue, apiKey } = account;
  const { id } = platform.simulator.control.setFault({ kind: "latency", venue, apiKey, callKind: callKind(account), ms: 0 });
  return () => platform.hits(id);
}

/** The venue carries it out a second after it was asked, and something happens in between. */
async function slowChange(
  account: FaultAccount,
  during: (limitPrice: string) => void,
): Promise<Awaited<ReturnType<typeof change>> & { readonly price: string }> {
  const resting = await rest(platform, account);
  const { venue, apiKey } = account;
  const { control } = platform.simulator;
  const { id } = control.setFault({ kind: "latency", venue, apiKey, callKind: callKind(account), ms: 1_000, count: 1 });
  const asked = await change(platform, resting, "0.02", nearby(resting.limitPrice));
  await eventually(() => platform.hits(id) === 1);
  during(resting.limitPrice);
  return { ...asked, price: resting.limitPrice };
}

describe("a change of price and quantity", () => {
  describe.concurrent.each(FAULT_VENUES)("at $venue", ({ venue }) => {
    test.sequential("leaves one order with the new terms, never two live, and the reserve that they need", async () => {
      const account = await platform.openAccount(venue);
      const resting = await rest(platform, account);
      const before = await reserveOf(platform, resting.orderId);
      const live = countLive(platform, account);
      const price = nearby(resting.limitPrice);
      const done = await settled(platform, await change(platform, resting, "0.02", price), "DONE");
      const open = await onlyOpenOrder(platform, account);
      expect([Number(open["quantity"]), Number(open["limit_price"])]).toEqual([0.02, Number(price)]);
      expect(open["id"]).toBe(done["new_order_id"] ?? resting.orderId);
      expect(Number(open["reserve_left"])).toBeCloseTo((before / 0.01 / Number(resting.limitPrice)) * 0.02 * Number(price), 8);
      expect(atVenue(platform, account).at(-1)).toBe(`0.02 ${price} 0 open`);
      expect(live.most()).toBe(1);
      await expectAllBooked(platform, account);
    });
  });
});

describe("a change", () => {
  describe.concurrent.each(VENUES)("at $venue", ({ venue }) => {
    test.sequential("of an order with fills counts them", async () => {
      const account = await platform.openAccount(venue);
      const resting = await rest(platform, account);
      fillPart(platform, resting, PART);
      await platform.orderIn(resting.orderId, "PARTIALLY_FILLED");
      const live = countLive(platform, account);
      const price = nearby(resting.limitPrice);
      await settled(platform, await change(platform, resting, "0.02", price), "DONE");
      await onlyOpenOrder(platform, account);
      expect(atVenue(platform, account)).toEqual(
        REPLACES_IN_PLACE[venue]
          ? [`0.02 ${price} 0.004 open`]
          : [`0.01 ${resting.limitPrice} 0.004 canceled`, `0.016 ${price} 0 open`],
      );
      expect(live.most()).toBe(1);
      await expectAllBooked(platform, account);
    });

    test.sequential("to a price that takes at once ends filled, booked once", async () => {
      const account = await platform.openAccount(venue);
      const resting = await rest(platform, account);
      const done = await settled(platform, await change(platform, resting, QUANTITY, nearby(resting.limitPrice, "3000")), "DONE");
      await platform.orderIn(String(done["new_order_id"] ?? resting.orderId), "FILLED");
      await expectAllBooked(platform, account);
    });

    test.sequential("of a sell sets aside what the larger one needs, and gives it back", async () => {
      const account = await platform.openAccount(venue);
      const resting = await rest(platform, account, "SELL");
      await settled(platform, await change(platform, resting, "0.03", nearby(resting.limitPrice, "50")), "DONE");
      const larger = await onlyOpenOrder(platform, account);
      expect(Number(larger["reserve_left"])).toBe(0.03);
      const smaller = { account, orderId: String(larger["id"]) };
      await settled(platform, await change(platform, smaller, "0.005", nearby(resting.limitPrice, "50")), "DONE");
      expect(Number((await onlyOpenOrder(platform, account))["reserve_left"])).toBe(0.005);
      await expectAllBooked(platform, account);
    });

    test.sequential("whose answer is lost is looked up, not sent again, and ends with one order of the new terms", async () => {
      const account = await platform.openAccount(venue);
      const resting = await rest(platform, account);
      const calls = countCalls(account);
      const live = countLive(platform, account);
      const { apiKey } = account;
      platform.simulator.control.setFault({ kind: "drop-response", venue, apiKey, callKind: callKind(account), count: 1 });
      const price = nearby(resting.limitPrice);
      await settled(platform, await change(platform, resting, "0.02", price), "DONE");
      await onlyOpenOrder(platform, account);
      expect(calls()).toBe(1);
      expect(atVenue(platform, account).at(-1)).toBe(`0.02 ${price} 0 open`);
      expect(live.most()).toBe(1);
      await expectAllBooked(platform, account);
    });

    test.sequential("that the venue refuses leaves the order as it was", async () => {
      const account = await platform.openAccount(venue);
      const resting = await rest(platform, account);
      const before = await reserveOf(platform, resting.orderId);
      const { apiKey } = account;
      const reason = REPLACES_IN_PLACE[venue] ? "insufficient-funds" : "not-permitted";
      const { control } = platform.simulator;
      const fault = control.setFault({ kind: "refuse", venue, apiKey, callKind: callKind(account), reason });
      await settled(platform, await change(platform, resting, "0.02", nearby(resting.limitPrice)), "REFUSED");
      control.clearFaults(fault.id);
      const order = await platform.orderIn(resting.orderId, "NEW");
      expect([Number(order["quantity"]), Number(order["limit_price"])]).toEqual([0.01, Number(resting.limitPrice)]);
      expect(Number(order["reserve_left"])).toBe(before);
      expect(atVenue(platform, account)).toEqual([`0.01 ${resting.limitPrice} 0 open`]);
      await expectAllBooked(platform, account);
    });

    test.sequential("of a filled order is refused, and nothing is sent", async () => {
      const account = await platform.openAccount(venue);
      const resting = await rest(platform, account);
      const calls = countCalls(account);
      platform.cross(account, resting.limitPrice);
      await platform.orderIn(resting.orderId, "FILLED");
      await expect(change(platform, resting, "0.02", resting.limitPrice)).rejects.toMatchObject({
        code: "ORDER_NOT_REPLACEABLE",
      });
      expect(calls()).toBe(0);
      await expectAllBooked(platform, account);
    });

    test.sequential("that meets a fill changes nothing about the fill: filled, booked once, nothing sent", async () => {
      const account = await platform.openAccount(venue);
      const asked = await slowChange(account, (price) => platform.cross(account, price));
      const row = await settled(platform, asked, "(DROPPED|REFUSED)");
      const order = await platform.orderIn(String(row["order_id"]), "FILLED");
      expect([Number(order["quantity"]), Number(order["filled_quantity"])]).toEqual([0.01, 0.01]);
      expect(atVenue(platform, account)).toEqual([`0.01 ${asked.price} 0.01 filled`]);
      await expectAllBooked(platform, account);
    });

    test.sequential("that meets a part of a fill keeps the part, and only what is left works under the new terms", async () => {
      const account = await platform.openAccount(venue);
      const live = countLive(platform, account);
      const asked = await slowChange(account, (limitPrice) => fillPart(platform, { account, orderId: "", limitPrice }, PART));
      await settled(platform, asked, "DONE");
      const open = await onlyOpenOrder(platform, account);
      expect(Number(open["quantity"]) - Number(open["filled_quantity"])).toBeCloseTo(0.016, 12);
      expect(live.most()).toBe(1);
      await expectAllBooked(platform, account);
    });

    test.sequential("that a cancel overtakes ends with the order, and none takes over", async () => {
      const account = await platform.openAccount(venue);
      const resting = await rest(platform, account);
      const { control } = platform.simulator;
      const { apiKey } = account;
      const { id } = control.setFault({ kind: "latency", venue, apiKey, callKind: callKind(account), ms: 1_000, count: 1 });
      const asked = await change(platform, resting, "0.02", nearby(resting.limitPrice));
      await eventually(() => platform.hits(id) === 1);
      expect(await platform.cancel(account, resting.orderId)).toBe("PENDING_CANCEL");
      await platform.orderIn(resting.orderId, "CANCELED");
      await settled(platform, asked, "(DROPPED|REFUSED|DONE)");
      expect(control.books(account.simAccountId).orders.map(({ status }) => status)).toEqual(["canceled"]);
      await expectAllBooked(platform, account);
    });
  });
});

describe("a change in place", () => {
  describe.concurrent.each(AMENDING)("at $venue", ({ venue }) => {
    test.sequential("keeps the order's ids and is one request", async () => {
      const account = await platform.openAccount(venue);
      const resting = await rest(platform, account);
      const calls = countCalls(account);
      const { venue_order_id: venueOrderId, client_order_id: clientOrderId } = await platform.order(resting.orderId);
      await settled(platform, await change(platform, resting, QUANTITY, nearby(resting.limitPrice)), "DONE");
      const order = await platform.orderIn(resting.orderId, "NEW");
      expect([order["venue_order_id"], order["client_order_id"]]).toEqual([venueOrderId, clientOrderId]);
      expect(calls()).toBe(1);
      await expectAllBooked(platform, account);
    });

    test.sequential("that never arrived is given up once the venue had its time: the order is as it was", async () => {
      const account = await platform.openAccount(venue);
      const resting = await rest(platform, account);
      const calls = countCalls(account);
      const before = await reserveOf(platform, resting.orderId);
      const { apiKey } = account;
      platform.simulator.control.setFault({ kind: "drop-request", venue, apiKey, callKind: "replace", count: 1 });
      const asked = await change(platform, resting, "0.02", nearby(resting.limitPrice));
      await platform.orderIn(resting.orderId, "PENDING_REPLACE");
      expect(await reserveOf(platform, resting.orderId)).toBeGreaterThan(before);
      expect((await settled(platform, asked, "REFUSED"))["code"]).toBe("REPLACE_NOT_CARRIED_OUT");
      const order = await platform.orderIn(resting.orderId, "NEW");
      expect([Number(order["quantity"]), Number(order["limit_price"])]).toEqual([0.01, Number(resting.limitPrice)]);
      expect(Number(order["reserve_left"])).toBe(before);
      expect(calls()).toBe(1);
      await expectAllBooked(platform, account);
    });

    test.sequential("of an unknown outcome does not hold up a cancel", async () => {
      const account = await platform.openAccount(venue);
      const resting = await rest(platform, account);
      const calls = countCalls(account);
      const { apiKey } = account;
      platform.simulator.control.setFault({ kind: "drop-request", venue, apiKey, callKind: "replace", count: 1 });
      const asked = await change(platform, resting, "0.02", nearby(resting.limitPrice));
      await eventually(() => calls() === 1);
      await platform.cancel(account, resting.orderId);
      await platform.orderIn(resting.orderId, "CANCELED");
      await settled(platform, asked, "DROPPED");
      await expectAllBooked(platform, account);
    });
  });
});

describe("a change by which another order takes over", () => {
  describe.concurrent.each(RENEWING)("at $venue", ({ venue }) => {
    test.sequential("that trading is halted during ends with the order, and nothing takes over", async () => {
      const account = await platform.openAccount(venue);
      const resting = await rest(platform, account);
      const { apiKey } = account;
      const fault = { kind: "latency", venue, apiKey, callKind: "cancel", ms: 1_000, count: 1 } as const;
      const { id } = platform.simulator.control.setFault(fault);
      const asked = await change(platform, resting, "0.02", nearby(resting.limitPrice));
      await eventually(() => platform.hits(id) === 1);
      await platform.query("update workspace_risk set trading_state = 'HALTED' where workspace_id = $1", [
        account.actor.workspaceId,
      ]);
      expect((await settled(platform, asked, "DROPPED"))["code"]).toBe("TRADING_HALTED");
      await platform.orderIn(resting.orderId, "CANCELED");
      expect(atVenue(platform, account)).toEqual([`0.01 ${resting.limitPrice} 0 canceled`]);
      await expectAllBooked(platform, account);
    });

    test.sequential("whose cancel never arrived goes on with another cancel, and only then places", async () => {
      const account = await platform.openAccount(venue);
      const resting = await rest(platform, account);
      const live = countLive(platform, account);
      const { apiKey } = account;
      platform.simulator.control.setFault({ kind: "drop-request", venue, apiKey, callKind: "cancel", count: 1 });
      await settled(platform, await change(platform, resting, "0.02", nearby(resting.limitPrice)), "DONE");
      await onlyOpenOrder(platform, account);
      expect(live.most()).toBe(1);
      await expectAllBooked(platform, account);
    });

    test.sequential("whose fills the venue reports late places nothing before they are counted", async () => {
      const account = await platform.openAccount(venue);
      const resting = await rest(platform, account);
      platform.simulator.control.setFault({ kind: "late-fills", venue, apiKey: account.apiKey, ms: 3_000 });
      fillPart(platform, resting, PART);
      const asked = await change(platform, resting, QUANTITY, nearby(resting.limitPrice));
      await settled(platform, asked, "DONE");
      await onlyOpenOrder(platform, account);
      expect(atVenue(platform, account)[1]).toBe(`0.006 ${nearby(resting.limitPrice)} 0 open`);
      await expectAllBooked(platform, account);
    });
  });
});
