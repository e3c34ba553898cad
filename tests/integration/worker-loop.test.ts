import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { createDatabase, type Database } from "#server/data/database.ts";
import { assertLane } from "#server/jobs/assert-lane.ts";
import { enqueue, enqueueNamed, type NewJob } from "#server/jobs/enqueue.ts";
import { awayFromPlace } from "#server/jobs/job-places.ts";
import type { JobHandler } from "#server/jobs/run-job.ts";
import { ParkJob } from "#server/jobs/run-job.ts";
import { createWorkerLoop, type WorkerLoop, type WorkerLoopOptions } from "#server/jobs/worker-loop.ts";
import { createTestDatabase, type TestDatabase } from "#tests/support/database.ts";
import { eventually } from "#tests/support/eventually.ts";
import { createVenueAccount, createWorkspace, openOwner } from "#tests/support/fixtures.ts";

let database: TestDatabase;
let owner: Awaited<ReturnType<typeof openOwner>>;
let worker: Database;
let workspaceId: string;
let lane: string;
const loops: WorkerLoop[] = [];
const databases: Database[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  owner = await openOwner(database.ownerUrl);
  worker = createDatabase({ url: database.workerUrl, applicationName: "test-worker", connectionsMax: 8 });
  ({ workspaceId } = await createWorkspace(owner.query));
  lane = (await createVenueAccount(owner.query, workspaceId)).venueAccountId;
});

beforeEach(async () => {
  await owner.query("delete from jobs");
  await owner.query("update lane_leases set holder = null, lease_until = null");
});

afterEach(async () => {
  await Promise.all(loops.splice(0).map((loop) => loop.stop(0)));
  await Promise.all(databases.splice(0).map((one) => one.close()));
});

afterAll(async () => {
  await worker?.close();
  await owner?.end();
  await database?.drop();
});

const add = (changes: Partial<NewJob> = {}): Promise<{ id: string }> =>
  worker.platform((tx) => enqueueNamed(tx, { kind: "test", workspaceId, priority: 5, payload: {}, ...changes }));

async function startLoop(
  handler: JobHandler,
  changes: Partial<WorkerLoopOptions> = {},
): Promise<WorkerLoop & { workerId: string }> {
  const workerId = randomUUID();
  const loop = createWorkerLoop({ database: worker, workerId, handlers: { test: handler }, pollMs: 50, ...changes });
  loops.push(loop);
  await loop.start();
  return { ...loop, workerId };
}

const stateOf = async (id: string): Promise<unknown> =>
  (await owner.query("select state from jobs where id = $1", [id]))[0]?.["state"];

test("a committed job wakes the worker by notification, not by the poll", async () => {
  // The poll comes an hour later, so only the notification can be what wakes it.
  await startLoop(async () => undefined, { pollMs: 3_600_000 });
  const { id } = await add();
  await eventually(async () => (await stateOf(id)) === "DONE");
});

test("work of a worker that vanished is done by another, once its leases have ended", async () => {
  const holders: string[] = [];
  const aborted: unknown[] = [];
  const never: JobHandler = (_job, { workerId, signal }) => {
    holders.push(workerId);
    return new Promise((_resolve, reject) => {
      signal.addEventListener("abort", () => {
        aborted.push(signal.reason);
        reject(signal.reason as Error);
      });
    });
  };
  const lost = createDatabase({ url: database.workerUrl, applicationName: "test-vanishing", connectionsMax: 4 });
  databases.push(lost);
  const victim = await startLoop(never, { database: lost, leaseMs: 1_000 });
  const { id } = await add({ lane });
  await eventually(() => holders.length === 1);
  // From now on its connections are cut as fast as it makes them: it can neither renew nor finish nor claim.
  let isCut = true;
  const cutting = (async () => {
    while (isCut)
      await owner.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'test-vanishing'");
  })();
  try {
    const heir = await startLoop(async (_job, context) => void holders.push(context.workerId), { leaseMs: 1_000 });
    const looker = await openOwner(database.ownerUrl);
    await eventually(async () => (await looker.query("select state from jobs where id = $1", [id]))[0]?.["state"] === "DONE");
    await looker.end();
    expect(holders).toEqual([victim.workerId, heir.workerId]);
    await eventually(() => aborted.length === 1);
  } finally {
    isCut = false;
    await cutting;
  }
});

test("a job that waits for somebody outside leaves its place to others, and has it back afterwards", async () => {
  const done: string[] = [];
  let answer: () => void = () => undefined;
  const outside = new Promise<void>((resolve) => {
    answer = resolve;
  });
  await startLoop(
    async (job) => {
      const { what } = job.payload as { what: string };
      if (what === "call") await awayFromPlace(() => outside);
      done.push(what);
    },
    { concurrency: 1 },
  );
  const calls = [await add({ payload: { what: "call" } }), await add({ payload: { what: "call" } })];
  const { id } = await add({ payload: { what: "work" } });
  await eventually(async () => (await stateOf(id)) === "DONE");
  for (const call of calls) expect(await stateOf(call.id)).toBe("RUNNING");
  answer();
  for (const call of calls) await eventually(async () => (await stateOf(call.id)) === "DONE");
  expect(done).toEqual(["work", "call", "call"]);
});

