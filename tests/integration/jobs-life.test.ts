import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createDatabase, type Database } from "#server/data/database.ts";
import { claimJobs } from "#server/jobs/claim.ts";
import { enqueue, enqueueNamed, type NewJob } from "#server/jobs/enqueue.ts";
import { backOffMs, finishJob, parkJob, repeatJob, retryJob } from "#server/jobs/finish.ts";
import { ATTEMPTS_UNLIMITED, type ClaimedJob, LeaseLost } from "#server/jobs/job.ts";
import { releaseLease, renewLease, takeLease } from "#server/jobs/leases.ts";
import { reapJobs } from "#server/jobs/reap.ts";
import { deleteDoneJobs } from "#server/jobs/retention.ts";
import { defineSchedules, fireDueSchedules } from "#server/jobs/schedules.ts";
import { createTestDatabase, type TestDatabase } from "#tests/support/database.ts";
import { createWorkspace, openOwner } from "#tests/support/fixtures.ts";

let database: TestDatabase;
let owner: Awaited<ReturnType<typeof openOwner>>;
let worker: Database;
let workspaceId: string;
const workerId = randomUUID();

beforeAll(async () => {
  database = await createTestDatabase();
  owner = await openOwner(database.ownerUrl);
  worker = createDatabase({ url: database.workerUrl, applicationName: "test-worker", connectionsMax: 8 });
  ({ workspaceId } = await createWorkspace(owner.query));
});

afterAll(async () => {
  await worker?.close();
  await owner?.end();
  await database?.drop();
});

beforeEach(async () => {
  await owner.query("delete from jobs");
  await owner.query("delete from schedules");
});

const add = (changes: Partial<NewJob> = {}): Promise<{ id: string; isNew: boolean }> =>
  worker.platform((tx) => enqueueNamed(tx, { kind: "test", workspaceId, priority: 5, payload: {}, ...changes }));

const claim = (): Promise<ClaimedJob[]> =>
  claimJobs(worker.autocommit, { workerId, kinds: ["test"], jobsMax: 10, leaseMs: 60_000, laneRunningMax: 8 });

async function claimOne(): Promise<ClaimedJob & { workerId: string }> {
  const [job] = await claim();
  if (!job) throw new Error("nothing to claim");
  return { ...job, workerId };
}

const row = async (id: string): Promise<Record<string, unknown>> =>
  (await owner.query("select * from jobs where id = $1", [id]))[0] ?? {};

test("a job enqueued in a transaction that rolls back does not exist", async () => {
  const refusal = new Error("changed my mind");
  const work = worker.platform(async (tx) => {
    enqueue(tx, { kind: "test", workspaceId, priority: 5, payload: {} });
    throw refusal;
  });
  await expect(work).rejects.toBe(refusal);
  expect(await claim()).toEqual([]);
});

test("the same key while a job waits answers that job, once it runs a new one, and in another workspace always a new one", async () => {
  const other = await createWorkspace(owner.query);
  const first = await add({ dedupeKey: "reconcile" });
  expect(await add({ dedupeKey: "reconcile" })).toEqual({ id: first.id, isNew: false });
  expect((await add({ dedupeKey: "reconcile", workspaceId: other.workspaceId })).isNew).toBe(true);
  await owner.query("delete from jobs where workspace_id = $1", [other.workspaceId]);
  const job = await claimOne();
  const second = await add({ dedupeKey: "reconcile" });
  expect(second.isNew).toBe(true);
  // A failed first one goes back beside the second, without its key: both run, and neither stands in the other's way.
  expect(await retryJob(worker.autocommit, job, "venue said 503")).toBe("retried");
  expect(await add({ dedupeKey: "reconcile" })).toEqual({ id: second.id, isNew: false });
});

test("many who ask for the same key at once get one job", async () => {
  const answers = await Promise.all(Array.from({ length: 8 }, () => add({ dedupeKey: "once" })));
  expect(new Set(answers.map((answer) => answer.id)).size).toBe(1);
  expect(answers.filter((answer) => answer.isNew)).toHaveLength(1);
});

test("a failed attempt comes back after its back-off and parks when the attempts are used up", async () => {
  const { id } = await add({ attemptsMax: 2 });
  expect(await retryJob(worker.autocommit, await claimOne(), "venue said 503")).toBe("retried");
  expect(await row(id)).toMatchObject({ state: "QUEUED", attempt: 1, last_error: "venue said 503", holder: null });
  expect(await claim()).toEqual([]);
  await owner.query("update jobs set run_at = now()");
  expect(await retryJob(worker.autocommit, await claimOne(), "again")).toBe("parked");
  expect(await row(id)).toMatchObject({ state: "PARKED", attempt: 2, last_error: "again" });
  expect(await claim()).toEqual([]);
});

