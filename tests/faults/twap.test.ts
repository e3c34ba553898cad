import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { PlaceIntentInput } from "#lib/contracts/trade.ts";
import { systemClock } from "#server/clock.ts";
import { createDatabase, type Database } from "#server/data/database.ts";
import { Decimal } from "#server/domain/decimal.ts";
import { previewRoute } from "#server/services/preview-route.ts";
import { cancelTwap, pauseTwap, resumeTwap } from "#server/services/twap/change-twap.ts";
import { getTwap, listTwaps } from "#server/services/twap/read-twaps.ts";
import { runTwap } from "#server/services/twap/run-twap.ts";
import type { RunningWorker } from "#worker/start-worker.ts";
import { eventually } from "#tests/support/eventually.ts";
import { type FaultAccount, type FaultPlatform, type Row, startFaultPlatform } from "#tests/support/fault-platform.ts";
import { expectLedgerMatches, expectNothingReserved } from "#tests/support/ledger-matches.ts";

let platform: FaultPlatform;
let worker: RunningWorker;
let account: FaultAccount;

/** Of the worker's role, which alone places slices. */
let steps: Database;

const web = () => ({ database: platform.web, clock: systemClock });
const OVER_AN_HOUR = { slices: 5, durationMs: 3_600_000 };

const ask = (intent: Partial<PlaceIntentInput>) =>
  platform.place(account.actor, { symbol: account.symbol, venueAccountId: account.venueAccountId, quantity: "0.05", ...intent });

/** Starts one, and asks again while the books are not there yet. */
async function start(durationMs = 1_500, intent: Partial<PlaceIntentInput> = {}): Promise<string> {
  const twapId = await eventually(async () => (await ask({ overTime: { slices: 5, durationMs }, ...intent })).twapId, {
    what: "an order over time being accepted",
  });
  return twapId;
}

const orders = (): Promise<Row[]> =>
  platform.query("select * from orders where venue_account_id = $1 order by created_at", [account.venueAccountId]);

async function twapIn(twapId: string, state: string): Promise<Row> {
  return eventually(
    async () => {
      const [row] = await platform.query("select * from twaps where id = $1", [twapId]);
      return row?.["state"] === state ? row : null;
    },
    { what: `the order over time being ${state}`, timeoutMs: 50_000 },
  );
}

async function filled(): Promise<string> {
  return (await orders()).reduce((sum, row) => sum.plus(String(row["filled_quantity"])), new Decimal(0)).toString();
}

async function told(): Promise<string[]> {
  const rows = await platform.query("select type from events where workspace_id = $1 and type like 'Twap%' order by seq", [
    account.actor.workspaceId,
  ]);
  return rows.map((row) => String(row["type"]));
}

const runStep = (twapId: string, run: number) =>
  runTwap({ database: steps, clock: systemClock }, { workspaceId: account.actor.workspaceId, twapId, run });

/** One step of its present run. */
async function step(twapId: string) {
  const [row] = await platform.query("select run from twaps where id = $1", [twapId]);
  return runStep(twapId, Number(row?.["run"]));
}

beforeAll(async () => {
  platform = await startFaultPlatform();
  steps = createDatabase({ url: platform.test.workerUrl, applicationName: "test-steps", connectionsMax: 4 });
  worker = await platform.startWorker({}, { feeds: false });
  // An intent that is denied keeps its denial, so nothing is asked before there is a price.
  await eventually(async () => (await platform.query("select 1 from market_books where venue = 'binance'")).length > 0);
});
beforeEach(async () => {
  account = await platform.openAccount("binance", undefined, "quote");
});
afterAll(async () => {
  await steps?.close();
  await platform?.close();
});

test("an order over time fills exactly its quantity, in more than one order, and tells every step", async () => {
  const twapId = await start();
  const done = await twapIn(twapId, "DONE");
  expect(new Decimal(String(done["filled"])).toString()).toBe("0.05");
  expect(await filled()).toBe("0.05");
  const placed = await orders();
  expect(placed.length).toBeGreaterThan(1);
  expect(await told()).toEqual(["TwapStarted", ...placed.map(() => "TwapSlicePlaced"), "TwapEnded"]);
  const { twap, orders: seen } = await getTwap(web(), account.actor, { twapId });
  expect(seen.map(({ id }) => id)).toEqual(placed.map((row) => row["id"]).toReversed());
  const quote = placed.reduce((sum, row) => sum.plus(String(row["filled_quote"])), new Decimal(0));
  expect(new Decimal(twap.averagePrice ?? 0).minus(quote.dividedBy("0.05")).abs().lt("0.000001")).toBe(true);
  expect(twap).toMatchObject({ state: "DONE", filled: "0.05", passed: 5, nextSliceAt: null, decidedBy: "USER" });
  await expectNothingReserved(platform, account);
  await expectLedgerMatches(platform, account);
});

