import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { VENUE_IDS } from "#server/domain/venue.ts";
import { CRASH_POINTS, type CrashPoint } from "#server/execution/crash-points.ts";
import type { SimVenueId } from "#simulator/engine/types.ts";
import type { RunningWorker } from "#worker/start-worker.ts";
import { eventually } from "#tests/support/eventually.ts";
import { type FaultAccount, type FaultPlatform, startFaultPlatform } from "#tests/support/fault-platform.ts";
import { expectLedgerMatches, expectNothingReserved } from "#tests/support/ledger-matches.ts";
import { originsOf, PLENTY_OF_CALLS } from "#tests/support/platform.ts";
import { bootWorkerProcess, type WorkerProcess } from "#tests/support/worker-process.ts";

const LEASE_MS = 1_000;
const SETTLE_MS = 2_500;

/** Every point at two venues; at the others where their answers differ most: after the call, and at the one without fills around the record. */
const POINTS = CRASH_POINTS.filter((point) => !point.startsWith("replace:"));
const CASES: readonly { readonly point: CrashPoint; readonly venue: SimVenueId }[] = [
  ...POINTS.flatMap((point) => (["binance", "kraken"] as const).map((venue) => ({ point, venue }))),
  ...(["coinbase", "okx", "bybit", "kucoin", "gate", "alpaca"] as const).map(
    (venue) => ({ point: "submit:after-send", venue }) as const,
  ),
  { point: "fill:before-commit", venue: "coinbase" },
];

let platform: FaultPlatform;
/** Loads its code while the test before is still running. */
let next: WorkerProcess;
let dying: WorkerProcess | null = null;
let rescuer: RunningWorker | null = null;

async function inProcessWorker(): Promise<RunningWorker> {
  return platform.startWorker({ settleMs: SETTLE_MS }, { feeds: false, leaseMs: LEASE_MS });
}

/** One per test, connected by a worker that is gone again. */
const unused = new Map<SimVenueId, FaultAccount[]>();
const MORE = { okx: 1, bybit: 1, kucoin: 1, gate: 1, alpaca: 1 } as const;
const ACCOUNTS = { binance: POINTS.length + 1, kraken: POINTS.length + 1, coinbase: 3, ...MORE } as const;

async function openAccounts(): Promise<void> {
  const worker = await inProcessWorker();
  for (const venue of VENUE_IDS) {
    unused.set(venue, await Promise.all(Array.from({ length: ACCOUNTS[venue] }, () => platform.openAccount(venue))));
  }
  await platform.stopWorker(worker);
}

function takeAccount(venue: SimVenueId): FaultAccount {
  const account = unused.get(venue)?.pop();
  if (account === undefined) throw new Error(`no unused account at ${venue}`);
  return account;
}

async function startDying(crashPoint: string): Promise<WorkerProcess> {
  dying = next;
  next = bootWorkerProcess();
  await dying.run({
    databaseUrl: platform.test.workerUrl,
    privateKeyFile: platform.privateKeyFile,
    endpoints: { origins: originsOf(platform.simulator) },
    budgets: PLENTY_OF_CALLS,
    settings: { settleMs: SETTLE_MS, bookAgeMsMax: 60_000 },
    leaseMs: LEASE_MS,
    crashPoint,
  });
  return dying;
}

beforeAll(async () => {
  next = bootWorkerProcess();
  platform = await startFaultPlatform();
  await openAccounts();
});
afterEach(async () => {
  dying?.kill();
  if (rescuer !== null) await platform.stopWorker(rescuer);
  rescuer = null;
  platform.simulator.control.clearFaults();
});
afterAll(async () => {
  next?.kill();
  await platform?.close();
});