test("the back-off doubles up to its ceiling and stays in the upper half of each step", () => {
  for (let attempt = 1; attempt <= 40; attempt += 1) {
    const ceiling = Math.min(500 * 2 ** (attempt - 1), 300_000);
    const delay = backOffMs(attempt);
    expect(delay).toBeGreaterThanOrEqual(ceiling / 2);
    expect(delay).toBeLessThanOrEqual(ceiling);
  }
});

test("a repeated job uses up no attempt", async () => {
  const { id } = await add({ attemptsMax: 1 });
  await repeatJob(worker.autocommit, await claimOne(), 0);
  expect(await row(id)).toMatchObject({ state: "QUEUED", attempt: 1, attempts_max: 2 });
});

test("an attempt that is over can do nothing any more", async () => {
  await add();
  const stale = await claimOne();
  await owner.query("update jobs set lease_until = now() - interval '1 ms'");
  await reapJobs(worker.autocommit);
  // The very same worker has it again: only the attempt tells the two apart.
  const current = await claimOne();
  for (const change of [
    () => finishJob(worker.autocommit, stale),
    () => parkJob(worker.autocommit, stale, "late"),
    () => retryJob(worker.autocommit, stale, "late"),
    () => repeatJob(worker.autocommit, stale, 0),
  ]) {
    await expect(change()).rejects.toBeInstanceOf(LeaseLost);
  }
  await finishJob(worker.autocommit, current);
});

test("a job whose worker always dies parks after its attempts, one that must never be lost does not", async () => {
  const fragile = await add({ attemptsMax: 1 });
  const order = await add({ attemptsMax: ATTEMPTS_UNLIMITED });
  await claim();
  await owner.query("update jobs set lease_until = now() - interval '1 ms'");
  await reapJobs(worker.autocommit);
  expect(await row(fragile.id)).toMatchObject({ state: "PARKED" });
  expect(await row(order.id)).toMatchObject({ state: "QUEUED" });
});

test("finished jobs are deleted after their time, others never", async () => {
  const done = await add();
  await finishJob(worker.autocommit, await claimOne());
  const waiting = await add();
  expect(await deleteDoneJobs(worker.autocommit, 60_000)).toBe(0);
  await owner.query(
    "update jobs set finished_at = now() - interval '2 minutes', created_at = now() - interval '1 year' where id = any ($1)",
    [[done.id]],
  );
  expect(await deleteDoneJobs(worker.autocommit, 60_000)).toBe(1);
  expect(await row(waiting.id)).toMatchObject({ state: "QUEUED" });
});

test("a due schedule fires once with many workers, missed instants fire together, and a restart moves nothing", async () => {
  const definition = { name: "reconcile", cron: "*/5 * * * *", jobKind: "test", payload: { depth: "full" } };
  await worker.platform((tx) => defineSchedules(tx, [definition]));
  expect(await fireDueSchedules(worker)).toEqual([]);
  await owner.query("update schedules set next_run_at = date_trunc('hour', now()) - interval '1 hour'");
  await worker.platform((tx) => defineSchedules(tx, [definition]));
  const fired = await Promise.all(Array.from({ length: 6 }, () => fireDueSchedules(worker)));
  expect(fired.flat()).toEqual(["reconcile"]);
  const jobs = await claim();
  expect(jobs).toHaveLength(1);
  expect(jobs[0]?.payload).toMatchObject({ depth: "full", scheduledFor: expect.stringMatching(/:00:00\.000Z$/) });
  const [next] = await owner.query(
    "select next_run_at > now() and next_run_at <= now() + interval '5 minutes' as ok from schedules",
  );
  expect(next).toEqual({ ok: true });
});

test("a named lease has one holder, passes on when it ends, and its token only rises", async () => {
  const [first, second] = [randomUUID(), randomUUID()];
  const held = await takeLease(worker.autocommit, "market:binance", first, 60_000);
  if (!held) throw new Error("the lease is not free");
  expect(await takeLease(worker.autocommit, "market:binance", second, 60_000)).toBeNull();
  expect(await takeLease(worker.autocommit, "market:binance", first, 60_000)).toEqual(held);
  expect(await renewLease(worker.autocommit, held, 60_000)).toBe(true);
  expect(await releaseLease(worker.autocommit, held)).toBe(true);
  const heir = await takeLease(worker.autocommit, "market:binance", second, 60_000);
  expect(heir?.token).toBe(String(BigInt(held.token) + 1n));
  expect(await renewLease(worker.autocommit, held, 60_000)).toBe(false);
  expect(await releaseLease(worker.autocommit, held)).toBe(false);
});
