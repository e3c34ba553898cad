import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { RunningWorker } from "#worker/start-worker.ts";
import { type FaultAccount, type FaultPlatform, type Row, startFaultPlatform } from "#tests/support/fault-platform.ts";
import { releaseLanes, routeAndHold } from "#tests/support/hold-lane.ts";
import { expectNothingReserved } from "#tests/support/ledger-matches.ts";

const FAILURES = 5;

let platform: FaultPlatform;
let worker: RunningWorker;
/** The one whose calls fail, and somebody else. */
let failing: FaultAccount;
let other: FaultAccount;

beforeAll(async () => {
  platform = await startFaultPlatform("binance");
  worker = await platform.startWorker({}, { feeds: false });
});
beforeEach(async () => {
  platform.simulator.control.clearFaults();
  // Each test begins with a venue of which nothing is known.
  await platform.query("delete from venue_calls");
  await platform.query("delete from venue_breakers");
  [failing, other] = [await platform.openAccount("binance"), await platform.openAccount("binance")];
});
afterAll(() => platform?.close());

async function venueBreaker(): Promise<Row | undefined> {
  return (await platform.query("select * from venue_breakers where mode = 'PAPER' and venue = 'binance'"))[0];
}

async function accountBreaker({ venueAccountId }: FaultAccount): Promise<Row | undefined> {
  return (await platform.query("select * from account_breakers where venue_account_id = $1", [venueAccountId]))[0];
}

/** Calls whose answers are lost: each order is there and found, and the venue has failed once more. */
async function loseAnswers(account: FaultAccount, count: number): Promise<void> {
  const { control } = platform.simulator;
  const lost = { kind: "status", status: 503, when: "after", venue: "binance", callKind: "place", count: 1 } as const;
  for (let index = 0; index < count; index += 1) {
    control.setFault({ ...lost, apiKey: account.apiKey });
    await platform.orderIn(await platform.placeAccepted(account), "FILLED");
  }
}

async function openVenue(): Promise<void> {
  await loseAnswers(failing, FAILURES);
  expect(await venueBreaker()).toMatchObject({ state: "OPEN", opens: 1 });
}

/** As if the rest were over. */
async function endRest(): Promise<void> {
  await platform.query("update venue_breakers set rest_until = now() - interval '1 second'");
  await platform.query("update account_breakers set rest_until = now() - interval '1 second' where state = 'OPEN'");
}

async function expectRested(account: FaultAccount): Promise<void> {
  const orderId = await platform.placeAccepted(account);
  const order = await platform.orderIn(orderId, "DENIED");
  expect(String(order["reason_detail"])).toMatch(/rested/);
  expect(order["client_order_id"]).toBeNull();
  expect(platform.simulator.control.books(account.simAccountId).orders).toEqual([]);
  await expectNothingReserved(platform, account);
}

describe("a venue that fails five times in a row", () => {
  test("is rested for everybody, and whose call it was is told so", async () => {
    await loseAnswers(failing, FAILURES - 1);
    expect(await venueBreaker()).toBeUndefined();
    await loseAnswers(failing, 1);
    const [rest] = await platform.query(
      "select state, extract(epoch from rest_until - opened_at) as seconds from venue_breakers where venue = 'binance'",
    );
    expect(rest?.["state"]).toBe("OPEN");
    expect(Math.round(Number(rest?.["seconds"]))).toBe(30);
    await expectRested(other);
    const told = await platform.query("select data from events where type = 'BreakerOpened' and workspace_id = $1 order by seq", [
      failing.actor.workspaceId,
    ]);
    expect(told.map(({ data }) => (data as { scope: string }).scope).sort()).toEqual(["account", "venue"]);
  });

  test("is not rested for one account's failures while another's calls go through, and is once those fail too", async () => {
    await platform.orderIn(await platform.placeAccepted(other), "FILLED");
    await loseAnswers(failing, FAILURES);
    expect(await accountBreaker(failing)).toMatchObject({ state: "OPEN" });
    expect(await venueBreaker()).toBeUndefined();
    await platform.orderIn(await platform.placeAccepted(other), "FILLED");
    await loseAnswers(other, FAILURES - 1);
    const third = await platform.openAccount("binance");
    await loseAnswers(third, 1);
    expect(await venueBreaker()).toMatchObject({ state: "OPEN", opens: 1 });
  });

  test("a breaker that opened stays open over a restart", async () => {
    await openVenue();
    await platform.stopWorker(worker);
    worker = await platform.startWorker({}, { feeds: false });
    await expectRested(other);
  });

  test("does not rest the same venue for live money", async () => {
    await openVenue();
    expect(await platform.query("select mode from venue_breakers")).toEqual([{ mode: "PAPER" }]);
  });

  test("still gets exits and cancels", async () => {
    const limitPrice = platform.restingPrice(failing);
    const resting = await platform.placeAccepted(failing, { type: "LIMIT", timeInForce: "GTC", limitPrice });
    await platform.orderIn(resting, "NEW");
    await openVenue();
    await platform.cancel(failing, resting);
    await platform.orderIn(resting, "CANCELED");
    const exit = await platform.placeAccepted(failing, { side: "SELL", isExit: true, quantity: "0.02" });
    await platform.orderIn(exit, "FILLED");
    expect(await venueBreaker()).toMatchObject({ state: "OPEN", opens: 1 });
  });

  test("holds back an entry that was routed before it failed", async () => {
    const routed = await routeAndHold(platform, other);
    await openVenue();
    await releaseLanes(platform, other.venueAccountId);
    const order = await platform.orderIn(routed, "DENIED");
    expect(order["reason_code"]).toBe("BREAKER_OPEN");
    expect(platform.simulator.control.books(other.simAccountId).orders).toEqual([]);
  });
});