test("the same intent again answers the same order over time, and starts nothing; with another schedule it is refused", async () => {
  const intentId = crypto.randomUUID();
  const twapId = await start(3_600_000, { intentId });
  expect(twapId).toBe(intentId);
  expect(await ask({ intentId, overTime: OVER_AN_HOUR })).toMatchObject({
    twapId,
    orderId: null,
    state: "ACCEPTED",
    repeated: true,
  });
  for (const overTime of [{ ...OVER_AN_HOUR, slices: 6 }, null, undefined]) {
    await expect(ask({ intentId, overTime })).rejects.toMatchObject({ code: "INTENT_CONFLICT" });
  }
  expect(await platform.query("select id from twaps where workspace_id = $1", [account.actor.workspaceId])).toHaveLength(1);
});

test("a step that runs three times at once places its slice once", async () => {
  await platform.stopWorker(worker);
  const twapId = await start(3_600_000);
  const answers = await Promise.all([step(twapId), step(twapId), step(twapId)]);
  for (const answer of answers) expect(answer?.repeatAfterMs).toBeGreaterThan(60_000);
  const slices = await platform.query("select attempt from twap_slices where twap_id = $1", [twapId]);
  expect(slices).toEqual([{ attempt: 1 }]);
  expect(await cancelTwap(web(), account.actor, { twapId })).toEqual({ state: "CANCELED" });
  expect(await cancelTwap(web(), account.actor, { twapId })).toEqual({ state: "CANCELED" });
  expect(await step(twapId)).toBeUndefined();
  expect(await told()).toEqual(["TwapStarted", "TwapSlicePlaced", "TwapEnded"]);
  worker = await platform.startWorker({}, { feeds: false });
  await eventually(async () => (await orders())[0]?.["state"] === "FILLED");
  expect(await filled()).toBe("0.01");
  const [twap] = await listTwaps(web(), account.actor);
  expect(twap, "a fill after the cancel counts too").toMatchObject({ id: twapId, state: "CANCELED", filled: "0.01" });
});

test("a worker that dies in between loses no slice and repeats none", async () => {
  const twapId = await start(4_000);
  await eventually(async () => (await orders()).length > 0);
  await platform.stopWorker(worker);
  worker = await platform.startWorker({}, { feeds: false });
  await twapIn(twapId, "DONE");
  expect(await filled()).toBe("0.05");
  await expectLedgerMatches(platform, account);
});

test("slices that are denied are caught up when they may be placed again, and a row of denials is told once", async () => {
  const set = (state: string) =>
    platform.query("update workspace_risk set trading_state = $2 where workspace_id = $1", [account.actor.workspaceId, state]);
  const twapId = await start(6_000);
  await set("REDUCING");
  await eventually(async () => {
    const denied = await platform.query("select denial from twap_slices where twap_id = $1 and denial is not null", [twapId]);
    return denied.length >= 2 && denied.every(({ denial }) => denial === "TRADING_REDUCING");
  });
  expect((await told()).filter((type) => type === "TwapSliceDenied")).toHaveLength(1);
  await set("ACTIVE");
  await twapIn(twapId, "DONE");
  expect(await filled()).toBe("0.05");
});

test("slices below the venue's minimum, and what the workspace may not buy at all, are denied at the start", async () => {
  await start(3_600_000);
  const before = await platform.query("select count(*)::int as n from twaps");
  expect(await ask({ quantity: "0.001", overTime: { slices: 500, durationMs: 600_000 } })).toMatchObject({
    state: "DENIED",
    denialCode: "SLICE_BELOW_MINIMUM",
    twapId: null,
  });
  expect((await ask({ quantity: "9999", overTime: OVER_AN_HOUR })).denialCode).toMatch(/^(LIMIT_|BALANCE_)/);
  expect(await platform.query("select count(*)::int as n from twaps")).toEqual(before);
});

