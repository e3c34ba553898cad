import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { createDatabase, type Database } from "#server/data/database.ts";
import { enqueue, enqueueNamed } from "#server/jobs/enqueue.ts";
import { createWorkerLoop } from "#server/jobs/worker-loop.ts";
import { cloneTemplate } from "#tests/support/clone-template.ts";
import { createVenueAccount, createWorkspace, openOwner } from "#tests/support/fixtures.ts";
import { startTestServer } from "#tests/support/postgres-server.ts";
import { type BenchOptions, type BenchResult, percentile } from "./report.ts";

const ARRIVALS_PER_SECOND = 100;
const SAMPLES_MIN = 1_000;
const WARM_UP = 200;
const LANES = 20;
const DRAIN_JOBS = 10_000;

/**
 * Latency: transactions that enqueue one job each arrive open-loop, over jobs with and without a lane; counted from the answer to COMMIT
 * until the handler runs (a claim that is faster than that answer counts as zero), and besides from before COMMIT is sent. Throughput: one worker empties a full queue of jobs that do nothing.
 */
export async function measureJobs({ seconds }: BenchOptions): Promise<BenchResult> {
  const server = await startTestServer({ durable: true });
  try {
    const copy = await cloneTemplate(server);
    const web = createDatabase({ url: copy.webUrl, applicationName: "bench-web", connectionsMax: 10 });
    const worker = createDatabase({ url: copy.workerUrl, applicationName: "bench-worker", connectionsMax: 24 });
    const owner = await openOwner(copy.ownerUrl);
    const { workspaceId } = await createWorkspace(owner.query);
    const lanes: (string | null)[] = [null];
    for (let at = 0; at < LANES; at += 1) lanes.push((await createVenueAccount(owner.query, workspaceId)).venueAccountId);
    const { afterCommitMs, beforeCommitMs } = await measureLatency(web, worker, workspaceId, lanes, seconds);
    const jobsPerSecond = await measureDrain(worker, workspaceId, lanes);
    await Promise.all([web.close(), worker.close(), owner.end()]);
    return {
      name: "jobs",
      postgres: server.postgres.version,
      figures: {
        commitToClaimMsP50: percentile(afterCommitMs, 0.5),
        commitToClaimMsP95: percentile(afterCommitMs, 0.95),
        commitToClaimMsP99: percentile(afterCommitMs, 0.99),
        commitAndClaimMsP50: percentile(beforeCommitMs, 0.5),
        commitAndClaimMsP99: percentile(beforeCommitMs, 0.99),
        jobsPerSecond: Math.round(jobsPerSecond),
      },
      notes: [
        `${afterCommitMs.length} arrivals at ${ARRIVALS_PER_SECOND}/s, open loop, over ${LANES} lanes and none`,
        "commitAndClaim counts the durable commit too",
        `${DRAIN_JOBS} empty jobs, one worker, claim and finish each durable (fsync on)`,
        "web, worker and database share the machine",
      ],
    };
  } finally {
    await server.stop();
  }
}

async function measureLatency(
  web: Database,
  worker: Database,
  workspaceId: string,
  lanes: readonly (string | null)[],
  seconds: number,
): Promise<{ afterCommitMs: number[]; beforeCommitMs: number[] }> {
  const commits = new Map<string, { at: number; begunMs: number; endedMs: number }>();
  const claimedMs = new Map<string, number>();
  const loop = createWorkerLoop({
    database: worker,
    workerId: randomUUID(),
    handlers: {
      bench: async (job) => {
        claimedMs.set(job.id, performance.now());
      },
    },
  });
  await loop.start();
  const total = WARM_UP + Math.max(SAMPLES_MIN, Math.round(seconds * ARRIVALS_PER_SECOND));
  const startedAtMs = performance.now();
  const arrivals: Promise<void>[] = [];
  for (let at = 0; at < total; at += 1) {
    const waitMs = startedAtMs + (at * 1_000) / ARRIVALS_PER_SECOND - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    const lane = lanes[at % lanes.length] ?? null;
    arrivals.push(
      web
        .workspace(workspaceId, async (tx) => {
          const { id } = await enqueueNamed(tx, { kind: "bench", workspaceId, lane, priority: 4, payload: { at } });
          return { id, begunMs: performance.now() };
        })
        .then(({ id, begunMs }) => void commits.set(id, { at, begunMs, endedMs: performance.now() })),
    );
  }
  await Promise.all(arrivals);
  while (claimedMs.size < total) await sleep(10);
  await loop.stop();
  const measured = [...commits].filter(([, commit]) => commit.at >= WARM_UP);
  const since = (id: string, startMs: number): number => Math.max(0, (claimedMs.get(id) ?? Number.NaN) - startMs);
  return {
    afterCommitMs: measured.map(([id, commit]) => since(id, commit.endedMs)),
    beforeCommitMs: measured.map(([id, commit]) => since(id, commit.begunMs)),
  };
}

async function measureDrain(worker: Database, workspaceId: string, lanes: readonly (string | null)[]): Promise<number> {
  await worker.platform(async (tx) => {
    for (let at = 0; at < DRAIN_JOBS; at += 1) {
      enqueue(tx, { kind: "drain", workspaceId, lane: lanes[at % lanes.length] ?? null, priority: 4, payload: {} });
    }
  });
  let done = 0;
  const loop = createWorkerLoop({
    database: worker,
    workerId: randomUUID(),
    concurrency: 128,
    handlers: { drain: async () => void (done += 1) },
  });
  const startedAtMs = performance.now();
  await loop.start();
  while (done < DRAIN_JOBS) await sleep(2);
  await loop.stop();
  return (DRAIN_JOBS * 1_000) / (performance.now() - startedAtMs);
}