describe("a worker that is killed", () => {
  test.each(CASES.filter(({ point }) => point.startsWith("submit:after-claim")))(
    "at $point at $venue has sent nothing: the entry is proven never placed and its reserve released",
    async ({ point, venue }) => {
      const account = takeAccount(venue);
      const worker = await startDying(point);
      const orderId = await platform.placeAccepted(account);
      expect(await worker.ended).toBe("SIGKILL");
      expect((await platform.order(orderId))["state"]).toBe("SUBMITTING");
      rescuer = await inProcessWorker();
      const order = await platform.orderIn(orderId, "DENIED");
      expect(order["reason_code"]).toBe("ORDER_NEVER_PLACED");
      expect(platform.simulator.control.books(account.simAccountId).orders).toEqual([]);
      await expectNothingReserved(platform, account);
      await expectLedgerMatches(platform, account);
    },
  );

  test.each(CASES.filter(({ point }) => !point.startsWith("submit:after-claim") && !point.startsWith("cancel:")))(
    "at $point at $venue leaves one order at the venue and one set of fills in the ledger",
    async ({ point, venue }) => {
      const account = takeAccount(venue);
      const worker = await startDying(point);
      const orderId = await platform.placeAccepted(account);
      expect(await worker.ended).toBe("SIGKILL");
      rescuer = await inProcessWorker();
      await platform.orderIn(orderId, "FILLED");
      await platform.expectOneOrderBooked(account, orderId);
      expect((await platform.order(orderId))["attempt"]).toBe(1);
    },
  );

  test.each(CASES.filter(({ point }) => point.startsWith("cancel:")))(
    "at $point at $venue leaves the order canceled, and its reserve released",
    async ({ point, venue }) => {
      const account = takeAccount(venue);
      const worker = await startDying(point);
      const limitPrice = platform.restingPrice(account);
      const orderId = await platform.placeAccepted(account, { type: "LIMIT", timeInForce: "GTC", limitPrice });
      await platform.orderIn(orderId, "NEW");
      await platform.cancel(account, orderId);
      expect(await worker.ended).toBe("SIGKILL");
      rescuer = await inProcessWorker();
      await platform.orderIn(orderId, "CANCELED");
      await platform.expectOneOrderBooked(account, orderId);
    },
  );

  test("at submit:after-claim-commit of an exit lets the exit go out under another id, once", async () => {
    const entryWorker = await inProcessWorker();
    const account = await platform.openAccount("binance");
    const entry = await platform.placeAccepted(account);
    await platform.orderIn(entry, "FILLED");
    await platform.stopWorker(entryWorker);
    const worker = await startDying("submit:after-claim-commit");
    const exit = await platform.placeAccepted(account, { side: "SELL", isExit: true, quantity: "0.005" });
    expect(await worker.ended).toBe("SIGKILL");
    rescuer = await inProcessWorker();
    const order = await platform.orderIn(exit, "FILLED");
    expect(order["attempt"]).toBe(2);
    expect(platform.simulator.control.books(account.simAccountId).orders).toHaveLength(2);
    await expectNothingReserved(platform, account);
    await expectLedgerMatches(platform, account);
  });

  test.each([{ venue: "binance" }, { venue: "coinbase" }, { venue: "kraken" }] as const)(
    "between send and record at $venue leaves one order at the venue and one fill set in the ledger after the restart",
    async ({ venue }) => {
      const account = takeAccount(venue);
      const { control } = platform.simulator;
      // The venue has the order and holds its answer back; the worker waits for it when the signal comes.
      control.setFault({ kind: "latency", venue, apiKey: account.apiKey, callKind: "place", ms: 60_000, when: "after" });
      const worker = await startDying("");
      const orderId = await platform.placeAccepted(account);
      await eventually(() => control.books(account.simAccountId).orders.length === 1);
      worker.kill();
      expect(await worker.ended).toBe("SIGKILL");
      expect((await platform.order(orderId))["state"]).toBe("SUBMITTING");
      control.clearFaults();
      rescuer = await inProcessWorker();
      await platform.orderIn(orderId, "FILLED");
      await platform.expectOneOrderBooked(account, orderId);
    },
  );
});
