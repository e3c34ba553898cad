import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createDatabase, type Database } from "#server/data/database.ts";
import { claimJobs } from "#server/jobs/claim.ts";
import { enqueue, enqueueNamed } from "#server/jobs/enqueue.ts";
import { enterLane, type LaneEntry, type NextWork } from "#server/jobs/enter-lane.ts";
import { finishJob, type HeldJob } from "#server/jobs/finish.ts";
import { holdLane } from "#server/jobs/hold-lane.ts";
import { type ClaimedJob, LeaseLost } from "#server/jobs/job.ts";
import { createTestDatabase, type TestDatabase } from "#tests/support/database.ts";
import { createVenueAccount, createWorkspace, openOwner } from "#tests/support/fixtures.ts";

let database: TestDatabase;
let owner: Awaited<ReturnType<typeof openOwner>>;
let worker: Database;
let workspaceId: string;
let lane: string;
const me = randomUUID();
const other = randomUUID();
const terms = { leaseMs: 60_000, laneRunningMax: 2 };

beforeAll(async () => {
  database = await createTestDatabase();
  owner = await openOwner(database.ownerUrl);
  worker = createDatabase({ url: database.workerUrl, applicationName: "test-worker", connectionsMax: 4 });
  ({ workspaceId } = await createWorkspace(owner.query));
  lane = (await createVenueAccount(owner.query, workspaceId)).venueAccountId;
});

beforeEach(async () => {
  await owner.query("delete from jobs");
  await owner.query("update lane_leases set holder = null, lease_until = null, paused_until = null");
});

afterAll(async () => {
  await worker?.close();
  await owner?.end();
  await database?.drop();
});

const claim = (workerId: string, kind: string): Promise<ClaimedJob[]> =>
  claimJobs(worker.autocommit, { workerId, kinds: [kind], jobsMax: 10, laneRunningMax: 8, leaseMs: 60_000 });

async function running(): Promise<HeldJob> {
  await worker.platform((tx) => enqueue(tx, { kind: "route", workspaceId, priority: 4, payload: { at: 1 } }));
  const [job] = await claim(me, "route");
  if (job === undefined) throw new Error("nothing to claim");
  return { ...job, workerId: me };
}

const enter = (job: HeldJob, next: Partial<NextWork> = {}): Promise<LaneEntry> =>
  worker.platform((tx) => enterLane(tx, job, { kind: "send", lane, priority: 4, ...next }, terms));

const waiting = (priority: 1 | 4 | 5): Promise<{ id: string }> =>
  worker.platform((tx) => enqueueNamed(tx, { kind: "send", workspaceId, lane, priority, payload: {} }));

const row = async (id: string): Promise<unknown> =>
  (await owner.query("select kind, lane, state, holder from jobs where id = $1", [id]))[0];

test("a running job goes on in a free lane, under the lane's token and its own lease", async () => {
  const job = await running();
  const entry = await enter(job);
  expect(await row(job.id)).toEqual({ kind: "send", lane, state: "RUNNING", holder: me });
  const [lease] = await owner.query("select holder, token from lane_leases where venue_account_id = $1", [lane]);
  expect(lease).toEqual({ holder: me, token: entry.token });
  // The attempt still fences: it ends like any other.
  await finishJob(worker.autocommit, job);
});

test("a lane that this worker has already is shared, without a new token", async () => {
  const held = await holdLane(worker.autocommit, lane, me, 60_000);
  expect((await enter(await running())).token).toBe(held?.token);
});

test("a job waits in the queue of a lane that another worker has, and that worker gets it", async () => {
  await holdLane(worker.autocommit, lane, other, 60_000);
  const job = await running();
  expect((await enter(job)).token).toBeNull();
  expect(await row(job.id)).toEqual({ kind: "send", lane, state: "QUEUED", holder: null });
  expect(await claim(me, "send")).toEqual([]);
  expect(await claim(other, "send")).toMatchObject([{ id: job.id, kind: "send", lane, payload: { at: 1 } }]);
});

test("nobody is overtaken who waits with the same right or a better one; upkeep is", async () => {
  await waiting(5);
  expect((await enter(await running())).token).not.toBeNull();
  await waiting(4);
  expect((await enter(await running())).token).toBeNull();
});

test("a stop-loss that waits goes first", async () => {
  await waiting(1);
  expect((await enter(await running())).token).toBeNull();
});

test("a lane that the venue has paused, or that is full, is not entered", async () => {
  await owner.query("update lane_leases set paused_until = now() + interval '1 hour'");
  expect((await enter(await running())).token).toBeNull();
  await owner.query("delete from jobs");
  await owner.query("update lane_leases set paused_until = null");
  for (let at = 0; at < terms.laneRunningMax; at += 1) expect((await enter(await running())).token).not.toBeNull();
  expect((await enter(await running())).token).toBeNull();
});

test("an attempt that was given up for dead enters nothing", async () => {
  const job = await running();
  await owner.query("update jobs set state = 'QUEUED', holder = null, lease_until = null");
  await expect(enter(job)).rejects.toBeInstanceOf(LeaseLost);
  expect(await owner.query("select holder from lane_leases where venue_account_id = $1", [lane])).toEqual([{ holder: null }]);
});

test("a lane is not taken from a holder whose lease is over but who is writing under it", async () => {
  const held = await holdLane(worker.autocommit, lane, other, 60_000);
  if (held === null) throw new Error("the lane is free");
  const job = await running();
  await worker.platform(async (tx) => {
    // As `assertLane` locks it; then the lease ends while that transaction is still open.
    await tx.query({ name: "test_share", text: "select 1 from lane_leases where venue_account_id = $1 for key share" }, [lane]);
    await owner.query("update lane_leases set lease_until = now() - interval '1 ms' where venue_account_id = $1", [lane]);
    expect((await enter(job)).token).toBeNull();
  });
});
