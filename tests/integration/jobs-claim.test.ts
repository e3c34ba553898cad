import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createDatabase, type Database } from "#server/data/database.ts";
import { statement } from "#server/data/tx.ts";
import { assertLane } from "#server/jobs/assert-lane.ts";
import { claimFreeJobs, type ClaimOptions, claimJobs } from "#server/jobs/claim.ts";
import { enqueueNamed, type NewJob } from "#server/jobs/enqueue.ts";
import { finishJob } from "#server/jobs/finish.ts";
import { heartbeat } from "#server/jobs/heartbeat.ts";
import { holdLane, releaseLane } from "#server/jobs/hold-lane.ts";
import { type ClaimedJob, LaneLost, LeaseLost } from "#server/jobs/job.ts";
import { reapJobs } from "#server/jobs/reap.ts";
import { releaseWorker } from "#server/jobs/release-worker.ts";
import { createTestDatabase, type TestDatabase } from "#tests/support/database.ts";
import { createVenueAccount, createWorkspace, openOwner } from "#tests/support/fixtures.ts";

let database: TestDatabase;
let owner: Awaited<ReturnType<typeof openOwner>>;
let worker: Database;
let workspaceId: string;
let laneA: string;
let laneB: string;

beforeAll(async () => {
  database = await createTestDatabase();
  owner = await openOwner(database.ownerUrl);
  worker = createDatabase({ url: database.workerUrl, applicationName: "test-worker", connectionsMax: 12 });
  ({ workspaceId } = await createWorkspace(owner.query));
  laneA = (await createVenueAccount(owner.query, workspaceId)).venueAccountId;
  laneB = (await createVenueAccount(owner.query, workspaceId)).venueAccountId;
});

afterAll(async () => {
  await worker?.close();
  await owner?.end();
  await database?.drop();
});

beforeEach(async () => {
  await owner.query("delete from jobs");
  await owner.query("update lane_leases set holder = null, lease_until = null, paused_until = null");
});

const add = (changes: Partial<NewJob> = {}): Promise<{ id: string; isNew: boolean }> =>
  worker.platform((tx) => enqueueNamed(tx, { kind: "test", workspaceId, priority: 5, payload: {}, ...changes }));

const claim = (workerId: string, changes: Partial<ClaimOptions> = {}): Promise<ClaimedJob[]> =>
  claimJobs(worker.autocommit, { workerId, kinds: ["test"], jobsMax: 10, leaseMs: 60_000, laneRunningMax: 8, ...changes });

const ids = (jobs: readonly { id: string }[]): string[] => jobs.map((job) => job.id);

/** As if the time of `ms` had passed for every lease. */
const expireLeases = async (): Promise<void> => {
  await owner.query("update jobs set lease_until = now() - interval '1 ms' where state = 'RUNNING'");
  await owner.query("update lane_leases set lease_until = now() - interval '1 ms' where holder is not null");
};

test("whoever has hundreds waiting has its share taken at once, and somebody else's job that came later goes with it", async () => {
  const { workspaceId: other } = await createWorkspace(owner.query);
  await worker.platform(async (tx) => {
    for (let at = 0; at < 30; at += 1) await enqueueNamed(tx, { kind: "test", workspaceId, priority: 4, payload: {} });
  });
  const later = await add({ workspaceId: other, priority: 4 });
  const terms = { workerId: randomUUID(), kinds: ["test"], jobsMax: 8, leaseMs: 60_000, workspaceRunningMax: 3 };
  const first = await claim(terms.workerId, terms);
  expect(first.map((job) => job.workspaceId)).toEqual([workspaceId, workspaceId, workspaceId, other]);
  expect(ids(first)).toContain(later.id);
  // What is full already is passed over, also by the claim that looks at no lane.
  const next = await add({ workspaceId: other, priority: 4 });
  expect(
    ids(await claimFreeJobs(worker.autocommit, { ...terms, atWork: new Map([[workspaceId, terms.workspaceRunningMax]]) })),
  ).toEqual([next.id]);
  expect(await claimFreeJobs(worker.autocommit, terms)).toHaveLength(3);
});