describe("a pause", () => {
  test("places nothing, moves the end by as long as it took, and then goes on to the whole quantity", async () => {
    const twapId = await start(3_600_000);
    await eventually(async () => (await orders()).length > 0);
    expect(await pauseTwap(web(), account.actor, { twapId })).toEqual({ state: "PAUSED" });
    expect(await pauseTwap(web(), account.actor, { twapId }), "a repeat changes nothing").toEqual({ state: "PAUSED" });
    const [paused] = await listTwaps(web(), account.actor);
    expect(paused).toMatchObject({ state: "PAUSED", nextSliceAt: null });
    const count = (await platform.query("select attempt from twap_slices where twap_id = $1", [twapId])).length;
    expect(await step(twapId)).toBeUndefined();
    expect(await platform.query("select attempt from twap_slices where twap_id = $1", [twapId])).toHaveLength(count);
    // As if it had been paused for an hour, a second before its end.
    await platform.query(
      `update twaps set paused_at = now() - interval '1 hour', starts_at = now() - interval '2 hours', ends_at = now() - interval '59 minutes 59 seconds'
       where id = $1`,
      [twapId],
    );
    const resumedAt = Date.now();
    expect(await resumeTwap(web(), account.actor, { twapId })).toEqual({ state: "ACTIVE" });
    const [resumed] = await listTwaps(web(), account.actor);
    expect(Date.parse(resumed?.endsAt ?? ""), "the hour is not missed").toBeGreaterThan(resumedAt);
    await twapIn(twapId, "DONE");
    expect(await filled()).toBe("0.05");
    const changes = (await told()).filter((type) => type !== "TwapSlicePlaced");
    expect(changes).toEqual(["TwapStarted", "TwapPaused", "TwapResumed", "TwapEnded"]);
  });

  test("leaves no work behind: only the last run of several resumptions places slices", async () => {
    await platform.stopWorker(worker);
    const twapId = await start(3_600_000);
    for (let times = 0; times < 3; times += 1) {
      await pauseTwap(web(), account.actor, { twapId });
      await resumeTwap(web(), account.actor, { twapId });
    }
    for (const run of [0, 1, 2]) expect(await runStep(twapId, run)).toBeUndefined();
    expect((await step(twapId))?.repeatAfterMs).toBeGreaterThan(1_000);
    expect(await platform.query("select attempt from twap_slices where twap_id = $1", [twapId])).toHaveLength(1);
    await cancelTwap(web(), account.actor, { twapId });
    expect(await resumeTwap(web(), account.actor, { twapId }), "what is over stays over").toEqual({ state: "CANCELED" });
    worker = await platform.startWorker({}, { feeds: false });
  });
});

describe("a large market entry", () => {
  const limit = (usd: string) =>
    platform.query("update workspace_risk set over_time_usd_min = $2 where workspace_id = $1", [account.actor.workspaceId, usd]);

  test("is worked off over time although nobody asked for it, by the version of the rule that is stored with it", async () => {
    await limit("100");
    const { workspaceId } = account.actor;
    const { symbol, venueAccountId } = account;
    const terms = { workspaceId, symbol, venueAccountId, side: "BUY", type: "MARKET", limitPrice: null, isExit: false } as const;
    const told = await previewRoute(web(), account.actor, { ...terms, quantity: "0.05" });
    expect(told.rule).toEqual({ aboveUsd: "100", slices: told.overTime?.slices, durationMs: told.overTime?.durationMs });
    const even = new Decimal("0.05").dividedBy(told.overTime?.slices ?? 1);
    expect(told.overTime?.decidedBy).toBe("RULE");
    expect(
      even
        .minus(told.overTime?.sliceQuantity ?? 0)
        .abs()
        .lt("0.00001"),
      "the route is that of one slice",
    ).toBe(true);
    const atOnce = await previewRoute(web(), account.actor, { ...terms, quantity: "0.05", overTime: null });
    expect([atOnce.overTime, atOnce.rule]).toEqual([null, told.rule]);
    const placed = await eventually(async () => {
      const answer = await ask({ quantity: "0.05" });
      return answer.state === "ACCEPTED" ? answer : null;
    });
    expect(placed).toMatchObject({ orderId: null, twapId: placed.intentId });
    const [row] = await platform.query("select decided_by, rule_version, slices, quantity from twaps where id = $1", [
      placed.twapId,
    ]);
    expect(row).toMatchObject({ decided_by: "RULE", rule_version: 1 });
    expect(Number(row?.["slices"])).toBeGreaterThanOrEqual(12);
    await eventually(async () => (await orders()).length > 0);
    await cancelTwap(web(), account.actor, { twapId: placed.twapId ?? "" });
  });

  test("goes at once when that is asked for, and so do limit orders, exits, and whatever is not above the limit", async () => {
    await platform.placeAccepted(account, { quantity: "0.02" });
    await eventually(async () => (await filled()) === "0.02");
    await limit("100");
    const terms = { type: "LIMIT", timeInForce: "IOC", limitPrice: platform.restingPrice(account) } as const;
    const price = new Decimal(terms.limitPrice);
    const small = new Decimal(90).dividedBy(price).toDecimalPlaces(4, Decimal.ROUND_DOWN).toFixed();
    for (const intent of [
      { overTime: null },
      { ...terms },
      { isExit: true, side: "SELL", quantity: "0.02" },
      { quantity: small },
      { bracket: { stopPrice: price.times("0.9").toFixed(0), trailBps: null, takeProfitPrice: null } },
    ] as const) {
      const answer = await ask(intent);
      expect(answer, JSON.stringify(intent)).toMatchObject({ state: "ACCEPTED", twapId: null });
      expect(answer.orderId).not.toBeNull();
    }
    expect(await platform.query("select id from twaps where workspace_id = $1", [account.actor.workspaceId])).toEqual([]);
  });
});
