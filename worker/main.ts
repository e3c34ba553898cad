import { createDatabase } from "#server/data/database.ts";
import { Decimal } from "#server/domain/decimal.ts";
import { VENUE_IDS } from "#server/domain/venue.ts";
import { parseWorkerEnv } from "#server/env.ts";
import { createPusherPublish } from "#server/events/pusher-publish.ts";
import { createCcxtExecutorFactory } from "#server/execution/executors/ccxt/factory.ts";
import { createLog } from "#server/log.ts";
import { createFileOpeningKeys } from "#server/vault/keys/file.ts";
import { paperEndpoints } from "./paper-endpoints.ts";
import { startWorker } from "./start-worker.ts";

/** For one call to a venue. A submit waits for at most two rate budgets, each this long, before its request goes out. */
const VENUE_CALL_MS = 10_000;

const env = parseWorkerEnv(process.env);
const log = createLog({ name: "worker", level: env.NIJA_LOG_LEVEL });
const database = createDatabase({
  url: env.WORKER_DATABASE_URL,
  applicationName: "nija-worker",
  connectionsMax: env.NIJA_DATABASE_CONNECTIONS_MAX,
});
const pusher = createPusherPublish(env);
const worker = await startWorker({
  database,
  // INVARIANT: whatever a submit waits for is over before the settle time is, so that "not found" after it means never placed.
  factory: createCcxtExecutorFactory({
    endpoints: paperEndpoints(env.NIJA_SIM_PORT_BASE),
    timeoutMs: Math.min(VENUE_CALL_MS, Math.floor(env.NIJA_SETTLE_MS / 4)),
  }),
  keys: createFileOpeningKeys(env.NIJA_VAULT_PRIVATE_KEY_FILE),
  log,
  publish: pusher.publish,
  publishQuotes: pusher.publishQuotes,
  feeds: VENUE_IDS.map((venue) => ({ mode: "PAPER", venue })),
  marketFallMax: new Decimal(env.NIJA_MARKET_FALL_PERCENT).dividedBy(100),
  settings: {
    settleMs: env.NIJA_SETTLE_MS,
    bookAgeMsMax: env.NIJA_BOOK_AGE_MS,
    restingTriggers: env.NIJA_RESTING_STOPS,
  },
});

let isStopping = false;
async function stop(): Promise<void> {
  if (isStopping) return;
  isStopping = true;
  try {
    await worker.stop();
    await database.close();
    process.exit(0);
  } catch (error) {
    log.error({ err: error }, "the worker did not stop cleanly");
    process.exit(1);
  }
}
process.on("SIGTERM", () => void stop());
process.on("SIGINT", () => void stop());