test("every job is claimed once, however many workers claim at the same time", async () => {
  const wanted = await worker.platform(async (tx) => {
    const made: string[] = [];
    for (let at = 0; at < 300; at += 1) {
      const lane = [null, laneA, laneB][at % 3] ?? null;
      made.push((await enqueueNamed(tx, { kind: "test", workspaceId, priority: 5, payload: {}, lane })).id);
    }
    return made;
  });
  const claimed: string[] = [];
  const laneHolders = new Map<string, Set<string>>();
  await Promise.all(
    Array.from({ length: 10 }, async () => {
      const workerId = randomUUID();
      // A claim may find everything in other hands at that moment, so the end is when all are claimed and not an empty answer.
      while (claimed.length < wanted.length) {
        for (const job of await claim(workerId, { jobsMax: 7, laneRunningMax: 1_000 })) {
          claimed.push(job.id);
          if (job.lane !== null) laneHolders.set(job.lane, (laneHolders.get(job.lane) ?? new Set()).add(workerId));
        }
      }
    }),
  );
  expect(claimed.sort()).toEqual(wanted.sort());
  expect([...laneHolders.values()].map((holders) => holders.size)).toEqual([1, 1]);
});

test("a stop-loss overtakes everything, and waiting lifts the rest so that nothing starves", async () => {
  const entry = await add({ priority: 4 });
  const exit = await add({ priority: 2 });
  const aged = await add({ priority: 5, runAt: new Date(Date.now() - 3_600_000) });
  const stop = await add({ priority: 1 });
  const laneStop = await add({ priority: 1, lane: laneA });
  expect(ids(await claim(randomUUID()))).toEqual(ids([stop, laneStop, aged, exit, entry]));
});

test("first come, first served inside a level", async () => {
  const first = await add({ priority: 4 });
  const second = await add({ priority: 4 });
  const third = await add({ priority: 4 });
  expect(ids(await claim(randomUUID(), { jobsMax: 2 }))).toEqual(ids([first, second]));
  expect(ids(await claim(randomUUID(), { jobsMax: 2 }))).toEqual(ids([third]));
});

test("only handled kinds whose time has come are claimed", async () => {
  await add({ kind: "other" });
  await add({ runAt: new Date(Date.now() + 3_600_000) });
  expect(await claim(randomUUID())).toEqual([]);
});

test("jobs of a lane that another live worker holds are left alone, jobs of a free lane are not", async () => {
  const [first, second] = [randomUUID(), randomUUID()];
  const one = await add({ lane: laneA });
  expect(ids(await claim(first))).toEqual([one.id]);
  const two = await add({ lane: laneA });
  const other = await add({ lane: laneB });
  expect(ids(await claim(second))).toEqual([other.id]);
  expect(ids(await claim(first))).toEqual([two.id]);
});

test("no more jobs of one lane run at once than allowed", async () => {
  const workerId = randomUUID();
  for (let at = 0; at < 5; at += 1) await add({ lane: laneA });
  const running = await claim(workerId, { laneRunningMax: 2 });
  expect(running).toHaveLength(2);
  expect(await claim(workerId, { laneRunningMax: 2 })).toEqual([]);
  const [done] = running;
  if (!done) throw new Error("nothing was claimed");
  await finishJob(worker.autocommit, { ...done, workerId });
  expect(await claim(workerId, { laneRunningMax: 2 })).toHaveLength(1);
});

test("a lane that the venue has paused waits, other lanes go on", async () => {
  await add({ lane: laneA });
  const other = await add({ lane: laneB });
  await owner.query("update lane_leases set paused_until = now() + interval '1 hour' where venue_account_id = $1", [laneA]);
  expect(ids(await claim(randomUUID()))).toEqual([other.id]);
});

test("work of a worker that died is taken over, and the dead one can neither finish nor write for the lane", async () => {
  const [dead, heir] = [randomUUID(), randomUUID()];
  await add({ lane: laneA });
  const [before] = await claim(dead);
  if (!before?.laneToken) throw new Error("nothing was claimed");
  await worker.workspace(workspaceId, (tx) =>
    assertLane(tx, { venueAccountId: laneA, workerId: dead, token: before.laneToken ?? "" }),
  );
  await expireLeases();
  expect(ids(await reapJobs(worker.autocommit))).toEqual([before.id]);
  const [after] = await claim(heir);
  expect(after).toMatchObject({ id: before.id, attempt: before.attempt + 1 });
  expect(BigInt(after?.laneToken ?? 0)).toBe(BigInt(before.laneToken) + 1n);
  await expect(finishJob(worker.autocommit, { ...before, workerId: dead })).rejects.toBeInstanceOf(LeaseLost);
  await expect(
    worker.workspace(workspaceId, (tx) =>
      assertLane(tx, { venueAccountId: laneA, workerId: dead, token: before.laneToken ?? "" }),
    ),
  ).rejects.toBeInstanceOf(LaneLost);
  const { lost } = await heartbeat(worker.autocommit, {
    workerId: dead,
    leaseMs: 60_000,
    jobs: [before],
    lanes: [{ venueAccountId: laneA, token: before.laneToken }],
  });
  expect(lost).toEqual({ jobIds: new Set([before.id]), venueAccountIds: new Set([laneA]) });
});

