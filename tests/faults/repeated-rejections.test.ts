import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { RunningWorker } from "#worker/start-worker.ts";
import { type FaultAccount, type FaultPlatform, type Row, startFaultPlatform } from "#tests/support/fault-platform.ts";
import { releaseLanes, routeAndHold } from "#tests/support/hold-lane.ts";
import { expectNothingReserved } from "#tests/support/ledger-matches.ts";

let platform: FaultPlatform;
let worker: RunningWorker;
let account: FaultAccount;

beforeAll(async () => {
  platform = await startFaultPlatform("binance");
  worker = await platform.startWorker({}, { feeds: false });
});
beforeEach(async () => {
  platform.simulator.control.clearFaults();
  account = await platform.openAccount("binance");
});
afterAll(() => platform?.close());

type Intent = Parameters<FaultPlatform["placeAccepted"]>[1];

function refuse(reason: "amount-step" | "insufficient-funds"): string {
  const { apiKey } = account;
  return platform.simulator.control.setFault({ kind: "refuse", reason, venue: "binance", apiKey, callKind: "place" }).id;
}

async function place(intent: Intent, ...states: readonly string[]): Promise<Row> {
  return platform.orderIn(await platform.placeAccepted(account, intent), ...states);
}

async function rejectThree(intent: Intent = {}): Promise<string> {
  const fault = refuse("amount-step");
  for (let index = 0; index < 3; index += 1) await place(intent, "REJECTED");
  return fault;
}

/** As if the minute were over. */
async function endWait(): Promise<void> {
  await platform.query("update rejection_streaks set next_probe_at = now() - interval '1 second' where venue_account_id = $1", [
    account.venueAccountId,
  ]);
}

/** Held back as soon as it is asked for: no order, nothing reserved. */
async function expectHeldBack(intent: Intent = {}): Promise<void> {
  const { actor, symbol, venueAccountId } = account;
  expect(await platform.place(actor, { symbol, venueAccountId, ...intent })).toMatchObject({
    state: "DENIED",
    denialCode: "REJECTED_REPEATEDLY",
    denialDetails: { reason: "INVALID_ORDER" },
  });
  await expectNothingReserved(platform, account);
}

describe("the same refusal three times in a row", () => {
  test("stops that kind in that market, raises one alarm, and changes neither side nor size", async () => {
    const fault = await rejectThree();
    await expectHeldBack();
    await expectHeldBack();
    expect(platform.hits(fault)).toBe(3);
    const alarms = await platform.query("select data from events where type = 'OrdersHeldBack' and workspace_id = $1", [
      account.actor.workspaceId,
    ]);
    expect(alarms.map(({ data }) => data)).toMatchObject([
      { venueAccountId: account.venueAccountId, symbol: "BTC/USDT", side: "BUY", isExit: false, code: "INVALID_ORDER", count: 3 },
    ]);
    const asked = await platform.query(
      "select distinct side, trim_scale(quantity)::text as quantity from orders where workspace_id = $1",
      [account.actor.workspaceId],
    );
    expect(asked).toEqual([{ side: "BUY", quantity: "0.01" }]);
  });

  test("stops neither the other side, nor another market, nor another account", async () => {
    const fault = await rejectThree();
    platform.simulator.control.clearFaults(fault);
    await place({ side: "SELL" }, "FILLED");
    const other = await platform.openAccount("binance");
    await platform.orderIn(await platform.placeAccepted(other), "FILLED");
    await expectHeldBack();
  });

  test("is remembered over a restart", async () => {
    const fault = await rejectThree();
    await platform.stopWorker(worker);
    worker = await platform.startWorker({}, { feeds: false });
    await expectHeldBack();
    expect(platform.hits(fault)).toBe(3);
  });

  test("lets one probe a minute through, and the venue's yes ends it", async () => {
    const fault = await rejectThree();
    await endWait();
    await place({}, "REJECTED");
    await expectHeldBack();
    expect(platform.hits(fault)).toBe(4);
    platform.simulator.control.clearFaults(fault);
    await expectHeldBack();
    await endWait();
    await place({}, "FILLED");
    await place({}, "FILLED");
    expect(await platform.query("select * from rejection_streaks where venue_account_id = $1", [account.venueAccountId])).toEqual(
      [],
    );
  });

  test("lets one of two orders that were routed before be the probe, and denies the other by its own code", async () => {
    const fault = await rejectThree();
    await endWait();
    const first = await routeAndHold(platform, account);
    const second = await routeAndHold(platform, account);
    await releaseLanes(platform, account.venueAccountId);
    const orders = await Promise.all([first, second].map((orderId) => platform.orderIn(orderId, "REJECTED", "DENIED")));
    expect(orders.map((order) => String(order["reason_code"])).sort()).toEqual(["INVALID_ORDER", "REJECTED_REPEATEDLY"]);
    expect(platform.hits(fault)).toBe(4);
  });

  test("is not three when another reason or a success lies between", async () => {
    for (const reason of ["amount-step", "amount-step", "insufficient-funds", "amount-step"] as const) {
      const fault = refuse(reason);
      await place({}, "REJECTED");
      platform.simulator.control.clearFaults(fault);
    }
    await place({}, "FILLED");
    const fault = refuse("amount-step");
    await place({}, "REJECTED");
    await place({}, "REJECTED");
    platform.simulator.control.clearFaults(fault);
    await place({}, "FILLED");
    expect(
      await platform.query("select 1 from events where type = 'OrdersHeldBack' and workspace_id = $1", [
        account.actor.workspaceId,
      ]),
    ).toEqual([]);
  });
});
