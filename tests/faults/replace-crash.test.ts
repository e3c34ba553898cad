import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { CRASH_POINTS, type CrashPoint } from "#server/execution/crash-points.ts";
import { REPLACES_IN_PLACE } from "#server/domain/venue.ts";
import { eventually } from "#tests/support/eventually.ts";
import { type FaultAccount, type FaultPlatform, startFaultPlatform } from "#tests/support/fault-platform.ts";
import { originsOf, PLENTY_OF_CALLS } from "#tests/support/platform.ts";
import {
  atVenue,
  change,
  countLive,
  expectAllBooked,
  fillPart,
  nearby,
  onlyOpenOrder,
  QUANTITY,
  replacementRow,
  rest,
  settled,
} from "#tests/support/replacing.ts";
import { bootWorkerProcess, type WorkerProcess } from "#tests/support/worker-process.ts";
import type { RunningWorker } from "#worker/start-worker.ts";

const LEASE_MS = 1_000;
const SETTLE_MS = 2_500;
/** One that changes orders in place, and one where another order takes over. */
const VENUES = ["kraken", "binance"] as const;
const POINTS = CRASH_POINTS.filter((point) => point.startsWith("replace:"));
const CASES = POINTS.flatMap((point) => VENUES.map((venue) => ({ point, venue })));
/** Nothing has left the process there. */
const UNSENT: readonly CrashPoint[] = ["replace:before-claim-commit", "replace:after-claim-commit"];

let platform: FaultPlatform;
/** Loads its code while the test before is still running. */
let next: WorkerProcess;
let dying: WorkerProcess | null = null;
let rescuer: RunningWorker | null = null;

const inProcessWorker = (): Promise<RunningWorker> =>
  platform.startWorker({ settleMs: SETTLE_MS }, { feeds: false, leaseMs: LEASE_MS });

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
  platform = await startFaultPlatform(...VENUES);
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

/** An account with a resting order of which a part is filled, left by a worker that is gone again. */
async function leaveResting(venue: (typeof VENUES)[number]): Promise<Awaited<ReturnType<typeof rest>>> {
  const worker = await inProcessWorker();
  const account: FaultAccount = await platform.openAccount(venue);
  const resting = await rest(platform, account);
  fillPart(platform, resting, "0.004");
  await platform.orderIn(resting.orderId, "PARTIALLY_FILLED");
  await platform.stopWorker(worker);
  return resting;
}

describe("a worker that is killed", () => {
  test.each(CASES)(
    "at $point at $venue leaves one order, of terms that are certain, and each fill booked once",
    async ({ point, venue }) => {
      const resting = await leaveResting(venue);
      const { account } = resting;
      const live = countLive(platform, account);
      const worker = await startDying(point);
      const price = nearby(resting.limitPrice);
      const asked = await change(platform, resting, "0.02", price);
      expect(await worker.ended).toBe("SIGKILL");
      rescuer = await inProcessWorker();
      // In place, nobody can tell that nothing was sent, so it is not sent again: the venue is given its time to show the change.
      const isLost = REPLACES_IN_PLACE[venue] && point === "replace:after-claim-commit";
      await settled(platform, asked, isLost ? "REFUSED" : "DONE");
      const open = await onlyOpenOrder(platform, account);
      const left = Number(open["quantity"]) - Number(open["filled_quantity"]);
      expect([left.toFixed(6), Number(open["limit_price"])]).toEqual(
        isLost ? ["0.006000", Number(resting.limitPrice)] : ["0.016000", Number(price)],
      );
      expect(live.most()).toBe(1);
      expect(atVenue(platform, account)).toHaveLength(REPLACES_IN_PLACE[venue] ? 1 : 2);
      await expectAllBooked(platform, account);
    },
  );

  test.each(CASES.filter(({ point }) => UNSENT.includes(point)))(
    "at $point at $venue has asked the venue for nothing, and the intended terms are kept",
    async ({ point, venue }) => {
      const resting = await leaveResting(venue);
      const worker = await startDying(point);
      const asked = await change(platform, resting, "0.02", nearby(resting.limitPrice));
      expect(await worker.ended).toBe("SIGKILL");
      expect(atVenue(platform, resting.account)).toEqual([`${QUANTITY} ${resting.limitPrice} 0.004 open`]);
      const row = await replacementRow(platform, asked.replacementId);
      expect([row["state"], Number(row["quantity"])]).toEqual([point === "replace:after-claim-commit" ? "SENT" : "ASKED", 0.02]);
      expect((await platform.order(resting.orderId))["state"]).toBe("PENDING_REPLACE");
      rescuer = await inProcessWorker();
      await settled(platform, asked, "(DONE|REFUSED)");
      await expectAllBooked(platform, resting.account);
    },
  );

  test.each(VENUES.map((venue) => ({ venue })))(
    "while the venue holds its answer back at $venue leaves one order with the new terms",
    async ({ venue }) => {
      const resting = await leaveResting(venue);
      const { account } = resting;
      const { control } = platform.simulator;
      const live = countLive(platform, account);
      const callKind = REPLACES_IN_PLACE[venue] ? "replace" : "cancel";
      const { id } = control.setFault({ kind: "latency", venue, apiKey: account.apiKey, callKind, ms: 60_000, when: "after" });
      const worker = await startDying("");
      const asked = await change(platform, resting, "0.02", nearby(resting.limitPrice));
      await eventually(() => platform.hits(id) === 1);
      worker.kill();
      expect(await worker.ended).toBe("SIGKILL");
      control.clearFaults();
      rescuer = await inProcessWorker();
      await settled(platform, asked, "DONE");
      await onlyOpenOrder(platform, account);
      expect(live.most()).toBe(1);
      await expectAllBooked(platform, account);
    },
  );
});
