import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { RunningWorker } from "#worker/start-worker.ts";
import { eventually } from "#tests/support/eventually.ts";
import { type FaultAccount, type FaultPlatform, startFaultPlatform } from "#tests/support/fault-platform.ts";
import { expectLedgerMatches, expectNothingReserved } from "#tests/support/ledger-matches.ts";

/** A worker that holds accounts and does nothing. */
const STRANGER = "00000000-0000-4000-8000-000000000001";

let platform: FaultPlatform;
let worker: RunningWorker;
let account: FaultAccount;

async function setState(scope: string, state: string): Promise<void> {
  if (scope === "workspace") {
    await platform.query("update workspace_risk set trading_state = $2 where workspace_id = $1", [
      account.actor.workspaceId,
      state,
    ]);
    return;
  }
  await platform.query(
    "insert into trading_states (scope, state, reason) values ($1, $2, 'test') on conflict (scope) do update set state = excluded.state",
    [scope, state],
  );
}

/** Everything but the last step: the order is routed, and its account is in somebody else's hands. */
async function routeAndHold(intent: Parameters<FaultPlatform["placeAccepted"]>[1] = {}): Promise<string> {
  await holdUntil("now() + interval '10 minutes'");
  const orderId = await platform.placeAccepted(account, intent);
  await eventually(async () => (await platform.order(orderId))["venue_account_id"] !== null);
  return orderId;
}

/** `until` is SQL. */
async function holdUntil(until: string): Promise<void> {
  await platform.query(
    `update lane_leases set holder = '${STRANGER}', token = token + 1, lease_until = ${until} where venue_account_id = $1`,
    [account.venueAccountId],
  );
}

async function expectNeverSent(orderId: string, code: string): Promise<void> {
  const order = await platform.orderIn(orderId, "DENIED");
  expect(order["reason_code"]).toBe(code);
  expect(order["client_order_id"]).toBeNull();
  expect(platform.simulator.control.books(account.simAccountId).orders).toEqual([]);
  await expectNothingReserved(platform, account);
  await expectLedgerMatches(platform, account);
}

beforeAll(async () => {
  platform = await startFaultPlatform("binance");
  worker = await platform.startWorker({}, { feeds: false });
});
beforeEach(async () => {
  account = await platform.openAccount("binance");
});
afterAll(() => platform?.close());

describe("an order that was accepted and not yet sent", () => {
  test.each([
    { scope: "workspace", state: "HALTED", code: "TRADING_HALTED" },
    { scope: "workspace", state: "REDUCING", code: "TRADING_REDUCING" },
    { scope: "platform", state: "HALTED", code: "TRADING_HALTED" },
    { scope: "platform", state: "REDUCING", code: "TRADING_REDUCING" },
    { scope: "venue:binance", state: "HALTED", code: "TRADING_HALTED" },
    { scope: "venue:binance", state: "REDUCING", code: "TRADING_REDUCING" },
  ])("is denied with $code when $scope goes to $state, and its reserve is released", async ({ scope, state, code }) => {
    const orderId = await routeAndHold();
    await setState(scope, state);
    await holdUntil("now()");
    await expectNeverSent(orderId, code);
    await setState(scope, "ACTIVE");
  });

  test("is denied when its account is switched off meanwhile, and its reserve is released", async () => {
    const orderId = await routeAndHold();
    await platform.query("update venue_accounts set status = 'DISABLED' where id = $1", [account.venueAccountId]);
    await holdUntil("now()");
    await expectNeverSent(orderId, "ACCOUNT_DISABLED");
  });

  test("is denied before it is even routed when trading is halted by then", async () => {
    await platform.stopWorker(worker);
    const orderId = await platform.placeAccepted(account);
    await setState("workspace", "HALTED");
    worker = await platform.startWorker({}, { feeds: false });
    await expectNeverSent(orderId, "ROUTE_NONE_AVAILABLE");
  });

  test("goes out all the same under REDUCING when it is an exit", async () => {
    await platform.orderIn(await platform.placeAccepted(account), "FILLED");
    const exit = await routeAndHold({ side: "SELL", isExit: true, quantity: "0.005" });
    await setState("workspace", "REDUCING");
    await holdUntil("now()");
    await platform.orderIn(exit, "FILLED");
    await expectNothingReserved(platform, account);
    await expectLedgerMatches(platform, account);
  });
});
