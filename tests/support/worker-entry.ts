import { createDatabase } from "#server/data/database.ts";
import type { ExecutionSettings } from "#server/execution/context.ts";
import { type CcxtExecutorOptions, createCcxtExecutorFactory } from "#server/execution/executors/ccxt/factory.ts";
import type { VenueEndpoints } from "#server/execution/executors/executor.ts";
import { createLog } from "#server/log.ts";
import { createFileOpeningKeys } from "#server/vault/keys/file.ts";
import { startWorker } from "#worker/start-worker.ts";

/** What the test tells a worker process that has come up. */
export interface WorkerOrders {
  readonly databaseUrl: string;
  readonly privateKeyFile: string;
  readonly endpoints: VenueEndpoints;
  readonly budgets: NonNullable<CcxtExecutorOptions["budgets"]>;
  readonly settings: Partial<ExecutionSettings>;
  readonly leaseMs: number;
  /** Dies here; empty for a worker that lives until it is killed. */
  readonly crashPoint: string;
}

async function run(orders: WorkerOrders): Promise<void> {
  // As an operator would set it, only later: the process was started before it was known where it is to die.
  process.env["NIJA_CRASH_POINT"] = orders.crashPoint;
  await startWorker({
    database: createDatabase({ url: orders.databaseUrl, applicationName: "test-worker-process", connectionsMax: 8 }),
    factory: createCcxtExecutorFactory({ endpoints: orders.endpoints, timeoutMs: 4_000, budgets: orders.budgets }),
    keys: createFileOpeningKeys(orders.privateKeyFile),
    log: createLog({ name: "worker-process", level: process.env["NIJA_TEST_LOG"] ?? "silent" }),
    publish: async () => undefined,
    publishQuotes: async () => undefined,
    feeds: [],
    concurrency: 4,
    settings: orders.settings,
    leaseMs: orders.leaseMs,
  });
  process.send?.("running");
}

// A test that was killed takes its workers with it.
process.on("disconnect", () => process.exit(1));
process.once("message", (orders: WorkerOrders) => {
  run(orders).catch((error: unknown) => {
    process.stderr.write(`${String(error instanceof Error ? error.stack : error)}\n`);
    process.exit(1);
  });
});
process.send?.("ready");
