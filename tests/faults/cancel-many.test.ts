import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "#server/clock.ts";
import { killWorkspace } from "#server/services/trading/set-workspace-state.ts";
import type { RunningWorker } from "#worker/start-worker.ts";
import { eventually } from "#tests/support/eventually.ts";
import { type FaultAccount, type FaultPlatform, startFaultPlatform } from "#tests/support/fault-platform.ts";
import { expectLedgerMatches, expectNothingReserved } from "#tests/support/ledger-matches.ts";
import { originsOf, PLENTY_OF_CALLS } from "#tests/support/platform.ts";
import { bootWorkerProcess, type WorkerProcess } from "#tests/support/worker-process.ts";

const LEASE_MS = 1_000;
const SETTLE_MS = 2_500;
const RESTING = 3;

let platform: FaultPlatform;
let dying: WorkerProcess;
let worker: RunningWorker | null = null;

async function startWorker(): Promise<void> {
  worker = await platform.startWorker({ settleMs: SETTLE_MS }, { feeds: false, leaseMs: LEASE_MS });
}
async function stopWorker(): Promise<void> {
  if (worker !== null) await platform.stopWorker(worker);
  worker = null;
}

beforeAll(async () => {
  dying = bootWorkerProcess();
  platform = await startFaultPlatform("binance", "kraken");
});
afterEach(async () => {
  await stopWorker();
  platform.simulator.control.clearFaults();
});
afterAll(async () => {
  dying?.kill();
  await platform?.close();
});

const kill = ({ actor }: FaultAccount) =>
  killWorkspace({ database: platform.web, clock: systemClock }, actor, { closePositions: false, reason: "test" });

async function restMany(account: FaultAccount): Promise<readonly string[]> {
  const limitPrice = platform.restingPrice(account);
  const intent = { type: "LIMIT", timeInForce: "GTC", limitPrice } as const;
  const orderIds: string[] = [];
  for (let count = 0; count < RESTING; count += 1) orderIds.push(await platform.placeAccepted(account, intent));
  for (const orderId of orderIds) await platform.orderIn(orderId, "NEW");
  return orderIds;
}

/** An order that the owner made by hand; nobody here may touch it. */
function placeByHand({ venue, symbol, simAccountId }: FaultAccount): string {
  const by = { account: simAccountId, symbol, side: "buy", type: "limit", amount: "0.01", price: "10000" } as const;
  return platform.simulator.control.placeByHand({ ...by, price: venue === "kraken" ? "10000" : "10001" }).order.id;
}

async function expectAllCanceled(account: FaultAccount, orderIds: readonly string[], byHand: string): Promise<void> {
  for (const orderId of orderIds) await platform.orderIn(orderId, "CANCELED");
  const { orders } = platform.simulator.control.books(account.simAccountId);
  expect(orders.filter(({ status }) => status === "open").map(({ id }) => id)).toEqual([byHand]);
  expect(orders.length).toBe(orderIds.length + 1);
  await expectNothingReserved(platform, account);
}

describe("a kill switch over many orders of one account", () => {
  test.each([
    { venue: "kraken", path: "/0/private/CancelOrder", calls: 1 },
    { venue: "binance", path: "/api/v3/order", calls: RESTING },
  ] as const)("asks $venue in $calls cancels, and leaves what was made by hand", async ({ venue, path, calls }) => {
    await startWorker();
    const account = await platform.openAccount(venue);
    const orderIds = await restMany(account);
    const byHand = placeByHand(account);
    const { control } = platform.simulator;
    const said = control.setFault({ kind: "latency", venue, apiKey: account.apiKey, path, callKind: "cancel", ms: 0 });
    await kill(account);
    await expectAllCanceled(account, orderIds, byHand);
    expect(platform.hits(said.id)).toBe(calls);
    await expectLedgerMatches(platform, account);
  });

  test("finds all canceled after the answer to the list was lost, and tells the breaker of one failure", async () => {
    await startWorker();
    const account = await platform.openAccount("kraken");
    const orderIds = await restMany(account);
    const byHand = placeByHand(account);
    const { control } = platform.simulator;
    control.setFault({ kind: "drop-response", venue: "kraken", apiKey: account.apiKey, callKind: "cancel", count: 1 });
    await kill(account);
    await expectAllCanceled(account, orderIds, byHand);
    const failures = await platform.query(
      "select 1 from venue_calls where venue_account_id = $1 and kind = 'cancel' and outcome = 'unknown'",
      [account.venueAccountId],
    );
    expect(failures).toHaveLength(1);
  });

  test("goes on after the worker is killed between the list and the looks, and nothing is sent again", async () => {
    await startWorker();
    const account = await platform.openAccount("kraken");
    const orderIds = await restMany(account);
    const byHand = placeByHand(account);
    await stopWorker();
    await dying.run({
      databaseUrl: platform.test.workerUrl,
      privateKeyFile: platform.privateKeyFile,
      endpoints: { origins: originsOf(platform.simulator) },
      budgets: PLENTY_OF_CALLS,
      settings: { settleMs: SETTLE_MS, bookAgeMsMax: 60_000 },
      leaseMs: LEASE_MS,
      crashPoint: "cancel:after-send",
    });
    await kill(account);
    expect(await dying.ended).toBe("SIGKILL");
    await eventually(async () => (await platform.order(orderIds[0] ?? ""))["state"] === "PENDING_CANCEL");
    await startWorker();
    await expectAllCanceled(account, orderIds, byHand);
    await expectLedgerMatches(platform, account);
  });
});