test("one workspace's jobs take no more than its share of the places, and all of them get done", async () => {
  const { workspaceId: other } = await createWorkspace(owner.query);
  let [atWork, mostAtWork] = [0, 0];
  let go: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    go = resolve;
  });
  await startLoop(
    async (job) => {
      if (job.workspaceId !== workspaceId) return;
      atWork += 1;
      mostAtWork = Math.max(mostAtWork, atWork);
      await gate;
      atWork -= 1;
    },
    { concurrency: 4, workspaceRunningMax: 2 },
  );
  const flood = [];
  for (let at = 0; at < 12; at += 1) flood.push(await add());
  const { id } = await add({ workspaceId: other });
  await eventually(async () => (await stateOf(id)) === "DONE");
  go();
  for (const job of flood) await eventually(async () => (await stateOf(job.id)) === "DONE");
  expect(mostAtWork).toBe(2);
});

test("a handler that finishes inside its own transaction leaves no gap between its effect and the job's end", async () => {
  const seen: unknown[] = [];
  await startLoop(async (job, context) => {
    await worker.platform(async (tx) => {
      context.finish(tx);
      seen.push(await stateOf(job.id));
    });
  });
  const { id } = await add();
  await eventually(async () => (await stateOf(id)) === "DONE");
  expect(seen).toEqual(["RUNNING"]);
});

test("a handler that throws is tried again, one that parks is set aside, one that repeats is not blamed", async () => {
  const failures: string[] = [];
  const handler: JobHandler = async (job) => {
    const { how } = job.payload as { how: string };
    if (how === "park") throw new ParkJob("needs a person");
    if (job.attempt > 1) return undefined;
    if (how === "repeat") return { repeatAfterMs: 0 };
    throw new Error("not today");
  };
  await startLoop(handler, {
    onFailure: (_job, error, outcome) => void failures.push(`${(error as Error).message}: ${outcome}`),
  });
  const parked = await add({ payload: { how: "park" } });
  const failing = await add({ payload: { how: "throw" } });
  const repeating = await add({ payload: { how: "repeat" }, attemptsMax: 1 });
  await eventually(async () => (await stateOf(parked.id)) === "PARKED");
  await eventually(async () => (await stateOf(failing.id)) === "DONE");
  await eventually(async () => (await stateOf(repeating.id)) === "DONE");
  expect(failures.sort()).toEqual(["needs a person: parked", "not today: retried"]);
});

test("a lane held without a job outlives its lease, keeps others out, and tells when it is lost", async () => {
  const loop = await startLoop(async () => undefined, { leaseMs: 400, heartbeatMs: 50 });
  const hold = await loop.holdLane(lane);
  if (!hold) throw new Error("the lane is not free");
  const rival = await startLoop(async () => undefined);
  const [before] = await owner.query("select lease_until from lane_leases where venue_account_id = $1", [lane]);
  await eventually(async () => {
    const [now] = await owner.query("select now() > $1 as over from lane_leases", [before?.["lease_until"]]);
    return now?.["over"];
  });
  expect(await rival.holdLane(lane)).toBeNull();
  await worker.workspace(workspaceId, (tx) => assertLane(tx, hold));
  expect(hold.signal.aborted).toBe(false);
  await owner.query("update lane_leases set holder = $1, token = token + 1", [randomUUID()]);
  await eventually(() => hold.signal.aborted);
});

test("stopping lets running work end, takes nothing new, and frees what does not end in time", async () => {
  const gates = new Map<string, () => void>();
  const handler: JobHandler = (job) => new Promise((resolve) => gates.set(job.id, () => resolve(undefined)));
  const loop = await startLoop(handler, { concurrency: 2 });
  const ends = await add();
  const hangs = await add({ lane });
  await eventually(() => gates.size === 2);
  const late = await add();
  const stopped = loop.stop(300);
  gates.get(ends.id)?.();
  await stopped;
  expect([await stateOf(ends.id), await stateOf(hangs.id), await stateOf(late.id)]).toEqual(["DONE", "QUEUED", "QUEUED"]);
  expect(await owner.query("select holder from lane_leases where venue_account_id = $1", [lane])).toEqual([{ holder: null }]);
});

test("no more jobs run at once than the worker was given room for, and all are done", async () => {
  let running = 0;
  let most = 0;
  await startLoop(
    async () => {
      running += 1;
      most = Math.max(most, running);
      await owner.query("select 1");
      running -= 1;
    },
    { concurrency: 3 },
  );
  await worker.platform(async (tx) => {
    for (let at = 0; at < 40; at += 1) enqueue(tx, { kind: "test", workspaceId, priority: 5, payload: {} });
  });
  await eventually(async () => (await owner.query("select 1 from jobs where state <> 'DONE'")).length === 0);
  expect(most).toBe(3);
});