describe("after its rest", () => {
  test("after 30 s one probe goes out, and only one, of entries that all want to go at the same moment", async () => {
    await openVenue();
    await endRest();
    const accounts = [other, await platform.openAccount("binance"), await platform.openAccount("binance")];
    const orders = await Promise.all(accounts.map((account) => routeAndHold(platform, account)));
    // It takes its time and then fails: whenever the others come, they find it out or the breaker open again.
    const { control } = platform.simulator;
    control.setFault({ kind: "latency", venue: "binance", callKind: "place", ms: 500 });
    const { id } = control.setFault({ kind: "status", status: 503, venue: "binance", callKind: "place" });
    await releaseLanes(platform, ...accounts.map(({ venueAccountId }) => venueAccountId));
    const ended = await Promise.all(orders.map((orderId) => platform.orderIn(orderId, "UNKNOWN", "DENIED")));
    expect(ended.map((order) => String(order["state"])).sort()).toEqual(["DENIED", "DENIED", "UNKNOWN"]);
    expect(platform.hits(id)).toBe(1);
    expect(await venueBreaker()).toMatchObject({ state: "OPEN", opens: 2 });
  });

  test("no entry is routed to it while a probe is out, and the success of one lets everybody in again", async () => {
    await openVenue();
    await endRest();
    await platform.query(
      "update venue_breakers set probe_order_id = gen_random_uuid(), probe_until = now() + interval '10 minutes' where venue = 'binance'",
    );
    await expectRested(other);
    await platform.query("update venue_breakers set probe_until = now() - interval '1 second' where venue = 'binance'");
    await platform.orderIn(await platform.placeAccepted(other), "FILLED");
    expect(await venueBreaker()).toMatchObject({ state: "CLOSED", opens: 0, probe_order_id: null });
    await platform.orderIn(await platform.placeAccepted(other), "FILLED");
    expect(
      await platform.query("select 1 from events where type = 'BreakerClosed' and workspace_id = $1", [other.actor.workspaceId]),
    ).toHaveLength(1);
  });

  test("a probe that fails rests it twice as long, and the old failures do not count once it has closed", async () => {
    await openVenue();
    await endRest();
    await loseAnswers(other, 1);
    const [rest] = await platform.query(
      "select state, opens, extract(epoch from rest_until - opened_at) as seconds from venue_breakers where venue = 'binance'",
    );
    expect(rest).toMatchObject({ state: "OPEN", opens: 2 });
    expect(Math.round(Number(rest?.["seconds"]))).toBe(60);
    await endRest();
    await platform.orderIn(await platform.placeAccepted(other), "FILLED");
    expect(await venueBreaker()).toMatchObject({ state: "CLOSED", opens: 0 });
    await loseAnswers(other, FAILURES - 1);
    expect(await venueBreaker()).toMatchObject({ state: "CLOSED" });
  });
});

describe("an account whose key is refused", () => {
  test("is rested alone after five refusals in a row, and its venue is not", async () => {
    platform.simulator.control.setFault({
      kind: "refuse",
      reason: "not-permitted",
      venue: "binance",
      apiKey: failing.apiKey,
      callKind: "place",
    });
    const kinds = [{}, {}, { side: "SELL" }, { side: "SELL" }, { symbol: "ETH/USDT", quantity: "0.05" }] as const;
    for (const kind of kinds) {
      const order = await platform.orderIn(await platform.placeAccepted(failing, kind), "REJECTED");
      expect(order["reason_code"]).toBe("NOT_PERMITTED");
    }
    expect(await accountBreaker(failing)).toMatchObject({ state: "OPEN", opens: 1 });
    expect(await venueBreaker()).toBeUndefined();
    await expectRested(failing);
    await platform.orderIn(await platform.placeAccepted(other), "FILLED");
  });

  test("is not rested for what the venue refuses for the user's own reasons", async () => {
    platform.simulator.control.setFault({
      kind: "refuse",
      reason: "insufficient-funds",
      venue: "binance",
      apiKey: failing.apiKey,
    });
    for (const kind of [{}, {}, { side: "SELL" }, { side: "SELL" }, { symbol: "ETH/USDT", quantity: "0.05" }] as const) {
      await platform.orderIn(await platform.placeAccepted(failing, kind), "REJECTED");
    }
    expect(await accountBreaker(failing)).toBeUndefined();
    expect(await venueBreaker()).toBeUndefined();
  });
});
