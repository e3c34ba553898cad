import { v7 as uuidv7 } from "uuid";
import { type Clock, systemClock } from "#server/clock.ts";
import type { Database } from "#server/data/database.ts";
import type { Decimal } from "#server/domain/decimal.ts";
import { DEFAULT_SETTINGS, type ExecutionContext, type ExecutionSettings } from "#server/execution/context.ts";
import { createExecutorPool } from "#server/execution/executor-pool.ts";
import type { ExecutorFactory } from "#server/execution/executors/executor.ts";
import { createMarketViews } from "#server/execution/market-views.ts";
import type { Quote } from "#server/execution/market-data/market-feed.ts";
import { createPublisher, type Publish } from "#server/events/publish.ts";
import { defineSchedules } from "#server/jobs/schedules.ts";
import { createWorkerLoop } from "#server/jobs/worker-loop.ts";
import type { Log } from "#server/log.ts";
import { createCredentialCache } from "#server/vault/credential-cache.ts";
import type { OpeningKeys } from "#server/vault/keys/file.ts";
import { openCredential } from "#server/vault/open.ts";
import { waitingAway } from "./waiting-away.ts";
import { createHandlers } from "./handlers/handlers.ts";
import { type FeedPlan, startMarketFeeds } from "./market-feeds.ts";
import { reconcileOnStart } from "./reconcile-on-start.ts";
import { startOrderStreams } from "./order-streams.ts";

export interface WorkerParts {
  /** Of the role nija_worker. */
  readonly database: Database;
  readonly factory: ExecutorFactory;
  readonly keys: OpeningKeys;
  readonly log: Log;
  readonly publish: Publish;
  readonly publishQuotes: (quotes: readonly Quote[]) => Promise<void>;
  /** Whose books this worker may keep; one worker at a time does per venue and mode. */
  readonly feeds: readonly FeedPlan[];
  readonly clock?: Clock;
  /** How far a market may fall below its day's first price before it is not bought any more; a fraction. */
  readonly marketFallMax?: Decimal;
  readonly settings?: Partial<ExecutionSettings>;
  readonly concurrency?: number;
  readonly leaseMs?: number;
}

export interface RunningWorker {
  readonly workerId: string;
  readonly context: ExecutionContext;
  /** Takes nothing new, lets what runs finish, gives every lease back. */
  stop(): Promise<void>;
}

/** Orders of one workspace wait for each other's lock anyway: more of them at once would only take places and connections from others. */
const WORKSPACE_RUNNING_MAX = 8;

/** However few places a worker has, one workspace has no more than a quarter of them. */
function workspaceShare(places: number): number {
  return Math.max(1, Math.min(WORKSPACE_RUNNING_MAX, Math.floor(places / 4)));
}

const SCHEDULES = [
  { name: "platform.sweep", cron: "* * * * *", jobKind: "platform.sweep" },
  { name: "platform.prune", cron: "17 3 * * *", jobKind: "platform.prune" },
] as const;

/** Brings one worker up: jobs, market data, order streams, event publisher. Any number may run on one database. */
export async function startWorker(parts: WorkerParts): Promise<RunningWorker> {
  const { database, log } = parts;
  const workerId = uuidv7();
  const cache = createCredentialCache();
  const executors = createExecutorPool({
    database,
    factory: waitingAway(parts.factory),
    openCredential: (account) => openCredential({ database, keys: parts.keys, cache, workerId }, account),
    forgetCredential: (venueAccountId) => cache.drop(venueAccountId),
  });
  const context: ExecutionContext = {
    database,
    clock: parts.clock ?? systemClock,
    log,
    workerId,
    executors,
    markets: createMarketViews(database),
    settings: { ...DEFAULT_SETTINGS, ...parts.settings },
  };
  const onError = (error: unknown): void => log.warn({ err: error }, "the database did not answer as expected");
  const loop = createWorkerLoop({
    database,
    workerId,
    handlers: createHandlers(context),
    workspaceRunningMax: parts.concurrency === undefined ? WORKSPACE_RUNNING_MAX : workspaceShare(parts.concurrency),
    ...(parts.concurrency === undefined ? {} : { concurrency: parts.concurrency }),
    ...(parts.leaseMs === undefined ? {} : { leaseMs: parts.leaseMs }),
    onFailure: (job, error, outcome) => {
      log.warn({ jobId: job.id, kind: job.kind, attempt: job.attempt, outcome, err: error }, "a job failed");
    },
    onError,
  });
  const publisher = createPublisher({ database, publish: parts.publish, onError });

  await database.platform((tx) => defineSchedules(tx, SCHEDULES));
  await publisher.start();
  await loop.start();
  const feeds = startMarketFeeds({ ...parts, workerId });
  const streams = startOrderStreams({ context, holdLane: (venueAccountId) => loop.holdLane(venueAccountId) });
  const comparing = reconcileOnStart(context);
  log.info({ workerId }, "worker started");

  return {
    workerId,
    context,
    async stop() {
      await comparing.stop();
      await streams.stop();
      await feeds.stop();
      await loop.stop();
      await publisher.stop();
      await executors.close();
      cache.clear();
      log.info({ workerId }, "worker stopped");
    },
  };
}
