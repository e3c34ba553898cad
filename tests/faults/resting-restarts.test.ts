import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { CrashPoint } from "#server/execution/crash-points.ts";
import { cancelTrigger } from "#server/services/triggers/cancel-trigger.ts";
import type { RunningWorker } from "#worker/start-worker.ts";
import { eventually } from "#tests/support/eventually.ts";
import { type FaultPlatform, startFaultPlatform } from "#tests/support/fault-platform.ts";
import { originsOf, PLENTY_OF_CALLS } from "#tests/support/platform.ts";
import { RestingWorld } from "#tests/support/resting-world.ts";
import { bootWorkerProcess, type WorkerProcess } from "#tests/support/worker-process.ts";

const LEASE_MS = 1_000;
const SETTLE_MS = 2_500;
const SETTINGS = { settleMs: SETTLE_MS, bookAgeMsMax: 60_000, restingTriggers: true } as const;
const STOP = 0.99;
const TARGET = 1.02;
const BELOW = 0.985;

/** Each point of a stop's way to its venue, and the one where the venue alone knows of it at all of them. */
const ON_THE_WAY = [
  { point: "submit:before-claim-commit", venue: "binance" },
  { point: "submit:after-claim-commit", venue: "kraken" },
  { point: "submit:after-send", venue: "binance" },
  { point: "submit:after-send", venue: "coinbase" },
  { point: "submit:after-send", venue: "kraken" },
  { point: "submit:after-send", venue: "alpaca" },
  { point: "submit:before-record-commit", venue: "coinbase" },
  { point: "submit:after-record-commit", venue: "kraken" },
] as const satisfies readonly { readonly point: CrashPoint; readonly venue: string }[];
const EVERYWHERE = ["binance", "coinbase", "kraken", "alpaca"] as const;

let platform: FaultPlatform;
/** Loads its code while the test before is still running. */
let next: WorkerProcess;
let dying: WorkerProcess | null = null;
let worker: RunningWorker | null = null;
/** Each knows where its market began. */
const worlds = new Map<string, RestingWorld>();

async function startWorker(): Promise<void> {
  worker = await platform.startWorker(SETTINGS, { feeds: false, leaseMs: LEASE_MS });
}

async function stopWorker(): Promise<void> {
  if (worker !== null) await platform.stopWorker(worker);
  worker = null;
}

async function startDying(crashPoint: CrashPoint): Promise<WorkerProcess> {
  dying = next;
  next = bootWorkerProcess();
  await dying.run({
    databaseUrl: platform.test.workerUrl,
    privateKeyFile: platform.privateKeyFile,
    endpoints: { origins: originsOf(platform.simulator) },
    budgets: PLENTY_OF_CALLS,
    settings: SETTINGS,
    leaseMs: LEASE_MS,
    crashPoint,
  });
  return dying;
}

/** A position of a new trader, bought by a worker that is there from then on. */
async function positionAt(venue: (typeof EVERYWHERE)[number]) {
  const world = worlds.get(venue) ?? new RestingWorld(platform, venue);
  worlds.set(venue, world);
  await startWorker();
  await world.open();
  return { world, held: await world.buy() };
}

beforeAll(async () => {
  next = bootWorkerProcess();
  platform = await startFaultPlatform();
});
beforeEach(() => platform.forgetFailures());
afterEach(async () => {
  dying?.kill();
  await stopWorker();
});
afterAll(async () => {
  next?.kill();
  await platform?.close();
});

describe("a worker that is killed", () => {
  test.each(ON_THE_WAY)(
    "at $point with a stop on its way to $venue: it rests there once, and sells once",
    async ({ point, venue }) => {
      const { world, held } = await positionAt(venue);
      await stopWorker();
      const victim = await startDying(point);
      const [stop] = await world.protect({ stopPrice: world.at(STOP) });
      expect(await victim.ended).toBe("SIGKILL");
      await startWorker();
      await world.rests(stop);
      expect(world.openAtVenue()).toHaveLength(1);
      world.jumpTo(BELOW);
      expect((await world.triggerIn(stop, "DONE"))["reason"]).toBe("SOLD");
      await world.expectSold(held);
    },
  );

  test.each(EVERYWHERE)(
    "with the stop's fills at %s not written: they count once, and the target beside it ends",
    async (venue) => {
      const { world, held } = await positionAt(venue);
      const [stop, target] = await world.protect({ stopPrice: world.at(STOP), takeProfitPrice: world.at(TARGET) });
      await world.rests(stop);
      await stopWorker();
      const victim = await startDying("fill:before-commit");
      world.jumpTo(BELOW);
      expect(await victim.ended).toBe("SIGKILL");
      await startWorker();
      expect((await world.triggerIn(stop, "DONE"))["reason"]).toBe("SOLD");
      expect((await world.triggerIn(target, "CANCELED"))["reason"]).toBe("OTHER_FIRED");
      await world.expectSold(held);
    },
  );

  test.each(EVERYWHERE)(
    "when it has taken a stop at %s back for an exit: the exit goes out once, of what is there",
    async (venue) => {
      const { world, held } = await positionAt(venue);
      const [stop] = await world.protect({ stopPrice: world.at(STOP) });
      await world.rests(stop);
      await stopWorker();
      const victim = await startDying("cancel:after-send");
      const exit = await world.sell(held.toFixed());
      expect(await victim.ended).toBe("SIGKILL");
      await startWorker();
      await platform.orderIn(exit, "FILLED");
      expect(await world.triggerIn(stop, "CANCELED")).toMatchObject({ reason: "POSITION_GONE" });
      await world.expectSold(held);
    },
  );
});

describe("while no worker runs", () => {
  test.each(EVERYWHERE)(
    "a stop at %s sells; the next worker books it, ends the target, and sells nothing more",
    async (venue) => {
      const { world, held } = await positionAt(venue);
      const [stop, target] = await world.protect({ stopPrice: world.at(STOP), takeProfitPrice: world.at(TARGET) });
      await world.rests(stop);
      await stopWorker();
      world.jumpTo(BELOW);
      await eventually(() => world.soldAtVenue().eq(held), { what: "the venue selling" });
      expect((await world.position()).toFixed()).toBe(held.toFixed());
      await startWorker();
      expect((await world.triggerIn(stop, "DONE"))["reason"]).toBe("SOLD");
      expect((await world.triggerIn(target, "CANCELED"))["reason"]).toBe("OTHER_FIRED");
      expect((await world.position()).toFixed()).toBe("0");
      await world.expectSold(held);
    },
  );

  test.each(EVERYWHERE)("a stop at %s that its owner removes is taken back by the next worker", async (venue) => {
    const { world } = await positionAt(venue);
    const [stop] = await world.protect({ stopPrice: world.at(STOP) });
    const order = await world.rests(stop);
    await stopWorker();
    await cancelTrigger(world.web, world.account.actor, { triggerId: stop ?? "" });
    expect(world.openAtVenue()).toHaveLength(1);
    await startWorker();
    await platform.orderIn(String(order["id"]), "CANCELED");
    expect(world.openAtVenue()).toEqual([]);
  });
});