test("an expired lane cannot be written for, even before anybody else has taken it", async () => {
  const workerId = randomUUID();
  const lane = await holdLane(worker.autocommit, laneA, workerId, 60_000);
  if (!lane) throw new Error("the lane is not free");
  await expireLeases();
  await expect(worker.workspace(workspaceId, (tx) => assertLane(tx, lane))).rejects.toBeInstanceOf(LaneLost);
});

test("a lane cannot change hands while a transaction that asserted it is open, and its lease can be renewed meanwhile", async () => {
  const [writer, rival] = [randomUUID(), randomUUID()];
  const lane = await holdLane(worker.autocommit, laneA, writer, 60_000);
  if (!lane) throw new Error("the lane is not free");
  await add({ lane: laneA });
  await worker.workspace(workspaceId, async (tx) => {
    await assertLane(tx, lane);
    await heartbeat(worker.autocommit, { workerId: writer, leaseMs: 1, jobs: [], lanes: [lane] });
    await owner.query("select pg_sleep(0.01)");
    expect(await claim(rival)).toEqual([]);
    expect(await holdLane(worker.autocommit, laneA, rival, 60_000)).toBeNull();
  });
  expect(await claim(rival)).toHaveLength(1);
});

test("a heartbeat waits for no transaction: what one has locked is neither renewed nor lost", async () => {
  const workerId = randomUUID();
  const { id } = await add({});
  const [job] = await claim(workerId);
  if (!job) throw new Error("nothing was claimed");
  const lock = statement("test_lock_job", "select id from jobs where id = $1 for update");
  await worker.platform(async (tx) => {
    await tx.query(lock, [id]);
    const beat = await heartbeat(worker.autocommit, { workerId, leaseMs: 60_000, jobs: [job], lanes: [] });
    expect([beat.renewed.jobIds, beat.lost.jobIds]).toEqual([new Set(), new Set()]);
  });
  const next = await heartbeat(worker.autocommit, { workerId, leaseMs: 60_000, jobs: [job], lanes: [] });
  expect([next.renewed.jobIds, next.lost.jobIds]).toEqual([new Set([id]), new Set()]);
});

test("a heartbeat keeps jobs and lanes, and a released lane is free at once", async () => {
  const [workerId, other] = [randomUUID(), randomUUID()];
  const lane = await holdLane(worker.autocommit, laneA, workerId, 60_000);
  if (!lane) throw new Error("the lane is not free");
  const { renewed, lost } = await heartbeat(worker.autocommit, { workerId, leaseMs: 60_000, jobs: [], lanes: [lane] });
  expect(lost).toEqual({ jobIds: new Set(), venueAccountIds: new Set() });
  expect(renewed.venueAccountIds).toEqual(new Set([laneA]));
  expect(await holdLane(worker.autocommit, laneA, other, 60_000)).toBeNull();
  expect(await releaseLane(worker.autocommit, lane)).toBe(true);
  expect(await releaseLane(worker.autocommit, lane)).toBe(false);
  expect(await holdLane(worker.autocommit, laneA, other, 60_000)).not.toBeNull();
});

test("an orderly shutdown frees jobs and lanes at once, and costs no attempt", async () => {
  const [leaving, heir] = [randomUUID(), randomUUID()];
  await add({ lane: laneA, attemptsMax: 1 });
  await claim(leaving);
  expect(await releaseWorker(worker.autocommit, leaving)).toEqual({ jobs: 1, lanes: 1 });
  expect(await claim(heir)).toMatchObject([{ lane: laneA, attempt: 2, attemptsMax: 2 }]);
});
